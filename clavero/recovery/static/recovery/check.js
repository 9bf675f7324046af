// The human check where script runs: a worker reckons, and *Validar* need not wait. Where the worker fails or is slow, the
// page's own wait goes on as without script: whichever is over first. No third party, nothing stored, nothing counted.
(() => {
  "use strict";
  const place = document.querySelector("[data-work]");
  if (!place) return;
  const form = place.closest("form");
  const line = place.querySelector("p");
  const waiting = [...line.childNodes];
  const words = place.dataset;
  const status = document.createElement("p");
  status.className = "govuk-visually-hidden";
  status.setAttribute("role", "status");
  place.append(status);
  words.busy = "yes";
  // The sentence grows shorter while it is read: the button must not move under the finger that presses it.
  line.style.minHeight = `${line.offsetHeight}px`;
  let ready = false;
  let pressed = false;

  const finish = () => {
    if (ready) return;
    ready = true;
    delete words.busy;
    line.textContent = words.done;
    status.textContent = words.done;
    if (pressed) form.requestSubmit();
  };
  const fail = () => { if (!ready) line.replaceChildren(...waiting); };
  setTimeout(finish, Number(words.wait) * 1000 + 500);

  form.addEventListener("submit", (event) => {
    if (ready) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed = true;
    status.textContent = words.soon;
  }, { capture: true });

  try {
    const worker = new Worker(words.worker);
    worker.addEventListener("error", fail);
    worker.addEventListener("messageerror", fail);
    worker.addEventListener("message", ({ data }) => {
      if (ready) return;
      if (!data.answer) {
        line.textContent = words.reckons.replace("{n}", Math.round(data.part * 100));
        return;
      }
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "altcha";
      field.value = data.answer;
      form.append(field);
      finish();
    });
    worker.postMessage(JSON.parse(words.work));
  } catch {
    fail();
  }
})();

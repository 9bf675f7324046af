// Saves a step where it runs; every page works without it (DESIGN §1, 9). No dependency, no storage, no third party.
(() => {
  "use strict";

  // --- show or hide a key: without script the same link opens the page with the field open
  for (const toggle of document.querySelectorAll("[data-toggle-key]")) {
    const field = toggle.parentElement.querySelector("input");
    const words = toggle.dataset;
    toggle.setAttribute("role", "button");
    const show = (shown) => {
      field.type = shown ? "text" : "password";
      toggle.textContent = shown ? words.hide : words.show;
      toggle.setAttribute("aria-label", shown ? words.hideLabel : words.showLabel);
    };
    const turn = (event) => {
      event.preventDefault();
      show(field.type === "password");
    };
    toggle.addEventListener("click", turn);
    toggle.addEventListener("keydown", (event) => { if (event.key === " ") turn(event); });
    // Sent hidden, so that no browser keeps the text of a visible field.
    field.form.addEventListener("submit", () => { field.type = "password"; });
  }

  // --- how strong a key is while it is typed: advice, never a gate. The same reckoning as core.key_policy.strength
  const rows = ["qwertyuiop", "asdfghjklñ", "asdfghjkl", "zxcvbnm", "1234567890", "0123456789", "abcdefghijklmnopqrstuvwxyz"];
  const backwards = (text) => [...text].reverse().join("");
  const runs = rows.map((row) => row.repeat(3) + backwards(row).repeat(3)).join("");
  const repeats = (plain) => new Set(plain).size < 4 || [1, 2, 3, 4].some((n) => plain.slice(n) === plain.slice(0, -n));
  const isSequence = (plain) => {
    const steps = [...plain].slice(1).filter((letter, n) => runs.includes(plain[n] + letter)).length;
    return plain.length > 3 && steps >= plain.length - 1 - Math.floor(plain.length / 8);
  };
  const strength = (key) => {
    const length = [...key.normalize("NFC")].length;
    const plain = key.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
    if (length < 8 || repeats(plain) || isSequence(plain)) return 0;
    return (length >= 12) + (length >= 15) + (length >= 20) + (new Set(plain).size >= 8);
  };
  for (const meter of document.querySelectorAll("[data-strength]")) {
    const { strength: name, words, many, one } = meter.dataset;
    const field = document.getElementById(name);
    const said = meter.querySelector("[role=status]");
    let timer = 0;
    field.addEventListener("input", () => {
      const length = [...field.value.normalize("NFC")].length;
      const level = strength(field.value);
      meter.hidden = length === 0;
      meter.querySelectorAll("i").forEach((bar, n) => bar.classList.toggle("is-on", n < level));
      clearTimeout(timer);
      timer = setTimeout(() => {
        const counted = length === 1 ? one : many.replace("{n}", length);
        said.textContent = `${counted}: ${words.split("|")[level]}`;
      }, 300);
    });
  }

  // --- a submitting button keeps its words; after one second a status line says so (DESIGN §8)
  const language = document.documentElement.lang.startsWith("en") ? "en" : "es";
  const sending = { es: "Enviando…", en: "Sending…" }[language];
  for (const form of document.querySelectorAll("form[method=post]")) {
    const status = document.createElement("p");
    status.className = "cl-status";
    status.setAttribute("role", "status");
    form.append(status);
    let timer = 0;
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      timer = setTimeout(() => { status.textContent = sending; }, 1000);
    });
    addEventListener("pageshow", () => { clearTimeout(timer); status.textContent = ""; });
  }

  // --- a button that prints: only where script runs
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => { print(); });
  }

  // --- is everything ready: what only the browser itself can say of its connection, its clock and its cookies
  for (const place of document.querySelectorAll("[data-ready]")) {
    const [page] = performance.getEntriesByType("navigation");
    const came = page ? page.responseStart : performance.now();
    const say = (name, code) => {
      const line = place.querySelector(`[data-${name}]`);
      if (code) line.textContent = line.dataset[code];
    };
    const apart = Math.abs((performance.timeOrigin + came) / 1000 - Number(place.querySelector("[data-clock]").dataset.clock));
    say("clock", apart > 120 ? "wrong" : "right");
    say("connection", page && page.responseEnd - page.requestStart > 5000 ? "slow" : "");
    say("cookies", navigator.cookieEnabled ? "" : "none");
  }

  // --- minutes left: refreshed silently, announced once at five
  const started = performance.now();
  const left = (element, name) => Number(element.dataset[name]) - (performance.now() - started) / 1000;
  const sentence = (element, seconds) => {
    const minutes = Math.round(seconds / 60);
    if (seconds <= 0) return element.dataset.none;
    return minutes <= 1 ? element.dataset.one : element.dataset.many.replace("{n}", minutes);
  };
  const announce = (text) => {
    const line = document.createElement("div");
    line.className = "govuk-visually-hidden";
    line.setAttribute("role", "status");
    document.body.append(line);
    setTimeout(() => { line.textContent = text; }, 100);
  };
  for (const clock of document.querySelectorAll("[data-seconds]")) {
    clock.setAttribute("aria-live", "off");
    let announced = left(clock, "seconds") <= 300;
    const tick = () => {
      const seconds = left(clock, "seconds");
      clock.textContent = sentence(clock, seconds);
      if (!announced && seconds <= 300) {
        announced = true;
        announce(clock.textContent);
      }
      if (seconds <= 0) clearInterval(timer);
    };
    const timer = setInterval(tick, 15000);
  }

  // --- the session ends: a part of the page five minutes before, with a way to stay
  for (const notice of document.querySelectorAll("[data-session-seconds]")) {
    let began = performance.now();
    const whole = Number(notice.dataset.sessionSeconds);
    setInterval(() => {
      notice.hidden = whole - (performance.now() - began) / 1000 > 300;
    }, 15000);
    notice.querySelector("[data-extend]").addEventListener("click", async () => {
      const answer = await fetch(location.href, { method: "HEAD", redirect: "error" }).catch(() => null);
      if (!answer || !answer.ok) return;
      began = performance.now();
      notice.hidden = true;
      const hour = answer.headers.get("Locks-At");
      for (const place of hour ? document.querySelectorAll("[data-locks-at]") : []) place.textContent = hour;
    });
  }

  // --- errors first: the summary takes the focus, its links go to the field
  const summary = document.querySelector(".govuk-error-summary");
  if (summary) {
    summary.tabIndex = -1;
    summary.focus();
    summary.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      const field = link && document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      (field.closest(".govuk-form-group") || field).scrollIntoView();
      field.focus({ preventScroll: true });
    });
  }
})();

// Asks the browser for a passkey when a form that needs one is sent. Without script there are no passkeys;
// where they are one choice of several, it is shown only to a browser that has them.
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const readable = (options) => {
    const read = { ...options, challenge: bytes(options.challenge) };
    if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) read.excludeCredentials = known(options.excludeCredentials);
    if (options.allowCredentials) read.allowCredentials = known(options.allowCredentials);
    return read;
  };

  const written = (made) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = text(made.response[name]);
    }
    return JSON.stringify({
      id: made.id, rawId: text(made.rawId), type: made.type, response,
      clientExtensionResults: made.getClientExtensionResults(),
    });
  };

  for (const wanted of document.querySelectorAll("[data-passkey]")) {
    const form = wanted.closest("form");
    const field = form.querySelector("input[name=credential]");
    const code = form.querySelector("input[name=code]");
    const status = form.querySelector("[data-passkey-status]");
    const offer = wanted.closest("[data-passkey-offer]");
    if (offer && window.PublicKeyCredential) offer.hidden = false;
    let asking = false, sent = false;
    addEventListener("pageshow", () => { field.value = ""; sent = false; });
    form.addEventListener("submit", async (event) => {
      if (code && code.value) return;
      if (field.value && !sent) {
        sent = true;
        setTimeout(() => { sent = false; }, 10000); // a second press sends the same answer twice, and the later page is shown
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      if (asking || sent) return;
      asking = true;
      status.textContent = "";
      try {
        const options = { publicKey: readable(JSON.parse(wanted.dataset.options)) };
        field.value = written(await navigator.credentials[wanted.dataset.passkey](options));
        form.requestSubmit(event.submitter);
      } catch {
        status.textContent = window.PublicKeyCredential ? wanted.dataset.cancelled : wanted.dataset.unsupported;
      } finally {
        asking = false;
      }
    }, true);
  }
})();

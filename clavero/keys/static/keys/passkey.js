// Asks the browser for a passkey when a form that needs one is sent. Without script there are no passkeys.
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
    addEventListener("pageshow", () => { field.value = ""; });
    form.addEventListener("submit", async (event) => {
      if (field.value || (code && code.value)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      status.textContent = "";
      if (!window.PublicKeyCredential) {
        status.textContent = wanted.dataset.unsupported;
        return;
      }
      try {
        const options = { publicKey: readable(JSON.parse(wanted.dataset.options)) };
        field.value = written(await navigator.credentials[wanted.dataset.passkey](options));
        form.requestSubmit(event.submitter);
      } catch {
        status.textContent = wanted.dataset.cancelled;
      }
    }, true);
  }
})();

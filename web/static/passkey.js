// Passkeys: asks the browser for one and sends its answer with the form. Without scripts these forms stay hidden, and the
// passphrase stands beside them.
"use strict";

(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

  // answer is what the browser's authenticator says to the options, in the form that WebAuthn gives its JSON.
  async function answer(options) {
    options.challenge = bytes(options.challenge);
    let got;
    if (options.user) {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = known(options.excludeCredentials);
      got = await navigator.credentials.create({ publicKey: options });
    } else {
      options.allowCredentials = known(options.allowCredentials);
      got = await navigator.credentials.get({ publicKey: options });
    }
    const response = { clientDataJSON: text(got.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (got.response[part]) response[part] = text(got.response[part]);
    }
    if (got.response.getTransports) response.transports = got.response.getTransports();
    return JSON.stringify({ id: got.id, rawId: text(got.rawId), type: got.type, response, clientExtensionResults: {} });
  }

  for (const part of document.querySelectorAll("form[data-passkey], .passkey-first")) part.hidden = false;

  document.addEventListener("submit", async (e) => {
    const form = e.target.closest("form[data-passkey]");
    if (!form) return;
    e.preventDefault();
    const problem = form.querySelector(".field-error");
    problem.hidden = true;
    try {
      const options = await fetch(form.dataset.passkey, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!options.ok) throw new Error(options.status === 403 ? form.dataset.unproven : "");
      form.elements.response.value = await answer(await options.json());
      form.submit();
    } catch (fault) {
      const unproven = fault.message === form.dataset.unproven;
      problem.textContent = unproven ? form.dataset.unproven : form.dataset.failed;
      problem.hidden = false;
    }
  });
})();

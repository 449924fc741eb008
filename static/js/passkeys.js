// Passkeys: what the browser says of one goes into a hidden field of a plain form, which is then sent.
// A form with data-passkey="create" or "get"; its question stands in data-question, or is asked for at data-ask.

const supported = "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;
let waiting = null;

async function question(form) {
  if (form.dataset.question) return JSON.parse(form.dataset.question);
  const answer = await fetch(form.dataset.ask, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  return answer.json();
}

async function prove(form, options) {
  waiting?.abort();
  waiting = new AbortController();
  const asked = await question(form);
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked), signal: waiting.signal })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked), signal: waiting.signal, ...options });
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const trouble = form.querySelector("[data-passkey-trouble]");
  if (!supported) {
    form.querySelector("[data-passkey-unsupported]")?.removeAttribute("hidden");
    continue;
  }
  form.addEventListener("submit", (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    if (form.elements.name && !form.elements.name.value.trim()) { form.submit(); return; }
    trouble?.setAttribute("hidden", "");
    prove(form).catch((problem) => { if (problem.name !== "AbortError") trouble?.removeAttribute("hidden"); });
  });
  for (const part of form.querySelectorAll("[data-passkey-button]")) part.removeAttribute("hidden");
}

// The browser offers its passkeys in the field for the address, where it can.
const offered = document.querySelector("form[data-passkey-offer]");
if (supported && offered && await PublicKeyCredential.isConditionalMediationAvailable?.()) {
  const address = document.querySelector("input[autocomplete='username']");
  if (address) address.autocomplete = "username webauthn";
  prove(offered, { mediation: "conditional" }).catch(() => {});
}

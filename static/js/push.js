// Notifications on this device: asks the browser for its push address and sends it to the portal (RFC 8030).
// On the page of choices it draws the button; on every other page it says once a visit that this browser is in use.

const place = document.querySelector("[data-push-key]");
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const token = () => document.querySelector("input[name='csrf_token'], meta[name='csrf-token']");

async function send(path, subscription) {
  const { endpoint, keys } = subscription.toJSON();
  const body = new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth });
  return fetch(path, { method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": token()?.value ?? token()?.content ?? "" } });
}

async function current() {
  const worker = await navigator.serviceWorker.ready;
  return { worker, subscription: await worker.pushManager.getSubscription() };
}

async function renew() {
  if (sessionStorage.getItem("push") === "renewed") return;
  const { subscription } = await current();
  if (!subscription) return;
  const answer = await send("/me/push/renew", subscription);
  if (answer.ok) sessionStorage.setItem("push", "renewed");
  // Somebody else is signed in here, or it was removed: this browser gets nothing any more.
  if (answer.status === 410) await subscription.unsubscribe();
}

async function offer() {
  const button = place.querySelector("[data-push-on]");
  const said = place.querySelector("[data-push-said]");
  const tell = (name) => { said.textContent = said.dataset[name]; said.hidden = false; };
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) { tell("unsupported"); return; }
  if (Notification.permission === "denied") { tell("denied"); return; }
  const { worker, subscription } = await current();
  if (subscription && place.dataset.pushHere === "yes") return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      if (await Notification.requestPermission() !== "granted") { tell("denied"); return; }
      const key = bytes(place.dataset.pushKey);
      const old = await worker.pushManager.getSubscription();
      await old?.unsubscribe();
      const added = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const answer = await send("/me/push", added);
      if (answer.ok) { location.reload(); return; }
      await added.unsubscribe();
      said.textContent = (await answer.json().catch(() => ({}))).message ?? said.dataset.failed;
      said.hidden = false;
    } catch { tell("failed"); } finally { button.disabled = false; }
  });
}

(place ? offer() : renew()).catch(() => {});

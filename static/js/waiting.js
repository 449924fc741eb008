// Replies that wait ten seconds before they are sent. The composer asks for it without a visible choice; the waiting
// reply counts down in the conversation, and is sent by the open page, or by a worker where the page was left.
const { $, $$ } = window.parley;
function prefer(root = document) {
  for (const choice of $$("[data-delay]", root)) {
    const box = $("input", choice);
    box.checked = box.defaultChecked = true;
    choice.hidden = true;
  }
}
const isBusy = (area) => area.contains(document.activeElement);
const written = () => $("#composer [name=body]")?.value.trim();
// What the sent reply changed on this page; what its reader is at stays as it is.
function redraw(page) {
  const places = ["timeline", "case-line", ...(written() ? [] : ["composer"]), "properties"];
  for (const id of places) {
    const [now, then] = [document.getElementById(id), page.getElementById(id)];
    if (!now || !then || (id !== "timeline" && isBusy(now))) continue;
    if (id === "timeline") keepWaiting(now, then);
    const had = isBusy(now);
    now.replaceWith(then);
    if (had) $("#latest")?.focus();
  }
  prefer();
  for (const line of page.querySelectorAll("#notices > *")) $("#notices")?.append(line);
  $$("[data-waiting]").forEach(countDown);
}
// The reply that counts down further is not begun anew.
function keepWaiting(now, then) {
  for (const fresh of $$("[data-waiting]", then)) {
    const known = document.getElementById(fresh.id);
    if (known && now.contains(known)) fresh.replaceWith(known);
  }
}
async function send(item) {
  const form = $("[data-send-now]", item).form;
  const body = new FormData(form);
  // Too late to take it back.
  for (const button of $$("button", item)) button.disabled = true;
  $(".waiting__left", item).textContent = $(".waiting__left", item).dataset.sending;
  try {
    const answer = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(20_000) });
    if (answer.status >= 500) throw new Error("server");
    // Sent by a worker meanwhile, or from another window: the page of the case shows what became of it.
    const shown = answer.ok ? answer : await fetch(location.href);
    redraw(new DOMParser().parseFromString(await shown.text(), "text/html"));
  } catch {
    // A worker sends it; the page looks again.
    item.timer = setTimeout(() => send(item), 10_000);
  }
}
function countDown(item) {
  if (item.ends) return;
  item.ends = Date.now() + Number(item.dataset.waiting) * 1000;
  const left = $(".waiting__left", item);
  const tick = () => {
    if (!item.isConnected) return clearInterval(item.ticking);
    const seconds = Math.ceil((item.ends - Date.now()) / 1000);
    if (seconds > 0) { left.textContent = left.dataset.words.replace("{n}", seconds); return; }
    clearInterval(item.ticking);
    send(item);
  };
  item.ticking = setInterval(tick, 250);
  tick();
}
// Whoever presses a button decides; nothing is sent while it is on its way.
document.addEventListener("submit", ({ target }) => {
  const item = target.closest("[data-waiting]");
  if (item) { clearInterval(item.ticking); clearTimeout(item.timer); }
});
prefer();
$$("[data-waiting]").forEach(countDown);

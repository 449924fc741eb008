// An open chat, on its page or in the panel over other pages: asks for news, sends lines again until they are there, opens
// and closes the panel. Everything works without it. Helpers and sentences are those of app.js.
// asking · lines · marks · panel

const { $, $$, notice, clearNotice, setWaiting } = window.parley;
const coarse = matchMedia("(pointer: coarse)");
const live = () => $("[data-chat]");

// asking: every 3 seconds while there is something new, then more and more rarely, never in a hidden tab
let pace = 3_000, timer, missed = 0;
const plan = (next) => { clearTimeout(timer); timer = live() ? setTimeout(ask, pace = next) : undefined; };
function ask() {
  if (!document.hidden) document.body.dispatchEvent(new CustomEvent("chat"));
  plan(Math.min(pace * 1.1, 15_000));
}
document.addEventListener("visibilitychange", () => plan(document.hidden ? 15_000 : 100));
addEventListener("online", () => plan(100));
document.addEventListener("htmx:finally:request", ({ detail }) => {
  const place = detail?.ctx?.sourceElement;
  if (!place?.matches?.("[data-chat]")) return;
  const status = detail.ctx.response?.status;
  missed = status && status < 500 ? 0 : missed + 1;
  if (!missed) clearNotice("chat");
  // One question is lost whenever a newer one takes its place.
  else if (missed > 1 && live()) notice("chat", "warning", live().dataset.cut, undefined, (line) => live().before(line));
});
document.addEventListener("htmx:after:swap", ({ detail }) => {
  const place = detail?.ctx?.sourceElement;
  if (!place?.closest?.("#chat-state, #chat-lists, [data-typing], .chat-panel")) return;
  plan(3_000);
  $("#chat-log")?.lastElementChild?.scrollIntoView({ block: "nearest" });
  mark();
});

// lines: one whose answer does not come is sent again as it was, until it is there; its mark makes it one line
let tries = 0, again, slow, typed = 0;
const unsent = (form, words, retry) => notice("line", "warning", words, retry, (line) => form.before(line));
const sendNow = (form) => { clearTimeout(again); if (form.isConnected && !form.dataset.sending) form.requestSubmit(); };
function sendAgain(form) {
  clearTimeout(slow);
  tries += 1;
  unsent(form, form.dataset.unsent, () => sendNow(form));
  clearTimeout(again);
  again = setTimeout(() => sendNow(form), Math.min(500 * 2 ** tries, 10_000));
}
document.addEventListener("submit", ({ target }) => {
  if (!target.matches("[data-typing]")) return;
  clearTimeout(again);
  clearTimeout(slow);
  slow = setTimeout(() => target.dataset.sending && unsent(target, target.dataset.unsent), 1_500);
});
document.addEventListener("htmx:finally:request", ({ detail }) => {
  const form = detail?.ctx?.sourceElement;
  if (!form?.matches?.("[data-typing]")) return;
  clearTimeout(slow);
  const status = detail.ctx.response?.status;
  if (!status || status >= 500) return sendAgain(form);
  tries = 0;
  clearNotice("line");
});
document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("[data-typing]");
  if (!form || !target.matches("textarea")) return;
  // Other words are another line: they wait for a press.
  if (tries) { tries = 0; clearTimeout(again); unsent(form, form.dataset.changed, () => sendNow(form)); }
  pace = Math.min(pace, 3_000);
  if (Date.now() - typed < 5_000) return;
  typed = Date.now();
  fetch(form.dataset.typing, { method: "POST", headers: { "X-CSRFToken": form.elements.csrf_token.value } }).catch(() => {});
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || coarse.matches) return;
  const form = event.target.matches?.("[data-typing] textarea") && event.target.form;
  if (!form) return;
  event.preventDefault();
  if (event.target.value.trim() || $("[name=staged]", form)) form.requestSubmit($('button[data-kind="primary"]', form));
});

// marks: how many wait, in the rail and the title; what a chat that has ended offers no more
function mark() {
  const waiting = $("[data-waiting]");
  if (waiting) setWaiting(waiting.dataset.waiting);
  if ($(".chat-panel")) keep(live());
  if (!coarse.matches) $$("[data-enter]").forEach((hint) => { hint.hidden = false; });
  if (!$("[data-ended]")) return;
  $("#chat-verbs")?.remove();
  const form = $("[data-typing]");
  if (form && !$("textarea", form).value.trim()) form.remove();
}

// panel: the chat over the page that one reads; a link to /chat where it has no room
// It opens again on the next page while its chat goes on.
const room = matchMedia("(width >= 40rem)");
const opener = () => $("[data-chat-panel]");
const keep = (open) => { if (open) sessionStorage.setItem("chat", "1"); else sessionStorage.removeItem("chat"); };
async function openPanel(focus) {
  if ($(".chat-panel") || !room.matches) return;
  const panel = document.createElement("section");
  panel.className = "chat-panel";
  panel.setAttribute("aria-label", opener().textContent.trim());
  document.body.append(panel);
  opener().setAttribute("aria-expanded", "true");
  await htmx.ajax("GET", "/chat?panel=1", { source: panel, target: panel, swap: "innerHTML" });
  if (!panel.firstElementChild) { closePanel(); if (focus) location.assign("/chat"); return; }
  plan(3_000);
  mark();
  if (focus) $("h2", panel)?.focus();
}
function closePanel() {
  const panel = $(".chat-panel");
  const inside = panel?.contains(document.activeElement);
  panel?.remove();
  keep(false);
  opener()?.setAttribute("aria-expanded", "false");
  if (inside) opener()?.focus();
}
document.addEventListener("click", (event) => { if (event.target.closest?.("[data-chat-close]")) closePanel(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && event.target.closest?.(".chat-panel")) closePanel();
});
export const togglePanel = () => $(".chat-panel") ? closePanel() : openPanel(true);
export const reopenPanel = () => openPanel(false);

plan(3_000);
mark();

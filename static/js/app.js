// The script of every page. Each page works without it; each section adds comfort to markup that already works.
// words · notices · net · busy · tick · clocks · menus · dialogs · fields · uploads · tokens · composer · selection · rows · start

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, selector, handle, options) => document.addEventListener(type, (event) => {
  const element = event.target instanceof Element && event.target.closest(selector);
  if (element) handle(element, event);
}, options);
const meta = (name) => $(`meta[name="${name}"]`)?.content ?? "";

// words: sentences the server translated for us; {name} is filled in
const WORDS = (() => { try { return JSON.parse(meta("words")); } catch { return {}; } })();
const say = (key, values = {}) => (WORDS[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const LANGUAGE = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang || "en-GB";
const announce = (text) => { const live = $("#live"); if (live) live.textContent = text; };
const iconBase = $("svg.icon use")?.getAttribute("href")?.split("#")[0] ?? "/static/icons.svg";
const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${iconBase}#${name}`);
  svg.append(use);
  return svg;
};
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

// notices: one line per cause in #notices; it stays until it is dismissed or its cause is gone
function notice(cause, tone, text, retry, place = (line) => $("#notices")?.append(line)) {
  const old = $(`[data-cause="${cause}"]`);
  if (!retry && old && $(".notice__text", old)?.textContent === text) return;
  clearNotice(cause);
  const line = make("div", { class: "notice", "data-tone": tone, "data-cause": cause, role: tone === "error" ? "alert" : "status" },
    icon(tone === "info" ? "info" : "warning"), make("p", { class: "notice__text" }, text));
  if (retry) {
    const again = make("button", { class: "button", type: "button", "data-kind": "secondary", "data-size": "s" }, say("retry"));
    again.addEventListener("click", () => { clearNotice(cause); retry(); });
    line.append(again);
  }
  line.append(make("button", { class: "button", type: "button", "data-kind": "quiet", "data-size": "s", "data-icon-only": "", "data-dismiss": "", title: say("dismiss"), "aria-label": say("dismiss") }, icon("close")));
  place(line);
}
const clearNotice = (cause) => $$(`[data-cause="${cause}"]`).forEach((line) => line.remove());
on("click", "[data-dismiss]", (button) => button.closest(".notice, .callout")?.remove());

// net: the notice bar shows offline, timeouts and 5xx; nothing is swapped, no typed text is lost
const resend = (context) => () => context?.sourceElement?.isConnected && (context.sourceElement.requestSubmit ? context.sourceElement.requestSubmit() : context.sourceElement.click());
addEventListener("offline", () => notice("network", "warning", say("offline")));
addEventListener("online", () => { if ($('[data-cause="network"]')) { clearNotice("network"); notice("network", "info", say("online")); } });
document.addEventListener("htmx:error", ({ detail }) => {
  if (!detail?.ctx?.request) return;
  if (detail.ctx.sourceElement?.matches?.("[data-typing]")) return; // chat.js sends it again
  const background = detail.ctx.request.method === "GET" && !detail.ctx.sourceElement?.matches?.("form, a, button, input, select");
  if (background) return;
  const slow = detail.ctx.request.signal?.reason === "timeout";
  notice("network", "warning", say(slow ? "slow" : "offline"), resend(detail.ctx));
});
document.addEventListener("htmx:response:error", ({ detail }) => {
  if (detail?.ctx?.response?.status >= 500 && !detail.ctx.sourceElement?.matches?.("[data-chat], [data-typing]")) notice("server", "error", say("server"), resend(detail.ctx));
});
// What a person types or chooses while their form or a part of it is drawn anew stays, with the caret.
const drawn = new WeakMap();
let meanwhile = [];
const hasTick = (field) => field.matches("[type=radio], [type=checkbox]");
const keyOf = (field) => hasTick(field) ? `${field.name}=${field.value}` : field.name;
const stateOf = (field) => hasTick(field) ? field.checked : field.value;
const writtenIn = (form) => [...form.elements].filter((field) => field.name && field.matches("textarea, select, input:not([type=hidden], [type=file])"));
function redrawnForm({ sourceElement, target } = {}) {
  const form = sourceElement?.matches?.("form") ? null : sourceElement?.form;
  return form?.id && target && (target.contains?.(form) || form.contains(target)) ? form : null;
}
document.addEventListener("htmx:before:request", ({ detail }) => {
  const form = redrawnForm(detail?.ctx);
  if (form) drawn.set(detail.ctx, new Map(writtenIn(form).map((field) => [keyOf(field), stateOf(field)])));
});
document.addEventListener("htmx:before:swap", ({ detail }) => {
  const before = drawn.get(detail?.ctx);
  const form = before && redrawnForm(detail.ctx);
  if (!form) return;
  meanwhile = writtenIn(form).filter((field) => before.has(keyOf(field)) && before.get(keyOf(field)) !== stateOf(field))
    .map((field) => ({ form: form.id, key: keyOf(field), state: stateOf(field), caret: field === document.activeElement && !hasTick(field) ? field.selectionStart ?? 0 : null }));
});
function writeAgain() {
  for (const { form, key, state, caret } of meanwhile.splice(0)) {
    const field = writtenIn($(`#${CSS.escape(form)}`) ?? { elements: [] }).find((one) => keyOf(one) === key);
    if (!field || stateOf(field) === state || (field.type === "radio" && !state)) continue;
    if (hasTick(field)) {
      field.checked = state;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (!field.matches("select") || [...field.options].some((option) => option.value === state)) {
      field.value = state;
      if (caret === null) continue;
      field.focus();
      if (field.matches("textarea, [type=text], [type=search]")) field.setSelectionRange(caret, caret);
    }
  }
}
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (drawn.has(detail?.ctx)) writeAgain();
  clearNotice("network");
  // htmx says so, too, when it swapped nothing because the server failed.
  if (!(detail?.ctx?.response?.status >= 500)) clearNotice("server");
  prepare(detail?.ctx?.target instanceof Element ? detail.ctx.target.parentElement ?? document : document);
});

// busy: a sent form says so on its button, which stays focusable; a second press is ignored
function setBusy(button, label) {
  const text = $(".button__label", button) ?? button;
  button.dataset.idle ??= text.textContent;
  button.setAttribute("aria-busy", "true");
  if (label) text.textContent = label;
  clearTimeout(button.stillTimer);
  button.stillTimer = setTimeout(() => button.getAttribute("aria-busy") && announce(say("still")), 5000);
}
function setIdle(button) {
  if (!button?.hasAttribute("aria-busy")) return;
  button.removeAttribute("aria-busy");
  clearTimeout(button.stillTimer);
  if (button.dataset.idle) ($(".button__label", button) ?? button).textContent = button.dataset.idle;
  delete button.dataset.idle;
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter ?? $('button[type="submit"]', form);
  if (button?.getAttribute("aria-disabled") === "true") { event.preventDefault(); event.stopImmediatePropagation(); explainNeed(button); return; }
  if (form.dataset.sending) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (waitForUploads(form, button)) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (form.method === "dialog" || form.target === "_blank") return;
  if (waitForServer(form, event.submitter, button)) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (form.method === "post") { form.dataset.sending = "1"; setTimeout(() => release(form), 20_000); }
  if (button?.dataset.busy) setBusy(button, button.dataset.busy);
}, true);
const release = (form) => { delete form.dataset.sending; $$("[aria-busy]", form).forEach(setIdle); };
document.addEventListener("htmx:finally:request", ({ detail }) => {
  const form = detail?.ctx?.sourceElement?.closest?.("form");
  if (form) release(form);
});
addEventListener("pageshow", () => $$("form").forEach(release));

// reach: a form that leads to another page is sent after the server answered a small question, so that a cut network never
// takes the page away with what was typed on it. htmx sends its forms from the page itself.
async function whyUnreachable(saySlow) {
  if (!navigator.onLine) return "offline";
  const slow = setTimeout(saySlow, 2000);
  try { await fetch("/healthz", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(20_000) }); } catch (error) { return error.name === "TimeoutError" ? "slow" : "unreachable"; } finally { clearTimeout(slow); }
  return "";
}
function waitForServer(form, submitter, button) {
  if (form.method !== "post" || form.hasAttribute("hx-post") || form.dataset.reached) return false;
  let sent = false;
  const send = () => {
    if (sent) return;
    sent = true;
    release(form);
    form.dataset.reached = "1"; form.requestSubmit(submitter); delete form.dataset.reached;
  };
  form.dataset.sending = "1";
  if (button?.dataset.busy) setBusy(button, button.dataset.busy);
  // Whoever has a slow line is told so and may send without waiting; the answer sends by itself. With a cut one, asking
  // comes first again.
  whyUnreachable(() => notice("network", "warning", say("slow"), send)).then((why) => {
    if (sent) return;
    release(form);
    if (why === "slow") return;
    clearNotice("network");
    if (!why) send();
    else notice("network", "warning", why === "offline" ? say("offline") : say("unreachable"), () => form.requestSubmit(submitter));
  });
  return true;
}

// once: a page that the browser shows again (Back) comes with new keys; its forms take the key that they were last sent
// with in this tab, so that sending the same words again finds what they opened. No text is stored, only the key.
const keyName = (input) => `once ${new URL(input.form.action).pathname}`;
document.addEventListener("submit", ({ target }) => {
  const input = target.elements?.namedItem("once");
  if (input?.value) sessionStorage.setItem(keyName(input), input.value);
});
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
  for (const input of $$('input[name="once"]')) input.value = sessionStorage.getItem(keyName(input)) ?? input.value;
}

// tick: every 25 seconds in a visible tab, at once when the tab comes back, more and more rarely while the server is away
const PERIOD = 25_000;
let period = PERIOD;
let lastTick = Date.now();
let timer;
const planTick = () => { clearTimeout(timer); if (!document.hidden) timer = setTimeout(tick, Math.max(0, lastTick + period - Date.now())); };
async function tick() {
  lastTick = Date.now();
  document.body.dispatchEvent(new CustomEvent("tick"));
  const reached = await askForNews();
  period = reached ? PERIOD : Math.min(period * 2, 300_000);
  planTick();
}
planTick();
document.addEventListener("visibilitychange", () => { refreshClocks(); planTick(); });
addEventListener("online", () => { period = PERIOD; planTick(); });

// chat: its own script (chat.js), which a page loads that needs it; the panel's when it is opened
const chatPanel = () => import($("[data-chat-panel]").dataset.chatPanel);
on("click", "[data-chat-panel]", async (link, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || !matchMedia("(width >= 40rem)").matches) return;
  event.preventDefault();
  try { (await chatPanel()).togglePanel(); } catch { location.assign(link.href); }
});
if (sessionStorage.getItem("chat") && $("[data-chat-panel]")) chatPanel().then((panel) => panel.reopenPanel(), () => {});

// arrival: where a form led to another page, the focus goes to what says what came of it, and that is scrolled into view.
// A page with errors has its summary, which takes the focus by itself.
document.addEventListener("submit", ({ target }) => { if (target.method === "post") sessionStorage.setItem("sent", String(Date.now())); });
function arrive() {
  const sent = Number(sessionStorage.getItem("sent"));
  sessionStorage.removeItem("sent");
  if (Date.now() - sent > 30_000 || $("[autofocus]") || document.activeElement !== document.body && location.hash !== `#${document.activeElement.id}`) return;
  const written = location.hash === "#latest" ? $$("#timeline .message__by").at(-1) : null;
  const place = written ?? $("#notices .notice__text") ?? $("[data-arrival] :is(h1, h2)") ?? $(".page-head h1");
  if (!place) return;
  if (!place.hasAttribute("tabindex")) place.tabIndex = -1;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "center", behavior: "instant" });
}
addEventListener("load", () => requestAnimationFrame(arrive));

// news: what an open page asks at a tick. Numbers change where they stand; nothing else moves until somebody asks for it.
let known = { query: null, tag: "" };
let unread = 0;
let over = false;
async function askForNews() {
  const path = $("[data-tick]")?.dataset.tick;
  if (!path || over) return true;
  const query = [...$$("[data-live]").map((place) => place.dataset.live), ...(Date.now() - lastWritten < 2 * PERIOD ? ["writing=1"] : [])].join("&");
  const headers = { Accept: "application/json" };
  if (known.query === query) headers["If-None-Match"] = known.tag;
  try {
    const answer = await fetch(`${path}?${query}`, { headers, cache: "no-store", signal: AbortSignal.timeout(15_000) });
    if (answer.status >= 500 || answer.status === 429) return false;
    over = answer.status >= 400;
    if (answer.status === 401) notice("session", "warning", say("signed_out"));
    if (!answer.ok) return true;
    const news = await answer.json();
    known = { query, tag: answer.headers.get("ETag") ?? "" };
    showNews(news);
    return true;
  } catch { return false; }
}
// On the desk, that somebody writes on the open case is told at once, and that they stopped two ticks later.
let lastWritten = -Infinity;
on("input", "[data-composer] textarea", () => {
  const begins = Date.now() - lastWritten >= 2 * PERIOD;
  lastWritten = Date.now();
  if (begins && $("[data-present]")) { clearTimeout(timer); tick(); }
});
function showPresent(sentences) {
  $$("[data-present]").forEach((place, index) => {
    const words = sentences[index] ?? "";
    $(".icon", place).toggleAttribute("hidden", !words);
    if ($("bdi", place).textContent !== words) $("bdi", place).textContent = words;
  });
}
function showNews({ counts, cases, more, messages, present }) {
  if (present) showPresent(present);
  for (const place of $$("[data-count]")) {
    const text = counts[place.dataset.count];
    if (text === undefined || place.textContent.trim() === text) continue;
    place.textContent = text;
    (place.closest(".bell__count") ?? place).hidden = !text;
  }
  // The corner with the calls that ring is drawn again while there are some, and once more when there are none.
  const corner = $("[data-ringing]");
  if (corner && "ringing" in counts && (counts.ringing || corner.dataset.ringing)) {
    corner.dataset.ringing = counts.ringing;
    document.body.dispatchEvent(new CustomEvent("ringing"));
  }
  const arrived = cases.filter((key) => !document.getElementById(`row-${key}`)).length;
  const n = more ? `${arrived}+` : arrived;
  tell("cases", arrived, (place) => place.dataset.paged === undefined ? say("news_cases", { n }) : say("news_changed", { n }));
  tell("messages", messages, () => messages === 1 ? say("news_message") : say("news_messages", { n: messages }));
  unread = arrived + messages;
  setTitle();
}
// The title counts what came, and on the desk the chats that wait.
function setTitle() {
  const number = unread + (Number($('[data-count="chat"]')?.textContent) || 0);
  document.title = (number ? `(${number}) ` : "") + document.title.replace(/^\(\d+\) /, "");
}
function setWaiting(waiting) {
  for (const place of $$('[data-count="chat"]')) { place.textContent = Number(waiting) ? waiting : ""; place.hidden = !Number(waiting); }
  setTitle();
}
function tell(kind, number, words) {
  const place = $(`[data-news="${kind}"]`);
  if (!place) return;
  place.hidden = !number;
  if (number && place.textContent !== words(place)) place.textContent = words(place);
}
// New messages join the conversation without loading the page: what is being written, and the place in it, stay.
on("click", '[data-news="messages"]', async (place, event) => {
  if (event.ctrlKey || event.metaKey || event.button) return;
  event.preventDefault();
  const answer = await fetch(place.href, { signal: AbortSignal.timeout(20_000) }).catch(() => null);
  if (!answer?.ok || answer.redirected) return notice("network", "warning", say(answer ? "server" : "unreachable"), () => place.click());
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = $$("#timeline > li", page).filter((entry) => !document.getElementById(entry.id));
  $("#timeline").append(...fresh);
  for (const name of ["last", "version", "was"]) {
    const [here, there] = [document, page].map((root) => $(`form.composer [name="${name}"]`, root));
    if (here && there) here.value = there.value;
  }
  const [here, there] = [document, page].map((root) => $("#case-line", root));
  if (here && there) here.replaceChildren(...there.childNodes);
  place.dataset.live = $('[data-news="messages"]', page)?.dataset.live ?? place.dataset.live;
  showNews({ counts: {}, cases: [], messages: 0 });
  prepare($("#timeline"));
  const first = fresh.map((entry) => $(".message__by", entry)).find(Boolean);
  first?.scrollIntoView({ block: "center" });
  first?.focus({ preventScroll: true });
});

// clocks: relative times and countdowns, counted from the server's clock so that a wrong PC clock cannot lie
const offset = (Date.parse(meta("server-time")) || Date.now()) - Date.now();
const now = () => Date.now() + offset;
const two = (number) => String(number).padStart(2, "0");
function span(milliseconds, seconds) {
  const whole = Math.floor(Math.abs(milliseconds) / 1000);
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return say("days", { d: Math.floor(hours / 24), h: hours % 24 });
  if (!hours) return seconds ? say("seconds", { m: minutes, s: two(whole % 60) }) : say("minutes", { m: minutes });
  return hours < 10 && minutes % 60 ? say("hours", { h: hours, m: minutes % 60 }) : say("whole_hours", { h: hours });
}
// The same thresholds as portal/sla/engine/clock_status.py: whichever comes first, the share of the time or the minutes.
const levelOf = (left, whole) => left <= 0 ? "late" : left <= 18e5 || left <= whole * .1 ? "urgent" : left <= 36e5 || left <= whole * .25 ? "due_soon" : "on_track";
function refreshChip(chip, at, seconds) {
  const text = $(".sla__text", chip);
  const { due, left: working, whole, until, then, at: read } = chip.dataset;
  const end = Date.parse(due);
  if (Number.isNaN(end) || !text) return;
  // Working time stops when support closes; a late promise is late around the clock.
  const closes = Date.parse(until);
  const closed = end > at && at >= closes;
  const left = working === undefined || end <= at ? end - at : working * 1000 - (Math.min(at, closes || at) - Date.parse(read));
  const state = closed ? "paused" : levelOf(left, whole * 1000);
  text.textContent = closed ? then : say(left <= 0 ? "late" : working === undefined ? "left" : "business", { time: span(left, seconds) });
  const said = $(".sla__said", chip);
  if (said && !closed) said.textContent = say(left <= 0 ? "said_late" : "said_left", { time: span(left) });
  const box = chip.closest(".sla");
  if (box.dataset.state === state) return;
  box.dataset.state = state;
  $("use", chip)?.setAttribute("href", `${iconBase}#${state === "late" ? "sev-2" : state === "paused" ? "s-on_hold" : "clock"}`);
}
const ago = new Intl.RelativeTimeFormat(LANGUAGE);
function refreshClocks() {
  if (document.hidden) return;
  const at = now();
  for (const chip of $$("[data-due]")) refreshChip(chip, at, ticking(chip));
  for (const time of $$("time[data-relative]")) {
    const minutes = (now() - Date.parse(time.dateTime)) / 60_000;
    if (minutes < 0 || minutes >= 24 * 60) continue;
    time.textContent = minutes < 1 ? say("now") : minutes < 72 ? ago.format(-Math.round(minutes), "minute") : ago.format(-Math.round(minutes / 60), "hour");
  }
}
const still = matchMedia("(prefers-reduced-motion: reduce)");
const ticking = (chip) => !still.matches && chip.closest("[data-ticking]");
setInterval(refreshClocks, 30_000);
setInterval(() => { if (!document.hidden && !still.matches && $("[data-ticking]")) refreshClocks(); }, 1000);
// A live page that could not be refreshed shows since when.
document.addEventListener("htmx:error", () => $$(".live[data-stale]").forEach((line) => { line.dataset.state = "stale"; line.textContent = line.dataset.stale; }));

// menus: <details> that close on Escape, outside press and choice, one open at a time
const closeMenu = (menu, focus) => { menu.open = false; if (focus) $("summary", menu).focus(); };
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("[data-menu]") || !menu.open) return;
  $$("[data-menu][open]").filter((other) => other !== menu && !other.contains(menu)).forEach((other) => closeMenu(other));
  $("[data-filter-list]", menu)?.focus();
}, true);
document.addEventListener("pointerdown", ({ target }) => $$("[data-menu][open]").filter((menu) => !menu.contains(target)).forEach((menu) => closeMenu(menu)));
document.addEventListener("focusin", ({ target }) => $$("[data-menu][open]").filter((menu) => !menu.contains(target)).forEach((menu) => closeMenu(menu)));
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[data-menu][open]");
  if (!menu) return;
  if (event.key === "Escape") { closeMenu(menu, true); event.stopPropagation(); }
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !event.target.matches("input[type=radio], textarea, select")) {
    const stops = $$("a[href], button, input", menu).filter((stop) => stop.offsetParent);
    const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    stops[(next + stops.length) % stops.length]?.focus();
    event.preventDefault();
  }
});
on("input", "[data-filter-list]", (field) => {
  const wanted = field.value.trim().toLowerCase();
  $$("li", field.closest(".menu__panel")).forEach((item) => { item.hidden = !item.textContent.toLowerCase().includes(wanted); });
});
on("keydown", "[data-filter-list]", (field, event) => {
  if (event.key === "Enter") $$("li:not([hidden]) a", field.closest(".menu__panel"))[0]?.click();
});

// dialogs: three native ones; focus goes to the heading and back to the opener
function openDialog(dialog) {
  const opener = document.activeElement;
  dialog.showModal();
  $("h2", dialog)?.focus();
  dialog.addEventListener("close", () => opener?.focus?.(), { once: true });
}
on("click", "[data-dialog]", (button, event) => { const dialog = document.getElementById(button.dataset.dialog); if (dialog) { event.preventDefault(); openDialog(dialog); } });
on("click", "dialog", (dialog, event) => { if (event.target === dialog) dialog.close(); });

// fields: show a password, copy a text, explain what a muted button waits for, focus what an error names
on("click", "[data-reveal]", (button) => {
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  const label = $(".button__label", button);
  [label.textContent, button.dataset.hideLabel] = [button.dataset.hideLabel, label.textContent];
  field.focus();
});
document.addEventListener("submit", (event) => $$('[data-reveal][aria-pressed="true"]', event.target).forEach((button) => { document.getElementById(button.dataset.reveal).type = "password"; }));
on("click", "[data-copy]", async (button) => {
  try { await navigator.clipboard.writeText(button.dataset.copy); } catch { return; }
  const label = $(".button__label", button);
  const before = label.textContent;
  label.textContent = button.dataset.done;
  announce(button.dataset.done);
  setTimeout(() => { label.textContent = before; }, 2000);
});
const needed = (button) => document.getElementById(button.dataset.needs);
const refreshNeed = (button) => { if (needed(button)?.value.trim()) button.removeAttribute("aria-disabled"); else button.setAttribute("aria-disabled", "true"); };
function explainNeed(button) {
  const field = needed(button);
  let line = $(".field__error", button.parentElement);
  if (!line) button.parentElement.append(line = make("p", { class: "field__error", role: "alert" }));
  line.textContent = button.dataset.needsMessage ?? "";
  field?.focus();
}
document.addEventListener("input", ({ target }) => {
  if (!target.id) return;
  $$(`[data-needs="${CSS.escape(target.id)}"]`).forEach((button) => { refreshNeed(button); if (!button.hasAttribute("aria-disabled")) $(".field__error[role=alert]", button.parentElement)?.remove(); });
});
on("click", ".error-summary a", (link, event) => {
  const place = document.getElementById(link.hash.slice(1));
  const field = place?.matches("fieldset, div") ? $("input:not([type=hidden]), select, textarea", place) : place;
  if (field) { event.preventDefault(); field.closest("details:not([open])")?.setAttribute("open", ""); field.focus(); field.scrollIntoView({ block: "center" }); }
});

// pictures: the viewer is fetched with the first one that is pressed
on("click", "a[data-picture][href]", (link, event) => {
  const address = $("#picture-viewer")?.dataset.script;
  if (!address || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  import(address).then(({ open }) => open(link), () => location.assign(link.href));
});

// uploads: files go ahead of the form (drop, paste, choose) and leave their ids in it, so that a refused form loses none
const decimal = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const sizeText = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))}\u00a0kB` : `${decimal.format(bytes / 1e6)}\u00a0MB`;
const rowsOf = (box) => $$(".upload__file", box);
function setFile(row, state, text, action) {
  row.dataset.state = state;
  $(".upload__status", row).textContent = text;
  if (state !== "sending") $("progress", row)?.remove();
  const button = $("[data-remove]", row);
  if (button) $(".button__label", button).textContent = say(action);
}
function stage(box, file) {
  const row = $("[data-file-row]", box).content.firstElementChild.cloneNode(true);
  const live = $("[data-upload-live]", box);
  const limit = Number(box.dataset.maxMb);
  const most = Number(box.dataset.maxFiles);
  $(".upload__name", row).textContent = file.name;
  $(".upload__size", row).textContent = sizeText(file.size);
  if (file.type.startsWith("image/")) $("use", row).setAttribute("href", `${iconBase}#image`);
  $("[data-files]", box).append(row);
  const fail = (text) => { setFile(row, "failed", text, "remove"); live.textContent = text; };
  if (file.size > limit * 1048576) return fail(say("too_large", { name: file.name, size: sizeText(file.size), max: limit }));
  if (!file.size) return fail(say("empty_file", { name: file.name }));
  const count = rowsOf(box).filter((other) => other.dataset.state !== "failed").length;
  if (count > most) return fail(say("too_many", { max: most, n: count - most }));

  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file);
  request.open("POST", box.dataset.upload);
  request.setRequestHeader("X-CSRFToken", $('input[name="csrf_token"]', box.closest("form"))?.value ?? "");
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  let told = 0;
  request.upload.onprogress = ({ loaded, total }) => {
    const percent = Math.floor((loaded / total) * 100);
    $("progress", row).value = percent;
    $(".upload__status", row).textContent = say("sending", { n: percent });
    if (percent - told >= 50) { told = percent; live.textContent = `${file.name} ${percent} %`; }
  };
  request.onload = () => {
    const answer = request.response;
    if (request.status >= 300 || !answer?.id) return fail(answer?.message ?? say("failed", { name: file.name }));
    row.append(make("input", { type: "hidden", name: "staged", value: answer.id }));
    if (answer.name) $(".upload__name", row).textContent = answer.name;
    setFile(row, "ready", say("ready"), "remove");
    live.textContent = `${file.name} ${say("ready")}`;
    settle(box);
  };
  request.onerror = () => { fail(say("failed", { name: file.name })); settle(box); };
  request.onloadend = () => settle(box);
  row.cancel = () => request.abort();
  setFile(row, "sending", say("sending", { n: 0 }), "cancel");
  request.send(body);
}
function addFiles(box, files) { box.closest("details")?.setAttribute("open", ""); [...files].forEach((file) => stage(box, file)); }
const sending = (form) => $$('.upload__file[data-state="sending"]', form).length;
function waitForUploads(form, button) {
  const files = sending(form);
  if (!files) return false;
  form.waitingButton = button;
  if (button) setBusy(button, say("waiting_files", { n: files }));
  return true;
}
function settle(box) {
  const form = box.closest("form");
  if (!form?.waitingButton || sending(form)) return;
  const button = form.waitingButton;
  form.waitingButton = null;
  setIdle(button);
  if (!$('.upload__file[data-state="failed"]', form)) form.requestSubmit(button);
}
on("change", "[data-upload] input[type=file]", (field) => { addFiles(field.closest("[data-upload]"), field.files); field.value = ""; });
on("click", "[data-upload] [data-remove]", (button) => {
  const row = button.closest(".upload__file");
  const box = row.closest("[data-upload]");
  const next = $("[data-remove]", row.nextElementSibling ?? box) ?? $("input[type=file]", box);
  row.cancel?.();
  row.remove();
  $("[data-upload-live]", box).textContent = say("removed", { name: $(".upload__name", row).textContent });
  (next?.isConnected ? next : $("input[type=file]", box)).focus();
  settle(box);
});
on("change", '.upload__remove input[name="staged_remove"]', (tick) => tick.closest(".upload__file").remove());
const dropBox = (target) => target.closest?.("[data-upload]") ?? $("[data-upload]", target.closest?.("form") ?? document.createElement("i"));
for (const type of ["dragover", "dragleave", "drop"]) document.addEventListener(type, (event) => {
  const box = event.dataTransfer?.types.includes("Files") && event.target instanceof Element && dropBox(event.target);
  if (!box) return;
  if (type !== "dragleave") event.preventDefault();
  $("[data-drop]", box).toggleAttribute("data-over", type === "dragover");
  if (type === "drop") addFiles(box, event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  const box = event.clipboardData?.files.length && event.target instanceof Element && dropBox(event.target);
  if (box) { event.preventDefault(); addFiles(box, event.clipboardData.files); }
});

// tokens: a comma list of addresses shown as removable tokens; the field itself keeps the truth under its own name
function prepareTokens(box) {
  if (box.dataset.ready) return;
  box.dataset.ready = "1";
  const field = $("input", box);
  const list = $(".tokens__list", box);
  const store = make("input", { type: "hidden", name: field.name });
  field.removeAttribute("name");
  box.append(store);
  const values = () => $$("li", list).map((item) => item.dataset.value);
  const save = () => { store.value = [...values(), field.value.trim()].filter(Boolean).join(", "); };
  const add = (text) => {
    for (const value of text.split(/[\s,;]+/).filter(Boolean)) {
      if (values().includes(value)) continue;
      const remove = make("button", { type: "button", "aria-label": `${say("remove")} ${value}` }, icon("close"));
      $("svg", remove).dataset.size = "s";
      list.append(make("li", { class: "token", "data-value": value }, value, remove));
    }
    field.value = "";
    save();
  };
  const drop = (item) => {
    const next = $("button", item.nextElementSibling ?? item.previousElementSibling ?? document.createElement("i")) ?? field;
    announce(say("removed", { name: item.dataset.value }));
    item.remove();
    save();
    next.focus();
  };
  field.addEventListener("input", () => { if (/[,;\s]$/.test(field.value)) add(field.value); else save(); });
  field.addEventListener("blur", () => field.value.includes("@") && add(field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && field.value.trim()) { event.preventDefault(); add(field.value); }
    if (event.key === "Backspace" && !field.value) $("li:last-child button", list)?.focus();
  });
  list.addEventListener("click", ({ target }) => { const item = target.closest("button")?.closest("li"); if (item) drop(item); });
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest("li");
    if (item && (event.key === "Delete" || event.key === "Backspace")) { event.preventDefault(); drop(item); }
  });
  add(field.value);
}

// composer: reply or note is pure CSS; here the split button names what it will do, and Ctrl+Enter sends
on("change", "[data-split] [data-send-label]", (radio) => {
  const split = radio.closest("[data-split]");
  $(".button__label", split).textContent = radio.dataset.sendLabel;
  closeMenu(radio.closest("[data-menu]"), false);
});
const visible = (element) => element.offsetParent !== null;
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form");
  const send = form && $$('button[type="submit"]', form).find((button) => visible(button) && button.dataset.kind === "primary");
  if (send) { event.preventDefault(); form.requestSubmit(send); }
});
function chooseKind(kind) {
  const radio = $(`[data-composer] [name="kind"][value="${kind}"]`);
  if (!radio) return false;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  $("textarea", radio.form).focus();
  return true;
}
// Ask, Hold and Resolve are pages of their own; where the conversation has its box they happen in it.
on("click", "[data-compose]", (link, event) => {
  const status = $(`[data-composer] [name="status"][value="${link.dataset.compose}"]`);
  if (!status || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  status.checked = true;
  status.dispatchEvent(new Event("change", { bubbles: true }));
  chooseKind("reply");
  status.form.scrollIntoView({ block: "center" });
});

// selection: rows of a list, the whole page, a range with shift, and how many
let lastTicked = null;
function countSelection(form) {
  const boxes = $$('[name="case"]', form);
  const ticked = boxes.filter((box) => box.checked).length;
  const all = $("[data-select-all]", form);
  if (all) { all.checked = ticked > 0 && ticked === boxes.length; all.indeterminate = ticked > 0 && ticked < boxes.length; }
  const count = $("[data-selected-count]", form);
  if (count) count.textContent = ticked ? say("selected", { n: ticked }) : "";
}
on("click", '[data-selection] [name="case"]', (box, event) => {
  const boxes = $$('[name="case"]', box.closest("[data-selection]"));
  if (event.shiftKey && lastTicked && boxes.includes(lastTicked)) {
    const [from, to] = [boxes.indexOf(lastTicked), boxes.indexOf(box)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
  }
  lastTicked = box;
  countSelection(box.closest("[data-selection]"));
});
on("change", "[data-select-all]", (all) => {
  const form = all.closest("[data-selection]");
  $$('[name="case"]', form).forEach((box) => { box.checked = all.checked; });
  countSelection(form);
});
on("click", "[data-select-none]", (button, event) => {
  const form = button.closest("[data-selection]");
  event.preventDefault();
  $$('[name="case"]', form).forEach((box) => { box.checked = false; });
  countSelection(form);
});

// rows: a press on a row of a list opens it
on("click", ".list__row", (row, event) => {
  if (event.target.closest("a, button, input, label, summary, td[data-cell=select]") || getSelection().toString() || event.button) return;
  const link = $(".list__subject, .case-row__subject", row);
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href); else link.click();
});

// start: what other scripts use; once for the page, again for what htmx brings
window.parley = { $, $$, on, notice, clearNotice, setWaiting, openDialog, chooseKind, visible, addFiles };
function prepare(root) {
  $$("[data-tokens]", root).forEach(prepareTokens);
  $$("[data-needs]", root).forEach(refreshNeed);
  $$("[data-selection]", root).forEach(countSelection);
  refreshClocks();
}
prepare(document);
// the service worker: the page without a connection, and what is pushed to this device
navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
if (window.Notification?.permission === "granted" && document.body.dataset.push) import(document.body.dataset.push);
if ($('[data-count="chat"]')) setTitle();

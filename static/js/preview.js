// A glance at the chosen case beside its queue: Space on a row, or the button above the list. The focus stays in the list;
// J and K go on, Escape closes. Whoever goes elsewhere with the focus finds nothing covered. keys.js fetches this with the
// first glance.
const { $, $$, on } = window.parley;
const panel = $("#preview");
const body = $(".preview__body", panel);
const announce = (text) => { const live = $("#live"); if (live) live.textContent = text; };
const rowOf = (element) => element?.closest?.(".list__row");
const wide = () => matchMedia("(min-width: 80rem)").matches;
const sheet = document.createElement("link");
[sheet.rel, sheet.href] = ["stylesheet", panel.dataset.sheet];
const styled = new Promise((done) => { sheet.onload = sheet.onerror = done; });
document.head.append(sheet);
let asked = null, timer = 0, current = null;

function mark(row) {
  $$("[data-previewed]").forEach((one) => one.removeAttribute("data-previewed"));
  row?.setAttribute("data-previewed", "");
  $$("[data-preview-toggle]").forEach((button) => button.setAttribute("aria-pressed", String(!panel.hidden)));
}
function close() {
  if (panel.hidden) return;
  asked?.abort();
  clearTimeout(timer);
  const within = panel.contains(document.activeElement);
  panel.hidden = true;
  if (within) $(".list__subject", document.getElementById(current) ?? document)?.focus();
  current = null;
  mark(null);
}
async function open(row) {
  if (!row || !wide()) return;
  await styled;
  panel.hidden = false;
  mark(row);
  if (current === row.id) return;
  current = row.id;
  clearTimeout(timer);
  timer = setTimeout(() => load(row), 120);
}
async function load(row) {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const link = $(".list__subject", row);
  const key = row.id.slice(4);
  panel.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`/desk/cases/${key}/preview${link.search}`, { headers: { "HX-Request": "true" }, signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // What stands here has no ids: those of the page stay the only ones.
    page.querySelectorAll("[id]").forEach((one) => one.removeAttribute("id"));
    page.querySelectorAll("[aria-labelledby]").forEach((one) => one.removeAttribute("aria-labelledby"));
    page.querySelectorAll('a[href^="#"]').forEach((one) => { one.href = link.pathname + link.search + one.hash; });
    body.replaceChildren(...page.body.childNodes);
    panel.scrollTop = 0;
    announce(panel.dataset.says.replace("{key}", key));
  } catch {
    if (signal.aborted) return;
    body.replaceChildren(panel.dataset.failed);
  }
  panel.removeAttribute("aria-busy");
}
export function toggle(row) { if (!panel.hidden && (!row || current === row.id)) close(); else open(row); }
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented && !$("dialog[open]")) close(); });
document.addEventListener("focusin", ({ target }) => {
  if (panel.hidden || panel.contains(target)) return;
  const row = rowOf(target);
  if (row) open(row); else if (!target.matches("[data-preview-toggle]")) close();
});
on("click", "[data-preview-close]", close);
// While it is open, a press on a row looks into it; its subject leads to the case as always.
document.addEventListener("click", (event) => {
  const row = rowOf(event.target);
  if (panel.hidden || !row || event.target.closest("a, button, input, label")) return;
  event.stopImmediatePropagation();
  open(row);
}, true);

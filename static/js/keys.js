// Single keys of the desk, never while typing; html[data-keys="off"] switches them off. Ctrl+K, which is not one of them,
// opens the command menu (commands.js), also while typing.
const { $, $$, on, chooseKind, openDialog, visible } = window.parley;
const switchedOn = document.documentElement.dataset.keys !== "off";
const typing = (target) => target.isContentEditable || target.matches?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select");
const rows = () => $$(".list__row, .case-row").filter(visible);
const currentRow = () => document.activeElement?.closest(".list__row, .case-row");
const subject = (row) => $(".list__subject, .case-row__subject", row);
function move(items, step, current, focus) {
  if (!items.length) return;
  const at = items.indexOf(current);
  const next = items[at < 0 ? (step > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + step))];
  focus(next);
  next.scrollIntoView({ block: "nearest" });
}
// What a key stands for may lie in a closed menu; a field takes the focus.
function follow(key) {
  const targets = $$(`[data-key="${CSS.escape(key)}"]`);
  const target = targets.find(visible) ?? targets.find((one) => one.closest("details:not([open]), .rail"));
  if (target?.matches("select, input")) { target.focus(); target.scrollIntoView({ block: "center" }); } else target?.click();
  return Boolean(target);
}
// What can be done with a row of a queue: the pages of its case.
function rowVerbs(row) {
  const key = row?.id.startsWith("row-") ? row.id.slice(4) : "";
  const verbs = key && row.closest("[data-row-verbs]");
  return verbs ? JSON.parse(verbs.dataset.rowVerbs).map((verb) => ({ ...verb, href: `/desk/cases/${key}/${verb.path}${verbs.dataset.rowTrail}` })) : [];
}
const verb = (key) => () => {
  const of = rowVerbs(currentRow()).find((one) => one.key === key);
  if (of) location.assign(of.href); else follow(key);
};
const KEYS = {
  j: () => follow("j") || move(rows(), 1, currentRow(), (row) => subject(row).focus()),
  k: () => follow("k") || move(rows(), -1, currentRow(), (row) => subject(row).focus()),
  o: () => currentRow() && subject(currentRow()).click(),
  x: () => $('[name="case"]', currentRow() ?? document.createElement("i"))?.click(),
  u: () => follow("u"),
  r: () => chooseKind("reply") || verb("r")(),
  i: () => chooseKind("note") || verb("i")(),
  m: verb("m"),
  a: verb("a"),
  s: verb("s"),
  v: verb("v"),
  e: verb("e"),
  h: verb("h"),
  c: () => follow("c") || $(".rail__new")?.click(),
  n: () => move($$(".message"), 1, document.activeElement?.closest(".message"), (entry) => $(".message__by", entry).focus()),
  p: () => move($$(".message"), -1, document.activeElement?.closest(".message"), (entry) => $(".message__by", entry).focus()),
  z: () => follow("z"),
  "/": () => { const search = $$("[data-search]").find(visible); search?.focus(); search?.select(); },
  ".": () => follow(".") || location.reload(),
  "?": () => { const sheet = $("#shortcuts"); if (sheet) openDialog(sheet); },
};
// A glance at a row (preview.js).
const glance = async (row) => { const box = $("#preview"); if (box && row) (await import(box.dataset.script)).toggle(row); };
on("click", "[data-preview-toggle]", (button) => glance(button.getAttribute("aria-pressed") === "true" ? $("[data-previewed]") : currentRow() ?? $(".list__row")));
function press(key) { if (Object.hasOwn(KEYS, key)) KEYS[key](); else follow(key); }
// "g" waits a moment for the place to go to.
let going = 0;
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.repeat || !(event.target instanceof Element)) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") return openCommands(event);
  if (event.ctrlKey || event.metaKey || !switchedOn || typing(event.target) || $("dialog[open]")) return;
  if (Date.now() < going) {
    going = 0;
    if (follow(`g ${event.key}`)) event.preventDefault();
    return;
  }
  if (event.key === "g") { going = Date.now() + 1500; return; }
  if (event.key === " " && event.target.matches(".list__subject")) { event.preventDefault(); glance(currentRow()); }
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

// The dialog stands in the page; its script comes with the first press of Ctrl.
const commands = (dialog) => import(dialog.dataset.commands);
document.addEventListener("keydown", ({ key }) => { if ((key === "Control" || key === "Meta") && $("#commands")) commands($("#commands")); });
async function openCommands(event) {
  const dialog = $("#commands");
  // In a text box with tools, Ctrl+K makes a link (writing.js).
  if (!dialog || $("dialog[open]") || (event.target.id && $(`[data-writing="${CSS.escape(event.target.id)}"]`))) return;
  event.preventDefault();
  const [row, opener, box] = [currentRow(), document.activeElement, $("input", dialog)];
  // It takes letters at once, whatever has to be fetched; what the server finds may be there before the script.
  box.value = "";
  $("[data-commands-found]", dialog).replaceChildren();
  dialog.showModal();
  box.focus();
  (await commands(dialog)).fillCommandMenu(dialog, { press, row, opener, verbs: rowVerbs(row) });
}
document.addEventListener("click", (event) => { if (event.target.closest?.("[data-opens-commands]")) openCommands(event); });

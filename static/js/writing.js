// Writing: the toolbar above a text box. It writes what texts keep (docs/text.md), as if it had been typed, so that the
// browser can undo it. Pictures that are pasted or dropped into the box get a line where they will stand.
const { $, $$ } = window.parley;
const boxOf = (bar) => document.getElementById(bar.dataset.writing);
const barOf = (box) => box.id && $(`[data-writing="${CSS.escape(box.id)}"]`, box.form ?? document);

function type(box, text, from = box.selectionStart, to = box.selectionEnd) {
  box.focus();
  box.setSelectionRange(from, to);
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
  box.setRangeText(text, from, to, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
// Markers stand around words, not around blanks; marked words lose theirs.
function wrap(box, mark, words) {
  const { value } = box;
  let [from, to] = [box.selectionStart, box.selectionEnd];
  while (from < to && /\s/.test(value[from])) from += 1;
  while (to > from && /\s/.test(value[to - 1])) to -= 1;
  const chosen = value.slice(from, to);
  if (value.slice(from - mark.length, from) === mark && value.slice(to, to + mark.length) === mark) {
    type(box, chosen, from - mark.length, to + mark.length);
    return box.setSelectionRange(from - mark.length, to - mark.length);
  }
  const inside = chosen || words;
  type(box, chosen.includes("\n") && mark === "**" ? inside.replace(/^(.*\S.*)$/gm, "**$1**") : `${mark}${inside}${mark}`, from, to);
  if (!chosen.includes("\n")) box.setSelectionRange(from + mark.length, from + mark.length + inside.length);
}
function linesAt(box) {
  const { value } = box;
  const from = value.lastIndexOf("\n", box.selectionStart - 1) + 1;
  const end = value.indexOf("\n", Math.max(box.selectionEnd - (box.selectionEnd > box.selectionStart && value[box.selectionEnd - 1] === "\n" ? 1 : 0), from));
  return [from, end < 0 ? value.length : end];
}
function prefix(box, mark) {
  const [from, to] = linesAt(box);
  const lines = box.value.slice(from, to).split("\n");
  const marked = lines.every((line) => line.startsWith(mark.trimEnd()));
  const text = lines.map((line) => marked ? line.slice(line.startsWith(mark) ? mark.length : mark.trimEnd().length) : line || lines.length === 1 ? mark + line : mark.trimEnd()).join("\n");
  type(box, text, from, to);
  if (lines.length > 1) box.setSelectionRange(from, from + text.length);
}
function block(box) {
  const [from, to] = linesAt(box);
  const ticks = "`".repeat(Math.max(3, ...(box.value.slice(from, to).match(/`{3,}/g) ?? []).map((run) => run.length + 1)));
  type(box, `${ticks}\n${box.value.slice(from, to)}\n${ticks}`, from, to);
}
function link(box, words) {
  const chosen = box.value.slice(box.selectionStart, box.selectionEnd).trim();
  const from = box.selectionStart;
  const isAddress = /^(https?:\/\/|mailto:|tel:)\S+$/.test(chosen);
  const [label, target] = isAddress ? [words, chosen] : [chosen.replace(/[[\]\n]/g, " ") || words, "https://"];
  type(box, `[${label}](${target})`);
  if (isAddress || !chosen) box.setSelectionRange(from + 1, from + 1 + label.length);
  else box.setSelectionRange(from + label.length + 3 + target.length, from + label.length + 3 + target.length);
}
const TOOLS = {
  bold: (box, words) => wrap(box, "**", words),
  code: (box, words) => box.value.slice(box.selectionStart, box.selectionEnd).includes("\n") ? block(box) : wrap(box, "`", words),
  list: (box) => prefix(box, "- "),
  quote: (box) => prefix(box, "> "),
  link,
};
const use = (bar, kind) => { const box = boxOf(bar); if (box) TOOLS[kind](box, bar.dataset.words); };

document.addEventListener("mousedown", (event) => { if (event.target.closest?.("[data-write]")) event.preventDefault(); });
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-write]");
  if (button) use(button.closest("[data-writing]"), button.dataset.write);
});
const KEYS = { b: "bold", e: "code", k: "link" };
document.addEventListener("keydown", (event) => {
  const bar = event.target.matches?.("textarea") && barOf(event.target);
  const kind = KEYS[event.key.toLowerCase()];
  if (bar && kind && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) { event.preventDefault(); use(bar, kind); }
  if (bar && event.key === "F10" && event.altKey) { event.preventDefault(); $("[data-write]", bar).focus(); }
  const tools = event.target.closest?.("[data-writing]");
  if (tools && event.key === "Escape") boxOf(tools)?.focus();
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!tools || !step) return;
  event.preventDefault();
  const all = $$("[data-write]", tools);
  const at = all.indexOf(event.target);
  const next = Number.isFinite(step) ? (at + step + all.length) % all.length : step < 0 ? 0 : all.length - 1;
  all[next].focus();
});

// Mentions: the list of names is fetched with the first @.
document.addEventListener("input", ({ target: box }) => {
  const bar = box.matches?.("textarea") && barOf(box);
  if (!bar || !bar.dataset.mentions || bar.suggests || !/@[^\s@]*$/.test(box.value.slice(0, box.selectionStart))) return;
  bar.suggests = true;
  import(bar.dataset.mentions).then(({ suggest }) => suggest(bar, box, type));
});

// Pictures: the part that places them is fetched with the first one.
const place = async (bar, box, files) => (await import(bar.dataset.pictures)).place(bar, box, files, type);
const takesFiles = (box) => box.matches?.("textarea") && barOf(box) && $("[data-upload]", box.form ?? document.createElement("i"));
document.addEventListener("paste", (event) => {
  const { clipboardData: held, target: box } = event;
  if (!held?.files.length || !takesFiles(box)) return;
  event.stopImmediatePropagation();
  // Cells and paragraphs come as a picture of themselves, too: they are meant as text.
  if (held.types.includes("text/plain")) return;
  event.preventDefault();
  place(barOf(box), box, [...held.files]);
}, true);
document.addEventListener("drop", (event) => {
  const { dataTransfer: held, target: box } = event;
  const upload = held?.files.length && takesFiles(box);
  if (!upload) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  $("[data-drop]", upload).removeAttribute("data-over");
  const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  if (caret?.offsetNode === box) box.setSelectionRange(caret.offset, caret.offset);
  place(barOf(box), box, [...held.files]);
}, true);
for (const bar of $$("[data-writing]")) {
  const box = boxOf(bar);
  if (box?.value.includes("![") && takesFiles(box)) import(bar.dataset.pictures).then(({ preview }) => preview(bar, box));
}

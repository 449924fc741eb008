// Canned replies over the page. The chosen text goes where the caret stands, as if it had been typed, so that the browser
// can undo it. A "/" in an empty box opens the picker; whoever closes it without choosing has the "/" in the box.
const { $, $$, on } = window.parley;
let typedSlash = false, chosenOffer = null;
const pickerForm = () => $("[data-picker]")?.form;
const pickerBox = () => pickerForm()?.elements.namedItem("body");
function openPicker() {
  const dialog = $("#reply-picker");
  const words = $("[data-picker-words]", dialog ?? document.createElement("i"));
  if (!words) return false;
  words.value = "";
  dialog.showModal();
  words.focus();
  words.dispatchEvent(new CustomEvent("picker", { bubbles: true }));
  return true;
}
function typeInto(box, text) {
  // A closed dialog gives the focus back without the caret, and without it nothing can be typed.
  box.blur();
  box.focus();
  if (!document.execCommand("insertText", false, text)) box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
}
function fillFields(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = $(`[name="${name}"][type="radio"][value="${CSS.escape(value)}"], [name="${name}"]:not([type="radio"])`, form);
    if (!field) continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = true; else field.value ||= value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
on("click", "[data-picker]", (button, event) => { typedSlash = false; if (openPicker()) event.preventDefault(); });
on("click", "#reply-picker [data-offer]", (offer, event) => { event.preventDefault(); chosenOffer = offer; $("#reply-picker").close(); });
// The page takes text only after the dialog is gone.
document.addEventListener("close", ({ target }) => {
  const box = pickerBox();
  if (target.id !== "reply-picker" || !box) return;
  const offer = chosenOffer;
  const text = offer ? offer.dataset.text : typedSlash ? "/" : "";
  [typedSlash, chosenOffer] = [false, null];
  if (text) typeInto(box, text); else box.focus();
  if (!offer) return;
  $("[data-canned-used]", box.form)?.replaceChildren($("template", offer.parentElement).content.cloneNode(true));
  fillFields(box.form, JSON.parse(offer.dataset.fields));
}, true);
document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.key === "/" && target === pickerBox() && !target.value && !event.isComposing && openPicker()) { event.preventDefault(); typedSlash = true; }
  if (!target.closest?.("#reply-picker") || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
  const stops = [$("[data-picker-words]"), ...$$("#reply-picker [data-offer]")];
  if (event.key === "Enter") { if (target === stops[0]) { event.preventDefault(); stops[1]?.click(); } return; }
  event.preventDefault();
  stops[(stops.indexOf(target) + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length].focus();
});

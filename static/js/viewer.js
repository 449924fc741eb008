// The viewer: a picture of a conversation, large, over the page; arrow keys lead to its other pictures. Loaded when one
// is pressed. Without scripts the link leads to the picture itself.
const { $, $$ } = window.parley;
const template = $("#picture-viewer");
let dialog, links = [], at = 0, back;

function build() {
  document.body.append(template.content.cloneNode(true));
  dialog = $("dialog.viewer");
  $("[data-step='-1']", dialog).after(document.createElement("img"));
  dialog.addEventListener("click", ({ target }) => {
    const step = target.closest("[data-step]")?.dataset.step;
    if (step) show(at + Number(step));
    if (target === dialog || target.closest("[data-viewer-close]")) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: links.length - 1 }[event.key];
    event.stopPropagation();
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(to);
  });
  dialog.addEventListener("close", () => { $("img", dialog).removeAttribute("src"); back?.focus(); });
}
function show(to) {
  if (to < 0 || to >= links.length) return;
  at = to;
  const link = links[at];
  const { picture, size } = link.dataset;
  const small = $("img", link);
  const image = $("img", dialog);
  image.src = link.href;
  image.alt = small?.alt ?? picture;
  $(".viewer__name", dialog).textContent = picture;
  $(".viewer__size", dialog).textContent = size;
  const count = $(".viewer__count", dialog);
  count.textContent = links.length > 1 ? count.dataset.words.replace("{n}", at + 1).replace("{all}", links.length) : "";
  const download = $("[data-download]", dialog);
  download.href = link.href;
  download.download = picture;
  for (const button of $$("[data-step]", dialog)) {
    button.hidden = links.length < 2;
    const other = at + Number(button.dataset.step);
    button.setAttribute("aria-disabled", String(other < 0 || other >= links.length));
  }
}
export function open(link) {
  if (!dialog?.isConnected) build();
  const seen = new Set();
  links = $$("a[data-picture][href]").filter((one) => one === link || (one.href !== link.href && !seen.has(one.href) && seen.add(one.href)));
  back = link;
  show(links.indexOf(link));
  dialog.showModal();
}

// People whom a text can mention, colleagues in a note and people of the case elsewhere: a list below the box while a name
// is typed behind an @. Arrows choose, Enter or Tab takes, Escape closes. Loaded by writing.js with the first @.
const { $, $$ } = window.parley;
const MOST = 6;
const isNote = (box) => ($('[name="kind"]:checked', box.form) ?? $('[name="kind"]', box.form))?.value === "note";

export function suggest(bar, box, type) {
  const colleagues = JSON.parse(bar.dataset.people), readers = JSON.parse(bar.dataset.readers);
  const list = document.createElement("ul");
  Object.assign(list, { className: "mentions", id: `${box.id}-people`, role: "listbox", hidden: true });
  // A textarea keeps its role: the list is told by these attributes, and by a line for those who do not see it.
  const said = document.createElement("p");
  Object.assign(said, { className: "visually-hidden", role: "status" });
  box.after(list, said);
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-haspopup", "listbox");
  let from = 0, chosen = 0;

  function close() { list.hidden = true; said.textContent = ""; box.removeAttribute("aria-activedescendant"); }
  function mark(to) {
    const options = $$("[role=option]", list);
    chosen = (to + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    box.setAttribute("aria-activedescendant", options[chosen].id);
  }
  function take(option) {
    close();
    type(box, `@${option.textContent} `, from, box.selectionStart);
    close();
  }
  function refresh() {
    const [, typed] = box.value.slice(0, box.selectionStart).match(/(?:^|[\s(,;])@([^@\n]{0,40})$/) ?? [];
    if (typed === undefined) return close();
    const people = isNote(box) ? colleagues : readers;
    list.setAttribute("aria-label", isNote(box) ? bar.dataset.peopleLabel : bar.dataset.readersLabel);
    const begun = typed.toLowerCase();
    const fits = people.filter((name) => name.toLowerCase().split(" ").some((_, at, words) => words.slice(at).join(" ").startsWith(begun)));
    if (!fits.length || fits.some((name) => name.toLowerCase() === begun.trim())) return close();
    from = box.selectionStart - typed.length - 1;
    list.replaceChildren(...fits.slice(0, MOST).map((name, at) => {
      const option = document.createElement("li");
      Object.assign(option, { id: `${list.id}-${at}`, role: "option", textContent: name, dir: "auto" });
      return option;
    }));
    list.hidden = false;
    said.textContent = bar.dataset.peopleFound.replace("{n}", Math.min(fits.length, MOST));
    mark(0);
    list.scrollIntoView({ block: "nearest" });
  }
  box.addEventListener("input", refresh);
  box.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (option) take(option);
  });
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(chosen + step);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey && !event.shiftKey) take($$("[role=option]", list)[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  refresh();
}

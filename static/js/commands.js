// The command menu: what the page, the chosen row and the rail offer, found by a few letters, and what the server finds.
// Everything in it is a link or a button elsewhere; choosing presses that one.
const { $, $$ } = window.parley;
let chosen = -1;
let opener = null;
const LIMIT = 24;

const options = (dialog) => $$('[role="option"]', dialog).filter((one) => one.offsetParent);
const nameOf = (element) => [...element.childNodes]
  .filter((node) => !(node instanceof Element && node.matches("kbd, svg, [data-count], .rail__count, .visually-hidden")))
  .map((node) => node.textContent).join(" ").replace(/\s+/g, " ").trim();

function option({ label, note = "", key = "", does }) {
  const item = document.createElement("div");
  item.setAttribute("role", "option");
  item.className = "commands__item";
  const name = document.createElement("bdi");
  name.textContent = label;
  item.append(name);
  if (note) { const more = document.createElement("span"); more.className = "muted"; more.textContent = note; item.append(more); }
  if (key) { const hint = document.createElement("kbd"); hint.textContent = key; item.append(hint); }
  item.does = does;
  return item;
}

function group(label, items) {
  const box = document.createElement("div");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", label);
  const title = document.createElement("p");
  title.className = "commands__title";
  title.setAttribute("aria-hidden", "true");
  title.textContent = label;
  box.append(title, ...items);
  return box;
}

// What is there now, by group: the verbs of the row, those of the page, its keys, the places of the rail.
function offers(dialog, { press, row, verbs }) {
  const words = dialog.dataset;
  const found = [];
  if (row && verbs.length) {
    found.push([row.id.replace("row-", ""), verbs.map((verb) => ({ label: verb.label, key: verb.key, does: () => location.assign(verb.href) }))]);
  }
  const pressed = (element) => ({ label: element.getAttribute("aria-label") || nameOf(element), key: element.dataset.key ?? "", does: () => element.click() });
  const here = $$("[data-commands-here] :is(a[href], button[type=submit])").map(pressed);
  const keys = $$("#shortcuts [data-command-key]").filter((line) => !line.dataset.on || $(line.dataset.on))
    .map((line) => ({ label: $("dd", line).textContent.trim(), key: line.dataset.commandKey, does: () => press(line.dataset.commandKey) }));
  found.push([words.here, [...here, ...keys]]);
  found.push([words.places, $$(".rail a[href]:not(.brand), [data-commands-places] a[href]").map(pressed)]);
  return found.map(([label, entries]) => [label, [...new Map(entries.filter(({ label }) => label).map((one) => [one.label, one])).values()]]);
}

function show(dialog, found, asked) {
  const letters = asked.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ label }) => letters.every((part) => label.toLowerCase().includes(part));
  $("[data-commands-own]", dialog).replaceChildren(...found
    .map(([label, entries]) => [label, entries.filter(fits).slice(0, LIMIT)])
    .filter(([, entries]) => entries.length)
    .map(([label, entries]) => group(label, entries.map(option))));
  choose(dialog, letters.length ? 0 : -1);
}

function choose(dialog, at) {
  const all = options(dialog);
  const box = $("input", dialog);
  chosen = all.length ? Math.max(-1, Math.min(at, all.length - 1)) : -1;
  all.forEach((one, index) => {
    one.id = `command-${index}`;
    one.setAttribute("aria-selected", String(index === chosen));
  });
  if (chosen < 0) box.removeAttribute("aria-activedescendant");
  else { box.setAttribute("aria-activedescendant", all[chosen].id); all[chosen].scrollIntoView({ block: "nearest" }); }
}

function run(dialog, item) {
  opener = null;
  dialog.close();
  if (item.does) item.does(); else item.click();
}

const sheet = document.createElement("link");
sheet.rel = "stylesheet";
sheet.href = $("#commands").dataset.sheet;
document.head.append(sheet);

export function fillCommandMenu(dialog, around) {
  const box = $("input", dialog);
  const found = offers(dialog, around);
  opener = around.opener;
  show(dialog, found, box.value);
  box.oninput = () => show(dialog, found, box.value);
  box.onkeydown = (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && !event.isComposing) {
      const all = options(dialog);
      event.preventDefault();
      choose(dialog, (chosen + steps[event.key] + all.length) % Math.max(all.length, 1));
    } else if (event.key === "Enter" && !event.isComposing && chosen >= 0) {
      event.preventDefault();
      run(dialog, options(dialog)[chosen]);
    }
  };
  dialog.onclick = (event) => {
    const item = event.target.closest('[role="option"]');
    if (item?.does) { event.preventDefault(); run(dialog, item); }
  };
  dialog.onclose = () => opener?.focus?.();
}

// What the server found joins without moving the choice.
document.addEventListener("htmx:after:swap", () => {
  const dialog = $("#commands[open]");
  if (dialog) choose(dialog, chosen < 0 && $("input", dialog).value.trim() ? 0 : chosen);
});

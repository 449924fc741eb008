// Pictures inside a text: what is pasted or dropped into a box becomes a file of its form and a line that says where it
// stands (docs/text.md). Below the box each such picture is shown small, with the words above it. Loaded by writing.js.
const { $, $$, addFiles } = window.parley;
const LINE = /^!\[([^[\]]{0,300})\]\(([^()/\\:]{1,150})\)[ \t]*$/;
const PICTURE = /^image\/(png|jpeg|gif|webp|heic|heif)$/;
const drawn = new Map();

// The key of a name, as portal/kernel/picture_lines.py makes it.
function keyOf(name) {
  const stem = name.match(/^(.*)\.[^.]{1,5}$/)?.[1] ?? name;
  const plain = stem.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replaceAll("ł", "l");
  return (plain.match(/[a-z0-9]+/g) ?? []).join("-").slice(0, 60) || "picture";
}
function distinct(file, taken) {
  const safe = file.name.replace(/[()/\\:[\]]/g, "-");
  const [, stem, ending] = safe.match(/^(.*?)(\.[^.]{1,5})?$/);
  let name = safe;
  for (let number = 2; taken.has(keyOf(name)); number += 1) name = `${stem}-${number}${ending ?? ""}`;
  taken.add(keyOf(name));
  return name === file.name ? file : new File([file], name, { type: file.type });
}
const uploadOf = (box) => $("[data-upload]", box.form);
const namesOf = (box) => $$('.upload__file:not([data-state="failed"]) .upload__name', uploadOf(box)).map((name) => name.textContent);

export function place(bar, box, files, type) {
  const taken = new Set(namesOf(box).map(keyOf));
  const all = [...files].map((file) => PICTURE.test(file.type) ? distinct(file, taken) : file);
  const pictures = all.filter((file) => PICTURE.test(file.type));
  for (const file of pictures) drawn.set(keyOf(file.name), URL.createObjectURL(file));
  if (pictures.length) {
    const { value, selectionStart: from, selectionEnd: to } = box;
    const before = from && value[from - 1] !== "\n" ? "\n" : "";
    const after = value[to] === "\n" ? "" : "\n";
    const lines = pictures.map((file) => `![${file.name.replace(/\.[^.]{1,5}$/, "")}](${file.name})`);
    type(box, before + lines.join("\n") + after);
  }
  addFiles(uploadOf(box), all);
  preview(bar, box);
}

export function preview(bar, box) {
  const list = bar.pictureList ??= watch(bar, box);
  const names = new Set(namesOf(box).map(keyOf));
  const lines = box.value.split("\n");
  let above = "";
  const items = [];
  for (const line of lines) {
    const [, words, name] = line.match(LINE) ?? [];
    if (name) items.push(item(bar, name, names.has(keyOf(name)), above));
    else if (line.trim()) above = line.trim();
  }
  list.replaceChildren(...items);
  list.hidden = !items.length;
}
function item(bar, name, attached, above) {
  const row = document.createElement("li");
  const address = attached && drawn.get(keyOf(name));
  if (address) {
    const image = document.createElement("img");
    Object.assign(image, { src: address, alt: "", height: 48 });
    row.append(image);
  }
  const { pictureBelow, pictureFirst, pictureMissing } = bar.dataset;
  const place = !attached ? pictureMissing : above ? pictureBelow : pictureFirst;
  const line = document.createElement("span");
  const start = above.length > 40 ? `${above.slice(0, 40)}…` : above;
  line.textContent = place.replace("{name}", () => name).replace("{line}", () => start);
  row.append(line);
  return row;
}
function watch(bar, box) {
  const list = document.createElement("ul");
  list.className = "writing-pictures";
  list.hidden = true;
  box.after(list);
  box.addEventListener("input", () => preview(bar, box));
  const files = $("[data-files]", uploadOf(box));
  if (files) new MutationObserver(() => preview(bar, box)).observe(files, { childList: true, subtree: true, attributeFilter: ["data-state"] });
  return list;
}

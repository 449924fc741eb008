// Own fields of a request type: one that another answer shows is there only while that answer is given. The server decides
// by the same rules; without this script every field is there and says when it counts.

const answersOf = (place) => {
  const given = [];
  for (const control of place.querySelectorAll("input, select, textarea")) {
    if (control.type === "checkbox" || control.type === "radio") {
      if (control.name !== "staged_remove" && control.checked) given.push(control.value);
    } else if (control.value.trim()) given.push(control.value);
  }
  return given;
};

function showFields(root) {
  const places = [...root.querySelectorAll("[data-own-field]")];
  const byKey = new Map(places.map((place) => [place.dataset.ownField, place]));
  // In the order of the form: a field depends on earlier ones only.
  for (const place of places) {
    const source = byKey.get(place.dataset.shownBy);
    if (!source) continue;
    const wanted = place.dataset.shownFor.split(" ").filter(Boolean);
    const given = source.hidden ? [] : answersOf(source);
    const consent = source.querySelector('input[type="checkbox"][value="y"]');
    place.hidden = !(wanted.length && !consent ? given.some((value) => wanted.includes(value)) : given.length);
  }
}

const showAll = () => showFields(document);
document.addEventListener("input", (event) => event.target.closest?.("[data-own-field]") && showAll());
document.addEventListener("change", (event) => event.target.closest?.("[data-own-field]") && showAll());
document.addEventListener("htmx:after:swap", showAll);
showAll();

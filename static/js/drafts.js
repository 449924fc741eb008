// Drafts: what is written in a form that keeps drafts is saved on the server while it is written, on leaving, and by its
// button. Nothing moves; one quiet line says what came of it.
const { $, $$ } = window.parley;
const PAUSE = 2000; // milliseconds without a key
const BETWEEN = 5000; // milliseconds between two saves
const states = new WeakMap();
const toolsOf = (form) => $("[data-draft]", form);
const versionOf = (form) => form.elements.namedItem("draft_version");
const DRAWN_ANEW = new Set(["csrf_token", "once", "draft_version", "draft_page", "version", "last", "was", "shown_at", "delay"]);

function written(form) {
  const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return new URLSearchParams(pairs);
}
const contentOf = (body) => new URLSearchParams([...body].filter(([name]) => !DRAWN_ANEW.has(name))).toString();

function stateOf(form) {
  if (!states.has(form)) states.set(form, { saved: contentOf(written(form)), last: 0 });
  return states.get(form);
}
function tell(form, text, ...more) {
  const line = $(".draft__line", toolsOf(form));
  if (!line) return;
  if (line.firstChild?.textContent === text && !more.length) return;
  line.replaceChildren(text, ...more);
}
function link(label, href, target) {
  const element = document.createElement("a");
  element.href = href;
  element.textContent = label;
  if (target) { element.target = target; element.rel = "noopener"; }
  return element;
}
function sayNewer(form, { message, href, version }) {
  const { show, keep } = toolsOf(form).dataset;
  const mine = document.createElement("button");
  mine.type = "button";
  mine.className = "button";
  mine.dataset.kind = "link";
  mine.textContent = keep;
  mine.addEventListener("click", () => { versionOf(form).value = version; stateOf(form).stopped = false; save(form); });
  tell(form, message, link(show, href, "_blank"), " · ", mine);
}

async function save(form, leaving = false) {
  const state = stateOf(form);
  const tools = toolsOf(form);
  clearTimeout(state.timer);
  if (!tools || !form.isConnected || state.stopped || form.dataset.sending) return;
  const body = written(form);
  const content = contentOf(body);
  if (content === state.saved) return;
  if (state.running) { state.again = true; return; }
  state.running = true;
  state.last = Date.now();
  const field = versionOf(form);
  const before = field.value;
  // What is sent while this save is on its way ends the draft that it makes.
  field.value = String((Number(before) || 0) + 1);
  try {
    const text = body.toString();
    const answer = await fetch(tools.dataset.draft, {
      method: "POST", body, headers: { Accept: "application/json" }, keepalive: leaving && text.length < 60_000, signal: AbortSignal.timeout(20_000),
    });
    const said = await answer.json();
    if (answer.ok) {
      state.saved = content;
      field.value = String(said.version);
      $(".draft-notice__words", form)?.replaceChildren(said.line);
      tell(form, said.line, " · ", link(tools.dataset.discard, said.discard));
    } else if (answer.status === 409) {
      field.value = before;
      state.stopped = true;
      sayNewer(form, said);
    } else if (answer.status === 410) {
      // It was sent or discarded elsewhere: what is written from now on is a new draft.
      field.value = "";
      state.saved = content;
      tell(form, "");
    } else {
      field.value = before;
      tell(form, answer.status === 422 ? said.message : tools.dataset.unsaved);
    }
  } catch {
    field.value = before;
    tell(form, tools.dataset.unsaved);
    plan(form, 30_000);
  }
  state.running = false;
  if (state.again) { state.again = false; plan(form); }
}
function plan(form, pause = PAUSE) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(form), Math.max(pause, state.last + BETWEEN - Date.now()));
}

const forms = () => $$("[data-draft]").map((tools) => tools.closest("form")).filter(Boolean);
forms().forEach(stateOf);
for (const type of ["input", "change", "staged"]) document.addEventListener(type, ({ target }) => {
  const form = target.form ?? target.closest?.("form");
  if (form && toolsOf(form)) plan(form);
});
document.addEventListener("visibilitychange", () => { if (document.hidden) forms().forEach((form) => save(form, true)); });
addEventListener("pagehide", () => forms().forEach((form) => save(form, true)));
// What was sent is no draft, also where the browser shows the page again.
document.addEventListener("submit", ({ target }) => { if (toolsOf(target)) stateOf(target).saved = contentOf(written(target)); });
// With scripts the button saves as a pause does; the page stays as it is.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-save-draft]");
  if (!button) return;
  event.preventDefault();
  const state = stateOf(button.form);
  state.stopped = false;
  state.saved = null;
  save(button.form);
});

"""Every form of the app, found by itself, sent what no person would send: a clear sentence, the text kept, nothing
stored, never a 500."""

import io
from dataclasses import replace

import pytest
import sqlalchemy as sql
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal.cases.models import Message
from portal.kernel.text import clean_text
from tests.fuzz.hostile import BAD_BYTES, MARKUP, VALUES, injected, says_why
from tests.isolation.case_matrix import table_checksums
from tests.support.crawler import NOT_FORMS, find_form
from tests.support.effort import take_turns
from tests.support.page import parse

pytestmark = pytest.mark.slow

QUIET = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ALWAYS = ("markup",)
SOMETIMES = tuple(name for name in VALUES if name not in ALWAYS)
# So many of SOMETIMES a form is sent; so many of its fields are left out, too long or foreign, one at a time.
TURNS, FIELDS_OF_A_FORM = 2, 2
# Answers that must have stored nothing; 429 counts the attempt, 404 and 403 too where an attempt is worth a line.
REFUSED = {409, 413, 422}


def test_every_form_is_found(found_forms, missed_forms):
    """A form that nobody finds is a form that nobody fuzzes."""
    assert not missed_forms, "no page shows a form for these; see tests/support/crawler.py"
    assert len(found_forms) > 60 and all(len(reason) > 10 for reason in NOT_FORMS.values())


def test_whatever_is_written_counts_as_a_change(sandbox):
    """The other tests rely on it: an added, a changed and a deleted row are seen, and what is undone is not."""
    world = sandbox.world
    for write in (
        lambda: world.reply(world.open_case("rita"), "One more"),
        lambda: world.session.execute(sql.text("UPDATE organizations SET name = name || '!'")),
        lambda: world.session.execute(sql.text("DELETE FROM notifications")),
    ):
        with sandbox.undone():
            world.system()
            write()
            everything = table_checksums(world)
            assert sandbox.changed() == {table for table, was in sandbox.before.items() if everything[table] != was}
            assert sandbox.changed()
        with sandbox.undone():
            assert not sandbox.changed()


def test_hostile_values_in_every_field(sandbox, found_forms):
    """All fields of a form at once, one kind of value after the other; what is refused says why and stored nothing.
    Markup goes to every form; the other values take turns."""
    wrong = []
    for n, found_form in enumerate(found_forms):
        for name in (*ALWAYS, *take_turns(SOMETIMES, TURNS, n)):
            value = VALUES[name]
            with sandbox.undone():
                answer = sandbox.post(found_form, dict.fromkeys(found_form.names, value))
                judge(sandbox, found_form, name, answer, wrong)
    assert not wrong, "\n".join(wrong)


def judge(sandbox, found_form, name, answer, wrong):
    """A refusal says why, and has changed nothing; no page ever makes markup of what was sent."""
    html = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
    if "onerror" in html and injected(html):
        wrong.append(f"{found_form} {name}: {injected(html)}")
    if answer.status_code not in REFUSED:
        return
    if html and not says_why(html):
        wrong.append(f"{found_form} {name}: {answer.status_code} without a sentence")
    wrong += [f"{found_form} {name}: only the summary says {message!r}" for message in far_from_its_field(html)]
    changed = set(sandbox.changed())
    if name == "file" and found_form.files() and "attachments" in changed:
        # A plain file of a refused form is staged, so that it is not lost (docs/decisions/0004).
        changed -= {"attachments", "events"}
    if changed:
        wrong.append(f"{found_form} {name}: {answer.status_code} and yet {sorted(changed)} changed")


def far_from_its_field(html):
    """The messages of the error summary that lead to a field of the page which does not say them itself."""
    if "error-summary__link" not in html:
        return []
    page = parse(html)
    said = [squeeze(e.text) for e in page.all() if "field__error" in e.get("class")]
    led = [squeeze(e.text) for e in page.all("a") if "error-summary__link" in e.get("class")]
    return [message for message in led if not any(message in sentence for sentence in said)]


def squeeze(text):
    return " ".join(text.split())


# What `url_for` reads itself: an address that is made from the parameters of a request obeys whoever wrote them.
OF_URL_FOR = "view=mine&_method=DELETE&_external=1&_scheme=gopher&_anchor=x&endpoint=static&values=1&key=%00"


def test_no_parameter_steers_where_a_form_leads(sandbox, found_forms):
    """Filled as its page fills it, and sent to its address with parameters that carry a meaning inside the product."""
    wrong = []
    for found_form in found_forms:
        filled = {name: value for name, value in found_form.form.filled().items() if name != "csrf_token"}
        data = dict.fromkeys(found_form.texts(), "Some words") | {k: v for k, v in filled.items() if v}
        path = found_form.path + ("&" if "?" in found_form.path else "?") + OF_URL_FOR
        with sandbox.undone():
            answer = sandbox.post(replace(found_form, path=path), data)
            where = answer.headers.get("Location") or answer.headers.get("HX-Redirect") or "/"
            if where.startswith("gopher"):
                wrong.append(f"{found_form}: {where[:200]}")
    assert not wrong, "\n".join(wrong)


def test_empty_repeated_and_wrong_kinds(sandbox, found_forms):
    """Nothing at all; some texts alone missing; every field twice; a file where text belongs and text for a file."""
    wrong = []
    for n, found_form in enumerate(found_forms):
        filled = {name: value for name, value in found_form.form.filled().items() if name != "csrf_token"}
        left_out = take_turns(found_form.texts(), 1, n)
        tries = {
            "nothing": {},
            "twice": {name: ["first", "second"] for name in found_form.names},
            "file": {name: (io.BytesIO(b"x"), "x.txt") for name in found_form.names[:6]},
            "text for a file": {
                **filled,
                "strange": "x",
                **dict.fromkeys(found_form.files() or ["attachments"], "no file"),
            },
            **{f"without {name}": {k: v for k, v in filled.items() if k != name} for name in left_out},
        }
        nothing, *others = tries.items()
        for name, data in (nothing, *take_turns(others, 3, n)):
            with sandbox.undone():
                judge(sandbox, found_form, name, sandbox.post(found_form, data), wrong)
    assert not wrong, "\n".join(wrong)


def foreign(world):
    """Objects of the neighbor, by what a field's name asks for."""
    south = world.southgate
    return {
        "contact": world.rob.contact_id,
        "owner": world.sam.staff_id,
        "environment": next(iter(south.environments.values())).id,
        "department": next(iter(south.departments.values())).id,
        "type": next(iter(south.types.values())).id,
        "service": next(iter(south.services.values())).id,
        "account": south.accounts["ACME"].id,
        "staged": south.accounts["ACME"].id,
    }


def test_the_neighbors_objects_in_every_field(sandbox, found_forms):
    """An id of another provider is an id of nothing: refused or ignored, and it is stored nowhere."""
    ids, wrong = foreign(sandbox.world), []
    for n, found_form in enumerate(found_forms):
        data = {name: value for name, value in found_form.form.filled().items() if name != "csrf_token"}
        data |= {name: data.get(name) or "Some words" for name in found_form.texts()}
        chosen = [
            name
            for name in found_form.names
            if name not in found_form.texts() and name not in ("once", "version", "last")
        ]
        named = [name for name in chosen if any(kind in name for kind in ids)]
        other = [name for name in chosen if name not in named]
        for name in (*named, *take_turns(other, FIELDS_OF_A_FORM, n)):
            kind = next((kind for kind in ids if kind in name), "")
            with sandbox.undone():
                answer = sandbox.post(found_form, {**data, name: str(ids.get(kind, sandbox.world.rob.id))})
                judge(sandbox, found_form, name, answer, wrong)
    assert not wrong, "\n".join(wrong)


def test_what_was_typed_stays_in_a_refused_form(sandbox, found_forms):
    """One field too long: every other text is in the form that comes back, letter for letter."""
    wrong, refused = [], 0
    for n, found_form in enumerate(found_forms):
        texts = [name for name in found_form.texts() if "password" not in name]
        for bad in take_turns(texts, FIELDS_OF_A_FORM, n):
            with sandbox.undone():
                data = found_form.form.filled()
                typed = {name: f"typed {name} ąß & co" for name in texts if name != bad and "email" not in name}
                data.update({**typed, bad: "y" * 60_000})
                data.pop("csrf_token", None)
                answer = sandbox.post(found_form, data)
                if answer.status_code != 422:
                    continue
                refused += 1
                # A wrong address at the second step of signing in leads back to the first.
                again = find_form(answer.page, found_form.path) or find_form(answer.page, "/sign-in")
                if again is None:
                    wrong.append(f"{found_form}: the form did not come back")
                    continue
                lost = [n for n, v in typed.items() if v not in again.values.get(n, [])]
                if lost:
                    wrong.append(f"{found_form} with a bad {bad} loses {lost}")
    assert not wrong, "\n".join(wrong)
    assert refused > 20


def test_without_a_valid_token_nothing_is_stored_and_nothing_is_lost(sandbox, found_forms):
    """A page that was open too long, or a form on somebody else's site: the forms take turns with four bad tokens."""
    stranger = sandbox.browsers["lee"]
    stranger.remember(csrf_token="f" * 40)
    tokens = (None, sandbox.browsers["ana"].csrf_token() + "x", stranger.csrf_token(), "\0\ud800")
    wrong = []
    for n, found_form in enumerate(found_form for found_form in found_forms if found_form.who != "lee"):
        typed = {
            name: f"typed {name}" for name in found_form.texts()[:2] if "email" not in name and "password" not in name
        }
        token = tokens[n % 4]
        files = {name: (io.BytesIO(b"x"), "chosen again.log") for name in found_form.files()}
        data = {**found_form.form.filled(), **typed, **files}
        data.pop("csrf_token", None)
        if token is not None:
            data["csrf_token"] = token.encode("utf-8", "surrogatepass")
        with sandbox.undone():
            answer = sandbox.browsers[found_form.who].post(found_form.path, data=data, checked=False, csrf=False)
            if answer.status_code not in (400, 403, 409, 422):
                wrong.append(f"{found_form}: {answer.status_code}")
            if sandbox.changed():
                wrong.append(f"{found_form}: stored something")
            told = [*typed.values(), *("chosen again.log" for _file in files)]
            lost = [text for text in told if text not in answer.get_data(as_text=True)]
            if answer.status_code == 422 and lost:
                wrong.append(f"{found_form}: lost {lost}")
    assert not wrong, "\n".join(wrong)


def sent_by(button):
    """What a press of *button* sends beside the fields, and where to."""
    return button.get("name"), button.get("value"), button.get("formaction")


def test_enter_presses_the_main_button(found_forms):
    """Without scripts, Enter in a line presses the first button of the form, which is not one that only shows more.

    Where rules can be tried on examples, the trial is first: Enter beside an example must not put the rules into force.
    """
    trials = ("Try it", "Try it on the last 30 days")
    wrong = []
    for found_form in found_forms:
        buttons = [b for b in found_form.form.element.all("button") if b.get("type", "submit") == "submit"]
        primary = [b for b in buttons if b.get("data-kind") == "primary"]
        main, first = {squeeze(b.text) for b in primary}, buttons[0] if buttons else None
        # `enter_button` has no words: it sends what the main button sends.
        if primary and not first.text.strip() and sent_by(first) in map(sent_by, primary):
            continue
        if main and squeeze(first.text) not in {*main, *trials}:
            wrong.append(f"{found_form}: Enter presses {squeeze(first.text)!r}, not {main}")
    assert not wrong, "\n".join(wrong)


def test_bytes_that_are_no_text(sandbox, found_forms):
    """Lone surrogates, cut and overlong sequences: read as something else or refused, never a 500."""
    for found_form in found_forms:
        body = b"&".join(
            name.encode() + b"=" + bad for name, bad in zip(found_form.names * 4, BAD_BYTES * 20, strict=False)
        )
        with sandbox.undone():
            sandbox.post_bytes(found_form, body + b"&=&&&%&%00=%00&%ff%00=1")


LARGE = ("/new/outage", "/sign-in", "/desk/new", "/org/acme/sharing", "/me")


def test_ten_megabytes_of_text(sandbox, found_forms):
    """Beyond every limit: a sentence, and nothing stored. (That the text comes back: test_forms.py.)"""
    huge = "Much text. " * 1_000_000
    chosen = [d for d in found_forms if d.path in LARGE or d.path.endswith(("/replies", "/note", "/reject"))]
    assert len(chosen) >= 6
    for found_form in chosen:
        for name in found_form.texts()[-1:]:
            with sandbox.undone():
                data = {k: v for k, v in found_form.form.filled().items() if k != "csrf_token"}
                answer = sandbox.post(found_form, {**data, name: huge})
                assert answer.status_code in (413, 422, 429), f"{found_form} {name}: {answer.status_code}"
                assert not sandbox.changed()
                assert answer.status_code != 422 or says_why(answer.get_data(as_text=True))


def test_replays_of_every_form(sandbox, found_forms):
    """The same bytes twice, and a third time: whatever happened, it happened; nothing breaks."""
    for found_form in found_forms:
        data = {name: value for name, value in found_form.form.filled().items() if name != "csrf_token"}
        data |= {name: data.get(name) or "Some words" for name in found_form.texts()}
        with sandbox.undone():
            for _time in range(3):
                sandbox.post(found_form, data)


@pytest.mark.parametrize("path", ["/new/outage"])
def test_the_longest_form_with_anything_at_all(sandbox, found_forms, path):
    """Generated text in each of its fields."""
    found_form = next(d for d in found_forms if d.path == path)

    @QUIET
    @given(st.lists(st.text(max_size=80), min_size=len(found_form.names), max_size=len(found_form.names)))
    def attempt(values):
        with sandbox.undone():
            data = {n: v.encode("utf-8", "surrogatepass") for n, v in zip(found_form.names, values, strict=True)}
            sandbox.post(found_form, data)

    attempt()


def test_replying_with_anything_at_all_keeps_every_readable_letter(sandbox, found_forms):
    """What is accepted is stored as it was written, but for what no one can read."""
    found_form = next(d for d in found_forms if d.path.endswith("/replies"))

    @QUIET
    @given(st.text(min_size=1, max_size=300))
    def attempt(body):
        with sandbox.undone():
            answer = sandbox.post(found_form, {"body": body.encode("utf-8", "surrogatepass")})
            if clean_text(body).strip():
                assert answer.status_code == 303
                stored = sandbox.world.rows(Message, Message.kind == "reply")[-1]
                assert stored.body == clean_text(body) or not body.isprintable()
            else:
                assert answer.status_code == 422

    attempt()


def test_markup_is_markup_to_the_test(sandbox):
    """The detector that the other tests rely on finds what it is for."""
    assert injected(f"<p>{MARKUP}</p>") and not injected("<p>&lt;img src=x onerror=1&gt;</p>")

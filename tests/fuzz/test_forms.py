"""Every form, sent what no person would send: a clear sentence, the text kept, nothing stored, never a 500."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.conftest import NOT_FORMS, find_doors
from tests.fuzz.hostile import BAD_BYTES, VALUES, sentences
from tests.isolation.forest import fingerprint

QUIET = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_every_form_is_found(sandbox, town, app):
    """A form that nobody finds is a form that nobody fuzzes."""
    missed = []
    found = list(find_doors(sandbox, town, app, missed.append))
    assert not missed
    assert len(found) > 50 and all(len(reason) > 10 for reason in NOT_FORMS.values())


def test_hostile_values_in_every_field(sandbox, doors):
    """All fields of a form at once, one kind of value after the other; what is refused has stored nothing."""
    wrong = []
    for door in doors:
        for name, value in VALUES.items():
            with sandbox.undone():
                before = fingerprint(sandbox.world)
                answer = sandbox.post(door, dict.fromkeys(door.names, value))
                judge(sandbox, door, name, answer, before, wrong)
    assert not wrong, "\n".join(wrong)


def judge(sandbox, door, name, answer, before, wrong):
    """A refusal says why, and has changed nothing."""
    if answer.status_code < 400:
        return
    if answer.mimetype == "text/html" and not sentences(answer) and answer.status_code in (409, 422):
        wrong.append(f"{door} {name}: {answer.status_code} without a sentence")
    after = fingerprint(sandbox.world)
    if changed := {table for table in before if before[table] != after[table]}:
        wrong.append(f"{door} {name}: {answer.status_code} and yet {sorted(changed)} changed")


def test_empty_and_repeated_and_wrong_kinds(sandbox, doors):
    """Nothing at all; each field alone missing; every field twice; a file where text belongs and text for a file."""
    import io

    wrong = []
    for door in doors:
        filled = door.form.filled()
        filled.pop("csrf_token", None)
        tries = {
            "nothing": {},
            "one strange field": {"strange": "x"},
            "twice": {name: ["first", "second"] for name in door.names},
            "file": {name: (io.BytesIO(b"x"), "x.txt") for name in door.names[:6]},
            "text for a file": {**filled, **dict.fromkeys(door.files() or ["attachments"], "no file")},
            **{f"without {name}": {k: v for k, v in filled.items() if k != name} for name in door.texts()},
        }
        for name, data in tries.items():
            with sandbox.undone():
                before = fingerprint(sandbox.world) if name != "twice" else {}
                answer = sandbox.post(door, data)
                if before:
                    judge(sandbox, door, name, answer, before, wrong)
    assert not wrong, "\n".join(wrong)


def test_what_was_typed_stays_in_a_refused_form(sandbox, doors):
    """One field too long: every other text is in the form that comes back, letter for letter."""
    wrong, refused = [], 0
    for door in doors:
        texts = [name for name in door.texts() if "password" not in name]
        for bad in texts:
            with sandbox.undone():
                data = door.form.filled()
                typed = {name: f"typed {name} ąß & co" for name in texts if name != bad and "email" not in name}
                data.update({**typed, bad: "y" * 60_000})
                data.pop("csrf_token", None)
                answer = sandbox.post(door, data)
                if answer.status_code != 422:
                    continue
                refused += 1
                again = next((f for f in answer.page.forms if f.action.partition("?")[0] == door.path), None)
                if again is None:
                    wrong.append(f"{door}: the form did not come back")
                    continue
                lost = [n for n, v in typed.items() if v not in again.values.get(n, [])]
                if lost:
                    wrong.append(f"{door} with a bad {bad} loses {lost}")
    assert not wrong, "\n".join(wrong)
    assert refused > 20


@pytest.mark.parametrize("token", ["absent", "stale", "foreign", "garbage"])
def test_without_a_valid_token_nothing_is_stored_and_nothing_is_lost(sandbox, doors, token):
    """A page that was open too long, or a form on somebody else's site."""
    foreign = sandbox.browsers["lee"]
    foreign.remember(csrf_token="f" * 40)
    values = {
        "absent": None,
        "stale": sandbox.browsers["ana"].csrf_token() + "x",
        "foreign": foreign.csrf_token(),
        "garbage": "\0\ud800",
    }
    wrong = []
    for door in doors:
        if door.who == "lee":
            continue
        with sandbox.undone():
            before = fingerprint(sandbox.world)
            data = door.form.filled()
            typed = {
                name: f"typed {name}" for name in door.texts()[:2] if "email" not in name and "password" not in name
            }
            data.update(typed)
            data.pop("csrf_token", None)
            if values[token] is not None:
                data["csrf_token"] = values[token].encode("utf-8", "surrogatepass")
            answer = sandbox.browsers[door.who].post(door.path, data=data, checked=False, csrf=False)
            if answer.status_code not in (400, 403, 409, 422):
                wrong.append(f"{door}: {answer.status_code}")
            if fingerprint(sandbox.world) != before:
                wrong.append(f"{door}: stored something")
            lost = [text for text in typed.values() if text not in answer.get_data(as_text=True)]
            if answer.status_code == 422 and lost:
                wrong.append(f"{door}: lost {lost}")
    assert not wrong, "\n".join(wrong)


def test_bytes_that_are_no_text(sandbox, doors):
    """Lone surrogates, cut and overlong sequences: read as something else or refused, never a 500."""
    for door in doors:
        body = b"&".join(name.encode() + b"=" + bad for name, bad in zip(door.names * 4, BAD_BYTES * 20, strict=False))
        with sandbox.undone():
            sandbox.post_bytes(door, body)
        with sandbox.undone():
            sandbox.post_bytes(door, b"=&&&%&%00=%00&" + b"&".join(b"%ff%00" + n.encode() for n in door.names))


LARGE = ("/new/outage", "/sign-in", "/desk/new", "/org/acme/sharing", "/me")


def test_ten_megabytes_of_text(sandbox, doors, world):
    """Beyond every limit: a sentence, and the text still there to be shortened."""
    huge = "Much text. " * 1_000_000
    chosen = [d for d in doors if d.path in LARGE or d.path.endswith(("/replies", "/note", "/reject"))]
    assert len(chosen) >= 6
    for door in chosen:
        for name in door.texts()[-2:]:
            with sandbox.undone():
                data = {k: v for k, v in door.form.filled().items() if k != "csrf_token"}
                before = fingerprint(sandbox.world)
                answer = sandbox.post(door, {**data, name: huge})
                assert answer.status_code in (413, 422, 429), f"{door} {name}: {answer.status_code}"
                assert fingerprint(sandbox.world) == before
                if answer.status_code == 422:
                    assert sentences(answer)


def test_replays_of_every_form(sandbox, doors):
    """The same bytes twice, and a third time from an older page."""
    for door in doors:
        data = {name: value for name, value in door.form.filled().items() if name != "csrf_token"}
        for name in door.texts():
            data[name] = data.get(name) or "Some words"
        with sandbox.undone():
            for _time in range(3):
                sandbox.post(door, data)


def test_opening_a_case_with_anything_at_all(sandbox, doors):
    """The form with the most fields, with generated text in each of them."""
    door = next(d for d in doors if d.path == "/new/outage")

    @QUIET
    @given(st.lists(st.text(max_size=80), min_size=len(door.names), max_size=len(door.names)))
    def attempt(values):
        with sandbox.undone():
            data = {n: v.encode("utf-8", "surrogatepass") for n, v in zip(door.names, values, strict=True)}
            sandbox.post(door, data)

    attempt()


def test_replying_with_anything_at_all_keeps_every_readable_letter(sandbox, doors):
    """What is accepted is stored as it was written, but for what no one can read."""
    from portal.cases.models import Message
    from portal.kernel.text import clean_text

    door = next(d for d in doors if d.path.endswith("/replies"))

    @QUIET
    @given(st.text(min_size=1, max_size=300))
    def attempt(body):
        with sandbox.undone():
            answer = sandbox.post(door, {"body": body.encode("utf-8", "surrogatepass")})
            if clean_text(body).strip():
                assert answer.status_code == 303
                stored = sandbox.world.rows(Message, Message.kind == "reply")[-1]
                assert stored.body == clean_text(body) or not body.isprintable()
            else:
                assert answer.status_code == 422

    attempt()

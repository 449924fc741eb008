"""What no person would send to the forms of the loop: a clear answer, the text kept, markup stays text, never a 500."""

import re

import pytest

MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
HOSTILE = {
    "nothing": "",
    "nul": "be\0fore",
    "bidi": "\u202egnp.exe\u200b",
    "markup": MARKUP,
    "huge number": "9" * 400,
    "negative": "-1",
    "foreign id": "01a20000-0000-7000-8000-000000000000",
    "surrogate": "\ud83d",
}
PORTAL = {
    "/new/outage": "account contact environment severity subject description phone email cc visibility department"
    " notify staged person_name person_email once",
    "/cases/{open}/replies": "body cc staged once version",
    "/cases/{resolved}/resolution/reject": "reason staged once",
    "/cases/{open}/close": "reason",
    "/cases/{closed}/reopen": "reason once",
    "/cases/{open}/sharing": "visibility person remove",
    "/cases/{open}/people": "cc remove",
    "/cases/{open}/exclusions": "person readmit",
    "/cases/{open}/mute": "wish",
    "/me": "name phone",
    "/me/notifications": "answers status comments copies quiet_from quiet_until",
    "/me/preferences": "locale zone theme density shortcuts",
}
DESK = {
    "/desk/new": "type channel account contact environment severity subject description phone email cc visibility"
    " department notify staged person_name person_email once",
    "/desk/cases/{open}/reply": "body status check reason until silent version once staged last",
    "/desk/cases/{open}/note": "body staged once",
    "/desk/cases/{open}/status": "status body reason until check version once",
    "/desk/cases/{open}/assign": "owner department version",
    "/desk/cases/{open}/severity": "severity reason version",
    "/desk/cases/{open}/escalate": "tier note version",
    "/desk/cases/{open}/edit": "subject type contact environment department version",
    "/desk/cases/{open}/merge": "target",
    "/desk/cases/{open}/split": "messages subject description notify once",
    "/desk/cases/{open}/move": "account contact",
    "/desk/cases/{open}/snooze": "until at",
    "/desk/snooze": "case until at",
    "/desk/cases/{open}/time": "verb entry timer minutes text day billable once",
    "/desk/bulk": "case action owner department reason confirm",
}
FORMS = [("rita", path, names) for path, names in PORTAL.items()] + [
    ("ana", path, names) for path, names in DESK.items()
]


@pytest.mark.parametrize(("who", "path", "names"), FORMS, ids=[path for _who, path, _names in FORMS])
def test_hostile_values_in_every_field(who, path, names, world, as_user):
    cases = {
        state: world.case_in(state, by="rita") for state in ("open", "resolved", "closed") if f"{{{state}}}" in path
    }
    address = path.format(**{state: case.key for state, case in cases.items()})
    browser = as_user(who)
    for name, value in HOSTILE.items():
        answer = browser.post(address, data=dict.fromkeys(names.split(), value.encode("utf-8", "surrogatepass")))
        assert answer.status_code in (303, 403, 404, 409, 422), f"{name}: {answer.status_code}"
        if answer.status_code == 422:
            assert "error-summary" in answer.text or "error" in answer.text, name
        if name == "markup":
            shown = answer.text if answer.status_code == 422 else browser.get(answer.headers.get("Location", "/")).text
            assert "<script>alert" not in shown and "<img src=x" not in shown


def test_a_text_of_ten_megabytes_gets_a_sentence_and_comes_back(world, as_user):
    text = "long " * 2_000_000
    data = {"account": "ACME", "severity": "3", "subject": "Kept", "description": text, "visibility": "private"}
    answer = as_user("rita").post("/new/outage", data=data, checked=False)
    assert answer.status_code == 422 and "Shorten “Description”" in answer.text
    assert answer.text.count("long ") >= 2_000_000
    case = world.open_case("rita")
    answer = as_user("ana").post(f"/desk/cases/{case.key}/reply", data={"body": text}, checked=False)
    assert answer.status_code == 422 and "Shorten “Reply”" in answer.text and answer.text.count("long ") >= 2_000_000


def test_markup_stays_text_wherever_a_case_is_shown(world, as_user):
    case = world.open_case("rita", subject=MARKUP, description=MARKUP, visibility="shared")
    world.answer(case, MARKUP)
    world.note(case, MARKUP)
    for who, paths in {
        "rita": (f"/cases/{case.key}", f"/cases/{case.key}/print", "/cases?status=any", "/", "/search?q=alert"),
        "mel": (f"/cases/{case.key}", "/cases?tab=shared&status=any"),
        "ana": (
            f"/desk/cases/{case.key}",
            "/desk/queue/all",
            f"/desk/cases/{case.key}/history",
            "/desk/search?q=alert",
        ),
    }.items():
        for path in paths:
            page = as_user(who).get(path).text
            assert not re.search(r"<script>alert|<img src=x|onerror=alert\(2\)>", page), path


@pytest.mark.parametrize("token", ["", "x", "\0", "a" * 5000])
def test_without_a_valid_token_nothing_is_stored_and_the_text_comes_back(token, world, as_user):
    case = world.open_case("rita")
    before = len(world.messages_of(case))
    answer = as_user("rita").post(
        f"/cases/{case.key}/replies", data={"body": "Kept words", "csrf_token": token}, csrf=False
    )
    assert answer.status_code == 422 and "Kept words" in answer.text
    assert len(world.messages_of(case)) == before

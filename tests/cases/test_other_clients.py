"""What belongs to another client is asked about before support sends it (N8)."""

import datetime as dt
import os
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.cases.actions import conversation, people
from portal.cases.engine.other_clients import (
    ClientName,
    OwnClient,
    TraceKind,
    build_index,
    find_domains,
    find_names,
    foreign_owner,
)
from portal.cases.queries.other_clients import find_traces
from portal.kernel import clock
from portal.kernel.confirmation import ReasonNeeded, SendAnyway
from portal.kernel.database import db

EXAMPLES = int(os.environ.get("EXAMPLES", "60"))
OWN, OTHER, SIBLING, HERE, THERE = (uuid.uuid4() for _n in range(5))
CLIENTS = (
    ClientName(OWN, HERE, ("ACME", "ACM"), "Acme Krakow", "Acme Sp. z o.o."),
    ClientName(SIBLING, HERE, ("ACMEPL",), "Acme", "Acme Sp. z o.o."),
    ClientName(OTHER, THERE, ("GLOBEX", "GLX"), "Globex", "Globex Trading Ltd."),
    ClientName(uuid.uuid4(), uuid.uuid4(), ("MAINT",), "Main Office", "Target"),
    ClientName(uuid.uuid4(), uuid.uuid4(), ("LODZ",), "Łódź Wełna S.A.", "Łódź Wełna"),
)
INDEX = build_index(CLIENTS)
ACME = OwnClient(OWN, HERE, frozenset(), (*INDEX.names[OWN], "Northwind MSP"))
PLAIN = st.text(st.sampled_from("abc dex -.,:\n0123?"), max_size=200)


def names_in(text, own=ACME):
    return [(trace.kind.value, trace.text) for trace in find_names(text, INDEX, own)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See GLOBEX-12, too", [("case_key", "GLOBEX-12")]),
        ("like glx-3", [("case_key", "GLX-3")]),
        ("as for globex trading last week", [("name", "globex trading")]),
        ("as for Globex", [("name", "Globex")]),
        ("the target is the main office", []),
        ("Target asked", [("name", "Target")]),
        ("a server of łódź wełna", [("name", "łódź wełna")]),
        ("ACME-7 and acm-8 of Acme in Krakow, see MAIN-1", []),
        ("ACMEPL-1", [("case_key", "ACMEPL-1")]),
        ("xGLOBEX-1 globexing the target", []),
    ],
)
def test_traces_of_a_text(text, found):
    assert names_in(text) == found


def test_who_reads_the_case_by_a_share_is_no_other_client():
    assert names_in("GLOBEX-1 of Globex Trading", ACME._replace(readers=frozenset([THERE]))) == []


@settings(max_examples=EXAMPLES)
@given(PLAIN, PLAIN, st.sampled_from(["GLOBEX-1", "Globex", "globex trading", "GLOBEX", "glx-20"]))
def test_a_name_is_found_in_any_text(before, after, name):
    found = find_names(f"{before} {name} {after}", INDEX, ACME)
    assert any(trace.organization_id == THERE and name.upper().startswith(trace.text.upper()[:3]) for trace in found)


@settings(max_examples=EXAMPLES)
@given(st.lists(st.sampled_from(["Acme", "ACME", "ACME-1", "acm-22", "Krakow", "the", "sp", "z", "o.o."]), max_size=30))
def test_the_own_names_are_never_found(words):
    assert not find_names(" ".join(words), INDEX, ACME)


@settings(max_examples=EXAMPLES)
@given(st.text(max_size=400))
def test_any_text_is_read(text):
    found = find_names(text, INDEX, ACME)
    assert len({trace.fingerprint for trace in found}) == len(found)
    assert len(find_domains(text)) <= 100


def test_domains_come_with_those_above_and_without_mail_providers():
    assert find_domains("jo@mail.globex.example, jo@gmail.com or 10.0.0.1, v2.3") == [
        "mail.globex.example",
        "globex.example",
    ]


def test_what_several_clients_have_is_common():
    assert foreign_owner({THERE}, {HERE}) == THERE
    assert foreign_owner({THERE, HERE}, {HERE}) is None and foreign_owner({OWN, OTHER, THERE}, {HERE}) is None


def sent_anyway(world, case):
    return [event.facts for event in world.events_of(case) if event.name == "case.sent_anyway"]


def test_nothing_is_sent_until_a_reason_is_given(world, as_user):
    case, ana = world.open_case("rita"), as_user("ana")
    path = f"/desk/cases/{case.key}/reply"
    body = "As in GLOBEX-1, restart it; ask gil@globex.example"
    answer = ana.post(path, data={"body": body})
    assert answer.status_code == 422 and len(world.messages_of(case)) == 0
    text = " ".join(answer.page.text.split())
    assert "GLOBEX-1 is a case of Globex" in text and "“globex.example” is a domain of Globex" in text
    assert answer.page.first("textarea", name="body").text.strip() == body
    asked = answer.page.first("input", name="anyway_for").get("value")
    assert answer.page.first("input", name="anyway")
    # Without a reason, or with one for something else, it is asked again.
    assert ana.post(path, data={"body": body, "anyway": " ", "anyway_for": asked}).status_code == 422
    assert ana.post(path, data={"body": body, "anyway": "Same group", "anyway_for": "0"}).status_code == 422
    sent = {"body": body, "anyway": "Both are of one group", "anyway_for": asked}
    assert ana.post(path, data=sent).status_code == 303
    assert [message.body for message in world.messages_of(case)] == [body]
    facts = sent_anyway(world, case)
    assert [row["reason"] for row in facts] == ["Both are of one group"]
    # What was confirmed is not asked again in this case; in another one it is.
    assert ana.post(path, data={"body": "GLOBEX-1 is solved"}).status_code == 303
    other = world.open_case("mel")
    assert ana.post(f"/desk/cases/{other.key}/reply", data={"body": "GLOBEX-1 is solved"}).status_code == 422
    history = " ".join(ana.get(f"/desk/cases/{case.key}/history").page.text.split())
    assert "Both are of one group" in history and "globex.example" in history


def test_every_public_form_of_support_asks(world, as_user):
    ana, body = as_user("ana"), "Globex had this, too"
    ended = world.case_in("closed")
    contact = str(world.rita.contact_id)
    pause = {"status": "on_hold", "until": f"{clock.now() + dt.timedelta(days=3):%Y-%m-%d}"}
    opening = {"account": "ACME", "type": "outage", "contact": contact, "severity": "3", "channel": "phone"}
    for path, data in (
        (f"/desk/cases/{world.case_in('open').key}/reply", {"body": body}),
        (f"/desk/cases/{world.case_in('open').key}/reply", {"body": body, "status": "resolved"}),
        (f"/desk/cases/{world.case_in('open').key}/status", {"status": "waiting", "body": body}),
        (f"/desk/cases/{world.case_in('open').key}/status", {"status": "resolved", "body": "Done", "check": body}),
        (f"/desk/cases/{world.case_in('open').key}/update", {"body": body}),
        (f"/desk/cases/{ended.key}/reopen", {"reason": body}),
        (f"/desk/cases/{world.case_in('open').key}/close", {"reason": body}),
        (f"/desk/cases/{world.case_in('open').key}/severity", {"severity": "1", "reason": body}),
        (f"/desk/cases/{world.case_in('open').key}/status", {**pause, "reason": body}),
        ("/desk/new", {**opening, "subject": "Dark", "description": body}),
    ):
        asked = ana.post(path, data=data)
        assert asked.status_code == 422 and "name of Globex" in asked.page.text, path
        marks = asked.page.first("input", name="anyway_for").get("value")
        sent = ana.post(path, data={**data, "anyway": "They know each other", "anyway_for": marks})
        assert sent.status_code == 303, path
    assert ana.post(f"/desk/cases/{ended.key}/note", data={"body": body}).status_code == 303


def test_two_texts_of_one_form_are_asked_about_one_after_the_other(world, as_user):
    ana, path = as_user("ana"), f"/desk/cases/{world.case_in('open').key}/reply"
    until = f"{clock.now() + dt.timedelta(days=3):%Y-%m-%d}"
    data = {"body": "As Globex", "status": "on_hold", "reason": "See GLOBEX-1", "until": until}
    for _text in ("body", "reason"):
        asked = ana.post(path, data=data)
        assert asked.status_code == 422
        data |= {"anyway": "Agreed", "anyway_for": asked.page.first("input", name="anyway_for").get("value")}
    assert ana.post(path, data=data).status_code == 303


def test_customers_are_not_asked(world, as_user):
    case = world.open_case("rita", description="We and Globex share it")
    assert as_user("rita").post(f"/cases/{case.key}/replies", data={"body": "Globex, too"}).status_code == 303


def test_a_file_of_another_client_is_known_by_its_hash(world):
    theirs, here = world.open_case("gil"), world.open_case("rita")
    content = b"user;password\nadmin;secret\n"
    gil = world.ctx("gil", "contact")
    conversation.reply(gil, world.reload(theirs), body="Our list", staged=[world.stage("gil", "list.csv", content).id])
    ana = world.ctx("ana", "staff")
    file = world.stage("ana", "renamed.csv", content)
    with pytest.raises(ReasonNeeded, match=r"renamed\.csv is known from a case of Globex"):
        conversation.answer(ana, world.reload(here), body="See the file", staged=[file.id])


def test_a_reader_of_another_client_is_asked_about_once(world):
    case = world.open_case("rita")
    people.add_people(world.ctx("ana"), case, [world.gil.email])
    ana, case = world.ctx("ana", "staff"), world.reload(case)
    with pytest.raises(ReasonNeeded, match=r"Somebody at globex\.example, a domain of Globex") as found:
        conversation.answer(ana, case, body="Hello")
    anyway = SendAnyway("Acme asked for it", frozenset(found.value.marks))
    conversation.answer(ana, case, body="Hello", anyway=anyway)
    conversation.answer(ana, world.reload(case), body="And again")


def test_who_may_not_see_the_other_client_does_not_read_its_name(world, as_user):
    """Tom looks after Globex only: what he writes matches Acme, whose people and cases he may not see."""
    case, tom = world.open_case("gil"), as_user("tom")
    answer = tom.post(f"/desk/cases/{case.key}/reply", data={"body": "As in acme-1; write to rita@acme.example"})
    text = " ".join(answer.page.text.split())
    assert answer.status_code == 422 and "ACME-1 is a case of another client" in text
    assert "“acme.example” is a domain of another client" in text and "Rita" not in text and "Acme Ltd" not in text


def from_tables(seen):
    return [one for one in seen if "set_config" not in one]


def test_look_ups_are_bounded(world, statements):
    case, ana = world.open_case("rita"), world.ctx("ana", "staff")
    case, file = world.reload(case), world.stage("ana")
    find_traces(ana, case, ["warm"])
    with statements() as seen:
        assert find_traces(ana, case, ["GLOBEX-1 " * 400, "see globex.example " * 400]) != []
    assert len(from_tables(seen)) <= 2
    with statements() as seen:
        find_traces(ana, case, ["a.example b.example"], files=[file] * 10)
    assert len(from_tables(seen)) <= 3
    db.session.rollback()


def test_kinds_have_sentences():
    assert {kind.value for kind in TraceKind} == {"case_key", "name", "domain", "recipient", "file"}

"""A small world in which every form of the app can be found, and nothing that is sent remains."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from portal.cases.actions import people, work
from portal.cases.models import Case
from portal.identity import actions as identity
from portal.kernel import tokens
from portal.kernel.outbox import Delivery
from portal.notifications.models import Notification, OutgoingMail
from portal.surveys import actions as surveys
from portal.surveys import queries
from portal.surveys.actions import configuring
from portal.surveys.models import Survey
from tests.fuzz.hostile import Door, Sandbox, door_at
from tests.isolation import catalogue

# POST routes for which no page shows a form of the same address, and what looks at them instead.
NOT_FORMS = {
    "attachments.upload": "answers JSON to the script: test_uploads.py",
}
WHO = {"portal": ("rita", "olga"), "desk": ("ana", "lee", "ada")}


@pytest.fixture
def town(world, run_outbox):
    """A case in every state, links, lines at the bell, a dead mail: whatever a form could be about."""
    cases = {
        state: world.case_in(state, by="rita", visibility="shared")
        for state in ("new", "open", "in_progress", "waiting", "on_hold", "resolved", "closed")
    }
    world.put_in_copy(cases["open"], "mel@acme.example")
    people.exclude(world.ctx("ana"), cases["open"], world.cora.id)
    work.redefine_severity(world.ctx("ana"), cases["open"], severity=2, reason="Worse")
    for case in cases.values():
        world.note(case, "A note")
    guest = identity.add_person(world.system(), name="A guest", email="guest@acme.example")
    lasts = dt.timedelta(days=1)
    links = {
        "invitation": tokens.spell(tokens.issue(world.system(), "invitation", guest.id, lasts)),
        "password_reset": tokens.spell(tokens.issue(world.system(), "password_reset", world.rita.id, lasts)),
    }
    run_outbox()
    links["survey"] = tokens.spell(world.rows(Survey)[0].token_id)
    low = low_answer(world)
    links["surveys.call_by_mail"] = tokens.spell(low.token_id)
    configuring.add_question(world.ctx("ada"), {"kind": "text", "text": "What else?"})
    staged = world.stage(by="rita").id
    mail, delivery = world.rows(OutgoingMail)[0], world.rows(Delivery)[0]
    mail.state = delivery.state = "dead"
    world.session.commit()
    return {
        "case": [*(case.key for case in cases.values()), world.reload(world.row(Case, low.case_id)).key],
        "survey": [low.id],
        "question": ["q1"],
        "version": [1],
        "typekey": ["outage"],
        "organization": ["acme"],
        "account": ["ACME"],
        "contact": [world.jan.contact_id, world.mel.contact_id],
        "environment": [world.environments["ACME", "Test"].id],
        "staff": [world.tom.staff_id],
        "department": [world.departments["business"].id],
        "service": [world.northwind.services["remote-hands"].id],
        "type": [world.types["question"].id],
        "bell": [line.id for line in world.rows(Notification)],
        "mail": [mail.id],
        "delivery": [delivery.id],
        "staged": [staged],
        "token": links,
    }


def low_answer(world) -> Survey:
    """Somebody was not content, and nobody followed it up yet."""
    case = world.case_in("closed", by="rita", visibility="shared")
    ctx = world.ctx("rita", "contact")
    survey = queries.open_survey(ctx, case)
    return surveys.answer(ctx, survey, case, answers={"q1": 1, "q2": "Too slow"})


@pytest.fixture
def sandbox(world, town) -> Sandbox:
    return Sandbox(world)


@pytest.fixture
def doors(sandbox, town, app) -> list[Door]:
    """Every form, found by opening the address of each POST route as somebody who may."""
    return list(find_doors(sandbox, town, app))


def find_doors(sandbox: Sandbox, town, app, missed: "Callable[[str], None]" = lambda _e: None) -> Iterator[Door]:
    for rule in catalogue.routes(app):
        if not (rule.methods or set()) - catalogue.SAFE or rule.endpoint in NOT_FORMS:
            continue
        found = False
        people = ("nobody", *WHO["desk" if rule.rule.startswith(("/desk", "/admin")) else "portal"])
        for path in paths(rule, town, app, sandbox):
            door = next((d for who in people if (d := door_at(sandbox.browsers[who], who, path))), None)
            if door is not None:
                yield door
                found = True
                if "word" not in {catalogue.kind_of(rule, name) for name in rule.arguments}:
                    break
        if not found:
            missed(rule.endpoint)


def paths(rule, town, app, sandbox, method: str = "POST") -> Iterator[str]:
    """*rule* with values of this world, one after the other."""
    chosen = [{}]
    for name in (part for _kind, part in rule._trace if part in rule.arguments):
        kind = catalogue.kind_of(rule, name)
        if kind == "word":
            values = rule._converters[name].regex[3:-1].split("|")
        elif kind == "token":
            values = [town["token"].get(rule.endpoint) or town["token"][catalogue.TOKENS[rule.endpoint]]]
        elif kind == "session":
            values = [session_of(sandbox)]
        else:
            values = town[kind]
        chosen = [{**row, name: value} for row in chosen for value in values]
    adapter = app.url_map.bind("localhost")
    return (adapter.build(rule.endpoint, row, method=method) for row in chosen)


def session_of(sandbox: Sandbox) -> str:
    """The id of a browser session of Rita."""
    from portal.identity.models import BrowserSession

    world = sandbox.world
    with sandbox.undone():
        return str(world.rows(BrowserSession, BrowserSession.user_id == world.rita.id)[0].id)

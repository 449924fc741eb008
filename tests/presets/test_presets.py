"""Presets are configuration: data files, checked when they are read, loaded once by the actions that people use."""

import ast
import dataclasses
import re

import pytest

from portal.cases.models import RequestType, SeverityAnswer, SeverityLevel
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.events import Event
from portal.presets import actions, queries
from portal.presets.queries import PresetError
from portal.presets.schema import Preset
from portal.tenants.models import Department, Provider
from tests.architecture.source import PORTAL, TEMPLATES, modules

NAMES = queries.preset_names()


def test_the_five_portals_are_there():
    assert set(NAMES) == {"hexasync", "exea", "backoffice", "automate", "platform"}


def test_no_preset_is_named_in_code():
    """If a preset needs an `if`, the model is wrong: behavior follows settings, never a name."""
    wrong = []
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in NAMES:
                wrong.append(f"{module}:{node.lineno} {node.value!r}")
    # Names that are no English words may not even be mentioned.
    for path in [*PORTAL.rglob("*.py"), *TEMPLATES.rglob("*"), *(PORTAL.parent / "static" / "js").glob("*.js")]:
        if path.is_file() and (
            found := re.search(r"hexasync|exea\b|backoffice", path.read_text(errors="ignore"), re.I)
        ):
            wrong.append(f"{path.relative_to(PORTAL.parent)}: {found.group(0)}")
    assert not wrong


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_loaded_by_hand_on_the_first_day(world, as_user, name):
    page = as_user("ada").get("/admin/preset").page
    assert as_user("ada").submit(page.form("/admin/preset"), preset=name).status_code == 303
    said, row = queries.preset(name), world.row(Provider, world.northwind.id)
    assert (row.accent, row.registration, row.severity_question) == (
        said.branding.accent,
        said.life.registration,
        said.severity.question,
    )
    active = sorted((r for r in world.rows(RequestType) if r.active), key=lambda r: r.position)
    assert [r.key for r in active] == [kind.key for kind in said.types]
    assert [level.name for level in world.rows(SeverityLevel)] == [level.name for level in said.severity.levels]
    assert len(world.rows(SeverityAnswer)) == len(said.severity.answers)
    assert set(said.departments) <= {r.key for r in world.rows(Department)}
    assert {k: dict(v) for k, v in said.words.items()} == row.phrases
    assert row.name == "Northwind MSP"


def test_N15_a_preset_brings_the_rule_of_joins(world, tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "preset.toml").write_text(
        GOOD + "[life]\njoins_raise_at = 5\njoins_raise_limit = 1\nrecords_time = false\n"
    )
    mine = queries.validate_file(folder / "preset.toml", Preset)
    monkeypatch.setattr(queries, "preset", lambda _name: mine)
    actions.install_preset(world.ctx("ada"), NAMES[0])
    row = world.row(Provider, world.northwind.id)
    assert (row.joins_raise_at, row.joins_raise_limit, row.records_time) == (5, 1, False)


def test_it_is_loaded_once_and_before_the_first_case(world, as_user):
    ctx = world.ctx("ada")
    actions.install_preset(ctx, NAMES[0])
    with pytest.raises(Conflict):
        actions.install_preset(ctx, NAMES[1])
    assert "started with" in as_user("lee").get("/admin/preset").page.text
    assert as_user("ada").post("/admin/preset", data={"preset": NAMES[1]}).status_code == 409


def test_a_portal_with_cases_keeps_its_shape(world, as_user):
    world.open_case()
    assert not as_user("ada").get("/admin/preset").page.all("form", action="/admin/preset")
    assert as_user("ada").post("/admin/preset", data={"preset": NAMES[0]}).status_code == 409


def test_every_step_is_an_action_with_an_event(world):
    before = {event.id for event in world.rows(Event)}
    actions.install_preset(world.ctx("ada"), "automate")
    names = {event.name for event in world.rows(Event) if event.id not in before}
    assert {"provider.changed", "severity.question_changed", "phrases.changed", "preset.loaded"} <= names
    assert {"status_words.changed", "request_type.added", "request_type.changed"} <= names


def test_only_who_configures_loads_one(world):
    with pytest.raises(Forbidden):
        actions.install_preset(world.ctx("ana"), NAMES[0])


def test_an_unknown_preset_is_refused(as_user):
    assert as_user("ada").post("/admin/preset", data={"preset": "../etc"}).status_code == 422
    with pytest.raises(PresetError, match="There is no preset"):
        queries.preset("nonsense")


GOOD = """
title = "A portal"
summary = "For a test"
[severity]
levels = [{ name = "A" }, { name = "B" }, { name = "C" }]
[[types]]
key = "support"
name = "Support"
"""


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (GOOD + "[life]\nauto_close_hours = 0", "life.auto_close_hours"),
        (GOOD + '[life]\nafter_close = "never"', "life.after_close"),
        (GOOD + "[life]\njoins_raise_at = -1", "life.joins_raise_at"),
        (GOOD + "[life]\njoins_raise_limit = 5", "life.joins_raise_limit"),
        (GOOD + '[brand]\naccent = "#000000"', "brand"),
        (GOOD + 'fields = { fax = "off" }', "types.1"),
        (GOOD + 'fields = { cc = "required" }', "types.1"),
        (GOOD + 'department = "nowhere"', "nowhere"),
        (GOOD + "severity = 4", "severity 4"),
        (GOOD + '[statuses.en.contact]\nlost = "Lost"', "statuses.en.contact"),
        (GOOD + '[statuses.en.customer]\nnew = "New"', "customer"),
        (GOOD + '[words.en]\n"Sign in" = "Log in"', "Sign in"),
        (GOOD + '[words.en]\n"Case %(key)s is open." = "Done"', "does not fit"),
        (GOOD.replace("[severity]", '[severity]\nquestion = "impact"'), "severity"),
        ("title = ", "preset.toml"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path, text, key):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "preset.toml").write_text(text)
    with pytest.raises(PresetError) as mistake:
        queries.validate_file(folder / "preset.toml", Preset)
    assert "mine/preset.toml" in str(mistake.value) and key in str(mistake.value)


def test_the_command_begins_with_a_preset(app, world):
    runner = app.test_cli_runner()
    answer = runner.invoke(
        args=["provider", "create", "Contoso", "contoso.example", "root@contoso.example", "--preset", "exea"]
    )
    assert answer.exit_code == 0, answer.output
    from sqlalchemy import select

    from portal.kernel.actor import Side
    from portal.kernel.database import Tenancy, bind, db
    from portal.tenants.models import Host

    provider_id = db.session.scalar(select(Host.provider_id).where(Host.host == "contoso.example"))
    bind(db.session, Tenancy(provider_id, side=Side.SYSTEM))
    row = db.session.get(Provider, provider_id)
    assert (row.name, row.locale, row.zone) == ("Contoso", "pl", "Europe/Warsaw")
    assert [kind.key for kind in db.session.scalars(select(RequestType).order_by(RequestType.position))][:2] == [
        "outage",
        "question",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_its_demo_world_can_be_told(name):
    """Reading it finds unknown people, verbs, files and times; telling it is the demo's own test."""
    from portal.demo import preset_worlds
    from portal.demo.case_histories import step_times
    from portal.kernel import clock

    plan, stories = preset_worlds.preset_world(name)
    assert plan.hosts == (f"{name}.localhost",) and len(stories) >= 7
    known = {person.key for person in (*plan.staff, *plan.contacts)}
    emails = {person.email for person in (*plan.staff, *plan.contacts)}
    assert {f"{who}@{name}.example" for who in ("agent", "admin", "user", "colleague")} <= emails
    for story in stories:
        assert {story.by, *(step.who for _after, step in story.then)} <= {*known, ""}
        step_times(story, clock.now())
    assert dataclasses.is_dataclass(plan)

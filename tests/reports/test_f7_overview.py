"""F7: response and resolution times, satisfaction and spared cases, each number with the cases behind it."""

import datetime as dt
import random
from statistics import mean, median
from zoneinfo import ZoneInfo

import pytest

from portal.cases.actions import resolution
from portal.knowledge.actions import reads
from portal.reports.engine.months import list_months
from portal.reports.queries import overview
from portal.reports.queries.overview import Selection
from portal.surveys.models import Survey
from tests.support import help_articles

WARSAW = ZoneInfo("Europe/Warsaw")
OPENINGS = (
    {"by": "rita", "account": "ACME", "severity": 1},
    {"by": "mel", "account": "ACME", "severity": 2},
    {"by": "gil", "account": "GLOBEX", "severity": 3},
    {"by": "piotr", "account": "ACMEPL", "severity": 3},
)
OVERVIEW = "/desk/reports/overview"


@pytest.fixture
def months(world):
    return list_months(world.ctx("ada").now, WARSAW, 6)


def solve(world, case, by, at, *, closed):
    """Resolve *case* at a moment, after a solution that was rejected before; the customer accepts it if *closed*."""
    for said_at in (at - dt.timedelta(minutes=30), at):
        said = resolution.resolve(world.ctx("ada"), world.reload(case), solution="We restarted it.")
        said.recorded_at = said_at
        if said_at != at:
            resolution.reject(world.ctx(by, "contact"), world.reload(case), reason="It is back.")
    if closed:
        resolution.accept(world.ctx(by, "contact"), world.reload(case))
        assert case.resolved_at is None
        case.closed_at = at + dt.timedelta(hours=20)
    else:
        case.resolved_at = at


@pytest.fixture
def cases(world, months):
    """Cases whose events happened at random moments of eight months, so that some lie outside of the report; by case
    when it was resolved."""
    chance = random.Random(7)
    made = {world.open_case(**OPENINGS[n % 4], subject=f"Case {n}"): None for n in range(12)}
    span = (months[-1].end - months[0].start).total_seconds()
    for n, case in enumerate(made):
        at = months[0].start + dt.timedelta(seconds=chance.uniform(-0.2, 1.0) * span)
        if chance.random() < 0.7:
            made[case] = at + dt.timedelta(minutes=chance.randint(60, 90_000))
            solve(world, case, OPENINGS[n % 4]["by"], made[case], closed=chance.random() < 0.6)
        case.opened_at = at
        case.first_answer_at = at + dt.timedelta(minutes=chance.randint(1, 90_000)) if chance.random() < 0.8 else None
    world.session.flush()
    return made


def expected(cases, months, moment, group):
    """(count, median in seconds) by line, counted by hand."""
    found = {}
    for case in cases:
        at = moment(case)
        if at is None or not months[0].start <= at < months[-1].end:
            continue
        found.setdefault(group(case, at), []).append((at - case.opened_at).total_seconds())
    return {key: (len(spans), median(spans)) for key, spans in found.items()}


@pytest.mark.parametrize("measure", ["opened", "answered", "resolved"])
@pytest.mark.parametrize("dimension", overview.DIMENSIONS)
def test_f7_figures_are_those_counted_by_hand(world, months, cases, measure, dimension):
    moment = {
        "opened": lambda case: case.opened_at,
        "answered": lambda case: case.first_answer_at,
        "resolved": lambda case: cases[case],
    }[measure]
    group = {
        "month": lambda _case, at: next(n for n, month in enumerate(months) if month.start <= at < month.end),
        "account": lambda case, _at: case.account_id,
        "severity": lambda case, _at: case.severity,
        "channel": lambda case, _at: case.channel,
    }[dimension]
    found = overview.figures(world.ctx("ada"), Selection(months))[dimension]
    shown = {key: line[measure] for key, line in found.items() if measure in line}
    wanted = expected(cases, months, moment, group)
    assert {key: figure.count for key, figure in shown.items()} == {key: count for key, (count, _) in wanted.items()}
    if measure != "opened":
        for key, (_count, middle) in wanted.items():
            assert shown[key].middle == pytest.approx(middle)


def test_f7_each_number_has_exactly_its_cases_behind_it(world, months, cases):
    ctx = world.ctx("ada")
    for place, month in enumerate(months):
        found = overview.figures(ctx, Selection(months))["month"].get(place, {})
        for measure in ("opened", "answered", "resolved"):
            rows = overview.cases_behind(ctx, Selection([month]), measure, 1).rows
            assert len(rows) == (found[measure].count if measure in found else 0), (month.key, measure)


def test_f7_staff_count_only_cases_that_they_may_see(world, months, cases):
    seen = overview.figures(world.ctx("tom"), Selection(months))["account"]
    assert set(seen) <= {world.accounts["GLOBEX"].id}
    other = overview.figures(world.ctx("sue"), Selection(months))
    assert other["month"] == {}


def test_f7_filters_limit_every_figure(world, months, cases):
    account = world.accounts["ACME"].id
    found = overview.figures(world.ctx("ada"), Selection(months, account_id=account, severity=1, channel="portal"))
    assert set(found["account"]) <= {account} and set(found["severity"]) <= {1}
    none = overview.figures(world.ctx("ada"), Selection(months, channel="chat"))
    assert none == {dimension: {} for dimension in overview.DIMENSIONS}


def test_f7_satisfaction_is_the_average_of_answers(world, client):
    scores = [2, 5, 5]
    for n, score in enumerate(scores):
        case = world.case_in("closed", subject=f"Rated {n}")
        [survey] = world.rows(Survey, Survey.case_id == case.id)
        client("rita").post(f"/cases/{case.key}/survey", data={"q1": str(score)})
    ctx = world.ctx("ada")
    months = list_months(ctx.now, WARSAW, 6)
    figure = overview.figures(ctx, Selection(months))["month"][5]["rated"]
    assert (figure.count, figure.middle) == (3, pytest.approx(mean(scores)))
    page = client("ada").get(OVERVIEW)
    assert "3 answers" in page.text and "4.0" in page.text
    behind = client("ada").get(f"{OVERVIEW}/cases?measure=rated")
    assert behind.text.count("Rated ") == 3
    assert survey.id


def test_f7_spared_cases_are_days_of_reading_without_a_case_in_seven_days(world, travel):
    ada = world.ctx("ada")
    article = help_articles.add_article(ada, help_articles.add_category(ada), "Reset a password")
    for who in ("rita", "gil", "mel"):
        reads.note_read(world.ctx(who), article.id)
    travel(days=3)
    world.open_case("rita", subject="All the same")
    reads.note_read(world.ctx("gil"), article.id)
    assert overview.spared_cases(world.ctx("ada"), list_months(world.ctx("ada").now, WARSAW, 6)) == {}
    travel(days=5)
    ctx = world.ctx("ada")
    found = overview.spared_cases(ctx, list_months(ctx.now, WARSAW, 6))
    assert sum(one.days for one in found.values()) == 3 and sum(one.without_case for one in found.values()) == 2


@pytest.mark.parametrize(
    "query",
    ["months=9", "months=²", "severity=9", "channel=<b>", "account=ACME", "months=24&severity=1&channel=portal"],
)
def test_f7_the_page_takes_any_parameters(client, world, query):
    world.open_case("rita")
    assert client("ada").get(f"{OVERVIEW}?{query}").status_code == 200


def test_f7_foreign_and_missing_are_not_found(client, world):
    assert client("tom").get(f"{OVERVIEW}?account=ACME", checked=False).status_code == 404
    for query in ("", "?measure=all", "?measure=<b>"):
        assert client("ada").get(f"{OVERVIEW}/cases{query}").status_code == 200
    for query in ("?measure=opened&month=2019-13", "?measure=opened&month=2019-01"):
        assert client("ada").get(f"{OVERVIEW}/cases{query}", checked=False).status_code == 404
    assert client("rita").get(OVERVIEW, checked=False).status_code in (403, 404)


def test_f7_who_sees_spared_cases(client, world):
    assert "opened no case" in client("ada").get(OVERVIEW).text
    assert "opened no case" not in client("tom").get(OVERVIEW).text
    limited = client("ada").get(f"{OVERVIEW}?severity=1").text
    assert "Clear the filters" in limited

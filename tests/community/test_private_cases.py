"""FEATURES H8: a post becomes a private case only by its author; an answer becomes the draft of an article."""

import pytest

from portal.cases.models import Case
from portal.cases.queries.request_types import request_types
from portal.community.actions import drafts, private_cases
from portal.community.models import CommunityTopic
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.kernel.events import Event
from portal.knowledge.models import HelpArticle, HelpVersion
from portal.tenants.models import Account
from tests.support import help_articles


@pytest.fixture
def topic(add_space, ask):
    return ask(add_space(), "Rita cannot export", body="Rita Costa of Acme, rita@acme.example, asks.")


def open_case(world, ctx, post):
    account = world.row(Account, world.accounts["ACME"])
    return private_cases.open_case(ctx, post, account, request_types(ctx)[0])


def test_H8_the_author_opens_a_private_case_by_themselves(world, topic, question, locked):
    ctx = world.ctx("rita", "contact")
    case = open_case(world, ctx, locked(ctx, question(topic)))
    stored = world.row(Case, case)
    assert (stored.subject, stored.visibility) == ("Rita cannot export", "private")
    assert (stored.reported_by_id, stored.contact_user_id) == (world.rita.id, world.rita.id)
    assert world.row(CommunityTopic, topic).followed_up
    with pytest.raises(Conflict):
        open_case(world, ctx, locked(ctx, question(topic)))


def test_H8_nothing_of_the_case_is_kept_with_the_topic(world, topic, question, locked):
    ctx = world.ctx("rita", "contact")
    case = open_case(world, ctx, locked(ctx, question(topic)))
    key = f"ACME-{case.number}"
    for row in (world.row(CommunityTopic, topic), question(topic)):
        stored = [str(getattr(row, column.key)) for column in row.__table__.columns]
        assert not [value for value in stored if str(case.id) in value or key in value]
    events = [row for row in world.rows(Event) if row.name.startswith("community.")]
    assert events and not [row for row in events if str(case.id) in str(row.facts) or key in str(row.facts)]


def test_H8_staff_propose_and_only_the_author_consents(world, topic, question, reply, locked):
    ana = world.ctx("ana")
    private_cases.propose_case(ana, locked(ana, question(topic)))
    with pytest.raises(Conflict):
        private_cases.propose_case(ana, locked(ana, question(topic)))
    assert world.rows(Case) == [] or all(row.subject != "Rita cannot export" for row in world.rows(Case))
    for who, side, fault in (("gil", "contact", Forbidden), ("olga", "contact", Forbidden), ("ana", "staff", NotFound)):
        with pytest.raises(fault):
            open_case(world, ctx := world.ctx(who, side), locked(ctx, question(topic)))
    rita = world.ctx("rita", "contact")
    private_cases.decline_case(rita, locked(rita, question(topic)))
    with pytest.raises(Conflict):
        private_cases.decline_case(rita, locked(rita, question(topic)))
    assert not world.row(CommunityTopic, topic).followed_up
    with pytest.raises(Conflict):
        private_cases.propose_case(ana, locked(ana, reply(topic, "From us.", by="ana")))
    with pytest.raises(Forbidden):
        private_cases.propose_case(aud := world.ctx("aud"), locked(aud, question(topic)))


def test_H8_an_answer_becomes_a_draft_with_marks(world, topic, question, reply, locked):
    ana = world.ctx("ana")
    category = help_articles.add_category(world.ctx("ada"))
    answer = reply(topic, "Gil Okafor says: choose semicolons.")
    article = drafts.make_article(ana, locked(ana, answer), category, "en")
    stored = world.row(HelpArticle, article)
    assert (stored.state, stored.audience) == ("draft", "staff")
    words = world.rows(HelpVersion, HelpVersion.article_id == article.id)[0]
    for name in ("Rita", "Gil", "Okafor", "acme", "Acme"):
        assert name not in words.title + words.body
    assert "choose semicolons" in words.body and "[[name]]" in words.body
    with pytest.raises(Conflict):
        drafts.make_article(ana, locked(ana, question(topic)), category, "en")
    for who, side in (("aud", "staff"), ("rita", "contact")):
        with pytest.raises(Forbidden):
            drafts.make_article(ctx := world.ctx(who, side), locked(ctx, answer), category, "en")

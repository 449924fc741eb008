"""`flask demo load` and `flask demo sign-ins`: the world of contract.md, once, and who to be in it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import click
from flask import Flask
from sqlalchemy import delete, select, update

from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.queries.mailboxes import list_mailboxes
from portal.demo import northwind, preset_worlds
from portal.demo.announcements import play_announcements
from portal.demo.approvals import play_approvals
from portal.demo.articles import add_articles
from portal.demo.build import build_provider
from portal.demo.canned_replies import add_replies
from portal.demo.case_histories import CaseHistory, play_histories
from portal.demo.case_rules import add_case_rules
from portal.demo.chats import open_chat
from portal.demo.community import play_community
from portal.demo.hotlines import add_hotlines
from portal.demo.people import play_people
from portal.demo.phone import play_phone
from portal.demo.specs import ArticleSpec, ProviderSpec
from portal.identity import passwords
from portal.kernel import clock, uow
from portal.kernel.actor import nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.events import consumer_name
from portal.kernel.outbox import Delivery, DueWork
from portal.kernel.system_context import create_system_context
from portal.notifications.jobs import write_mails
from portal.tenants.models import Host
from portal.tenants.queries.providers import provider_of_host

PASSWORD = "parley-demo"  # noqa: S105 - printed on purpose
MAIL_CONSUMER = consumer_name(write_mails)
# The providers were there before their cases.
PROVIDER_AGE = dt.timedelta(days=120)


def worlds() -> Sequence[tuple[ProviderSpec, Sequence[CaseHistory]]]:
    """Every provider of the demo: the one that shows the whole product, and one for each preset."""
    return ((northwind.NORTHWIND, northwind.CASES), *preset_worlds.preset_worlds())


def register_demo_commands(app: Flask) -> None:
    """Add the two commands."""

    @app.cli.group("demo")
    def demo() -> None:
        """The demo world."""

    @demo.command("load")
    def load() -> None:
        """Build the missing parts of the demo data; a second run does nothing."""
        for plan, stories in worlds():
            click.echo(f"{plan.name}: {'built' if load_provider(plan, stories, plan.articles) else 'is there already'}")
            add_mailboxes(plan)

    @demo.command("sign-ins")
    def sign_ins() -> None:
        """Print whom to sign in as."""
        click.echo("\n".join(sign_in_lines()))


def load_provider(
    plan: ProviderSpec, stories: Sequence[CaseHistory] = (), articles: Sequence[ArticleSpec] = ()
) -> bool:
    """Build the provider of *plan*, write its *articles* and let *stories* happen, in one transaction; False if its
    host is known already."""
    if db.session.scalar(select(Host.provider_id).where(Host.host == plan.hosts[0])) is not None:
        return False
    now = clock.now()
    ctx = Context(actor=nobody(), now=now - PROVIDER_AGE, session=db.session, channel="cli")
    with uow.unit_of_work(db.session):
        built = build_provider(ctx, plan, passwords.hash_password(PASSWORD))
        ctx.now = now
        add_articles(ctx, built, articles)
        add_hotlines(ctx, plan.hotlines if stories else ())
        play_histories(ctx, built, stories)
        ctx.now = now
        add_case_rules(ctx, built, plan.case_rules if stories else ())
        if plan.approval is not None and stories:
            play_approvals(ctx, built, plan.approval)
        if stories:
            play_people(ctx, built, plan)
        play_announcements(ctx, built, plan.announcements if stories else ())
        play_community(ctx, built, plan.spaces if stories else ())
        if plan.phone is not None and stories:
            play_phone(ctx, built, plan.phone)
        add_replies(ctx, built, plan.replies if stories else ())
        if plan.chat is not None and stories:
            open_chat(ctx, built, plan.chat)
        mark_old_mail_done(ctx)
    return True


def add_mailboxes(plan: ProviderSpec) -> None:
    """Read mail to the provider's address, and to those that the plan names beside it; what is there stays."""
    with uow.unit_of_work(db.session):
        reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
        provider_id = provider_of_host(reader, plan.hosts[0])
        if provider_id is None:
            return
        ctx = create_system_context(provider_id, channel="cli")
        there = {row.address for row in list_mailboxes(ctx)}
        for address in dict.fromkeys([ctx.provider.support_email, *plan.mailboxes]):
            if address and address not in there:
                add_mailbox(ctx, address)


def mark_old_mail_done(ctx: Context) -> None:
    """Mark old mails as done, so that the demo's worker sends only those of the last day."""
    old = select(Delivery.id).where(
        Delivery.consumer == MAIL_CONSUMER, Delivery.created_at < ctx.now - dt.timedelta(days=1)
    )
    ctx.session.execute(delete(DueWork).where(DueWork.id.in_(old)).execution_options(synchronize_session=False))
    ctx.session.execute(
        update(Delivery)
        .where(Delivery.id.in_(old))
        .values(state="done", done_at=Delivery.created_at)
        .execution_options(synchronize_session=False)
    )


def sign_in_lines() -> list[str]:
    """A calm table: address, what they are; one provider after the other."""
    known = worlds()
    lines = [f"Password of everybody: {PASSWORD}"]
    people: list[list[Any]] = [
        [*plan.staff, *(c for c in plan.contacts if c.signs_in and c.says)] for plan, _s in known
    ]
    width = max(len(person.email) for group in people for person in group)
    for (plan, _stories), group in zip(known, people, strict=True):
        lines += ["", f"{plan.name}   http://{plan.hosts[0]}"]
        lines += [f"  {person.email:<{width}}   {person.says}" for person in group]
    return lines

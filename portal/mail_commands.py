"""`flask mail explain`, `mail receive` and `mail-listener`."""

import json
import mailbox
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from portal.channels.mail import listener
from portal.channels.mail.actions.intake import take_in
from portal.channels.mail.engine.limits import LIMITS
from portal.channels.mail.engine.message import InboundMessage
from portal.channels.mail.engine.parsing import parse_message
from portal.channels.mail.labels import mail_sentence, reason_sentence
from portal.channels.mail.queries import mailboxes as mailbox_queries
from portal.channels.mail.queries.decisions import Decision, decide, recipients_of
from portal.channels.mail.queries.matching import fold_own_lines
from portal.channels.mail.rules import IntakeRules, MailDelivery
from portal.config import Config
from portal.kernel import clock, uow
from portal.kernel.actor import Id, nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.system_context import create_system_context
from portal.tenants.queries import providers as provider_queries

# The mail should be tried again (sysexits.h).
TRY_AGAIN = 75


def register_mail_commands(app: Flask) -> None:
    """Add the group `mail` and the listener."""
    config: Config = app.config["PARLEY"]
    app.cli.add_command(_mail_group(config))
    app.cli.add_command(_listener_command(app, config))


def _mail_group(config: Config) -> AppGroup:
    group = AppGroup("mail", help="Mail that arrives.")
    host = click.option("--host", help="The provider, by a host name of it.")
    to = click.option("--to", help="The address that the mail came to.")

    @group.command("explain")
    @host
    @to
    @click.argument("files", nargs=-1, type=click.Path(path_type=Path))
    def explain(host: str | None, to: str | None, files: tuple[Path, ...]) -> None:
        """Say what would become of the mails in FILES (files, folders, mailboxes) or of the one on standard input.

        Prints one JSON line a message, and changes nothing.
        """
        for name, raw in _read_messages(files):
            click.echo(json.dumps(_explain(config, name, raw, host, to), ensure_ascii=False))

    @group.command("receive")
    @host
    @to
    @click.pass_context
    def receive(click_context: click.Context, host: str | None, to: str | None) -> None:
        """Take in the mail on standard input, as the pipe command of a mail server.

        Exit code 0 for every fate, 75 if the server should try again.
        """
        raw = sys.stdin.buffer.read(LIMITS.message_bytes + 1)
        try:
            answer = receive_message(config, raw, "pipe", [to] if to else [], host)
        except (SQLAlchemyError, OSError) as problem:
            click.echo(f"Try again: {type(problem).__name__}.", err=True)
            click_context.exit(TRY_AGAIN)
        click.echo(json.dumps(answer, ensure_ascii=False))

    return group


def _listener_command(app: Flask, config: Config) -> click.Command:
    @click.command("mail-listener")
    def listen() -> None:
        """Take in mails by LMTP or SMTP at MAIL_LISTEN, until told to stop."""
        if not config.mail_listen:
            raise click.ClickException("MAIL_LISTEN says where to listen, for example 127.0.0.1:2424")

        def take(raw: bytes, road: str, recipients: list[str], provider_id: Id) -> dict[str, Any]:
            with app.app_context():
                return receive_message(config, raw, road, recipients, None, provider_id)

        def find(address: str) -> Id | None:
            with app.app_context():
                return find_provider(None, [address])

        listener.serve(config.mail_listen, take, find)

    return listen


def _read_messages(files: tuple[Path, ...]) -> Iterator[tuple[str, bytes | Exception]]:
    """(name, content) of each message; an exception where one cannot be read."""
    if not files:
        yield "-", sys.stdin.buffer.read(LIMITS.message_bytes + 1)
    for path in files:
        inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for one in inside:
            yield from _read_file(one)


def _read_file(path: Path) -> Iterator[tuple[str, bytes | Exception]]:
    try:
        with path.open("rb") as file:
            content = file.read(LIMITS.message_bytes + 1)
        if not content.startswith(b"From ") or content.count(b"\nFrom ") == 0:
            yield path.name, content
            return
        box = mailbox.mbox(path, create=False)
        for number, key in enumerate(box.iterkeys(), start=1):
            yield f"{path.name}#{number}", box.get_bytes(key)
    except (OSError, ValueError, KeyError) as problem:
        yield path.name, problem


def find_provider(host: str | None, addresses: list[str]) -> Id | None:
    """The provider of *host*; without one the provider of the first of *addresses* that is a mailbox."""
    reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="mail")
    if host is not None:
        return provider_queries.provider_of_host(reader, host.strip().lower())
    return mailbox_queries.provider_of_address(reader, addresses)


def _any_provider(message: InboundMessage, delivery: MailDelivery, host: str | None) -> Id | None:
    """The provider of a message: by host, by its recipients, or the one that the installation began with."""
    found = find_provider(host, recipients_of(message, delivery))
    if found is None and host is None:
        reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="mail")
        homes = provider_queries.list_providers(reader)
        found = homes[0][0] if homes else None
    return found


def receive_message(
    config: Config, raw: bytes, road: str, recipients: list[str], host: str | None, provider_id: Id | None = None
) -> dict[str, Any]:
    """Take *raw* in, in a unit of work of its own; returns its fate, its case, and the sentence. *provider_id*: the
    provider of the recipients, where it is known.

    Raises SQLAlchemyError or OSError where the mail should be tried again.
    """
    delivery = MailDelivery(road, clock.now(), recipients)
    try:
        # What the envelope says spares the reading of the whole mail before its provider is known.
        if provider_id is None and (host or recipients):
            provider_id = find_provider(host, recipients)
        if provider_id is None:
            provider_id = _any_provider(parse_message(raw), delivery, host)
        if provider_id is None:
            return {"fate": "rejected", "case": None, "sentence": "No provider reads this address."}
        with uow.unit_of_work(db.session):
            ctx = create_system_context(provider_id, channel="mail")
            row = take_in(ctx, raw, delivery, IntakeRules.of(config))
            return {"fate": row.fate, "case": row.facts.get("key"), "sentence": mail_sentence(row, ctx.actor)}
    finally:
        db.session.remove()


def _explain(config: Config, name: str, raw: bytes | Exception, host: str | None, to: str | None) -> dict[str, Any]:
    """One line of `mail explain`. Whatever happens is in it."""
    began = time.perf_counter()
    line: dict[str, Any] = {"id": name}
    try:
        if isinstance(raw, Exception):
            raise raw
        message = parse_message(raw)
        line |= _describe(message)
        delivery = MailDelivery("pipe", clock.now(), [to] if to else [])
        line |= _decide(config, message, delivery, host)
    except Exception as problem:  # it explains; what it cannot explain it says too
        line |= {"fate": line.get("fate"), "error": f"{type(problem).__name__}: {problem}"[:500]}
    line["seconds"] = round(time.perf_counter() - began, 4)
    return line


def _describe(message: InboundMessage) -> dict[str, Any]:
    return {
        "from_email": message.sender.email,
        "from_name": message.sender.name,
        "subject": message.subject,
        "body": message.body,
        "reply": message.reply,
        "folded": message.folded,
        "attachments": [
            {"name": file.name, "size": file.size, "type": file.media_type, "inline": file.inline}
            for file in message.files
        ],
        "class": message.message_class.value,
    }


def _decide(config: Config, message: InboundMessage, delivery: MailDelivery, host: str | None) -> dict[str, Any]:
    """The decision, in a transaction that is rolled back."""
    provider_id = _any_provider(message, delivery, host)
    if provider_id is None:
        sentence = "No provider reads this address."
        return {"trusted": False, "why": sentence, "match": {"by": None, "case": None}, "fate": "rejected"}
    try:
        ctx = create_system_context(provider_id, channel="mail")
        message = fold_own_lines(ctx, message)
        decision: Decision = decide(ctx, message, delivery, IntakeRules.of(config))
        return {
            "reply": message.reply,
            "folded": message.folded,
            "trusted": decision.verdict.trusted,
            "why": reason_sentence(decision.reason),
            "match": {
                "by": decision.match.by if decision.match else None,
                "case": decision.case.key if decision.case else None,
            },
            "fate": decision.fate,
        }
    finally:
        uow.roll_back(db.session)
        db.session.remove()

"""`flask mail explain`, `mail receive`, `mail-listener`, and `flask mailbox add`, `check` and `poll`."""

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

from portal.cases.queries.request_types import request_type
from portal.channels.mail import listener, polling
from portal.channels.mail.actions.connections import Server, connect_mailbox
from portal.channels.mail.actions.intake import take_in
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.engine.limits import LIMITS
from portal.channels.mail.engine.message import InboundMessage
from portal.channels.mail.engine.parsing import parse_message
from portal.channels.mail.labels import failure_sentence, mail_sentence, reason_sentence
from portal.channels.mail.queries import mailboxes as mailbox_queries
from portal.channels.mail.queries.decisions import Decision, decide, recipients_of
from portal.channels.mail.queries.matching import fold_own_lines
from portal.channels.mail.rules import IntakeRules, MailDelivery, bare_address
from portal.channels.mail.servers.address import parse_server_url
from portal.config import Config
from portal.kernel import clock, uow
from portal.kernel.actor import Id, nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.errors import NotFound, PortalError
from portal.kernel.system_context import create_system_context
from portal.tenants.queries import providers as provider_queries
from portal.tenants.queries.departments import active_departments

# The mail should be tried again (sysexits.h).
TRY_AGAIN = 75
# The interval at which `mailbox poll` looks.
POLL_SECONDS = 10


def register_mail_commands(app: Flask) -> None:
    """Add the groups `mail` and `mailbox`, and the listener."""
    config: Config = app.config["PARLEY"]
    app.cli.add_command(_mail_group(config))
    app.cli.add_command(_mailbox_group())
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

        def take(raw: bytes, road: str, recipients: list[str]) -> dict[str, Any]:
            with app.app_context():
                return receive_message(config, raw, road, recipients, None)

        def knows(address: str) -> bool:
            with app.app_context():
                return _provider_of(None, [address]) is not None

        listener.serve(config.mail_listen, take, knows)

    return listen


def _mailbox_group() -> AppGroup:
    group = AppGroup("mailbox", help="Addresses that are read.")

    @group.command("add")
    @click.argument("host")
    @click.argument("address")
    @click.option("--department", help="The key of the department that new cases go to.")
    @click.option("--type", "type_key", help="The key of the kind of case that is opened.")
    @click.option("--imap", help="Where it is read: imaps://user:password@host[:993][/folder], or imap:// (STARTTLS).")
    @click.option("--smtp", help="Where it sends: smtps://user:password@host[:465], or smtp:// (STARTTLS).")
    def add(
        host: str, address: str, department: str | None, type_key: str | None, imap: str | None, smtp: str | None
    ) -> None:
        """Read mail to ADDRESS for the provider at HOST: by IMAP, or a mail server passes it on by LMTP or by `mail
        receive`. A mailbox that is read by IMAP is off until `mailbox check` came back."""
        provider_id = _provider_of(host, [])
        reads, sends = _read_server(imap, "imap"), _read_server(smtp, "smtp")
        if provider_id is None:
            raise click.ClickException(f"{host} leads to no provider.")
        with uow.unit_of_work(db.session):
            ctx = create_system_context(provider_id, channel="cli")
            try:
                departments = {row.key: row.id for row in active_departments(ctx)}
                if department and department not in departments:
                    raise click.ClickException(f"There is no department {department}: {', '.join(departments)}.")
                type_id = request_type(ctx, type_key).id if type_key else None
                row = add_mailbox(
                    ctx,
                    address,
                    department_id=departments.get(department or ""),
                    request_type_id=type_id,
                    is_proven=reads is None,
                )
                if reads is not None:
                    connect_mailbox(ctx, row, imap=reads, smtp=sends)
            except NotFound:
                raise click.ClickException(f"There is no kind of case {type_key}.") from None
            except PortalError as refused:
                raise click.ClickException(f"{refused.message}.") from None
            known_as = row.address
        if reads is None:
            click.echo(f"{known_as} is read. New mail arrives by LMTP at MAIL_LISTEN, or by `flask mail receive`.")
        else:
            click.echo(f"{known_as} is off. `flask mailbox check {known_as}` turns it on.")

    @group.command("check")
    @click.argument("address")
    @click.pass_context
    def check(click_context: click.Context, address: str) -> None:
        """Send a mail out through the mailbox ADDRESS, and wait for it to come back. Exit code 0 if it did, else 1."""
        provider_id = _provider_of(None, [address])
        if provider_id is None:
            raise click.ClickException(f"{address} is no mailbox.")
        outcome = polling.run_test(provider_id, bare_address(address))
        if outcome.failure:
            words = f" ({outcome.words})" if outcome.words else ""
            click.echo(f"{outcome.step}: {failure_sentence(outcome.failure)}{words}", err=True)
            click_context.exit(1)
        click.echo(f"{address} is on: the test email went out and came back.")

    @group.command("poll")
    @click.option("--once", is_flag=True, help="Read all mailboxes once to their ends, then stop.")
    @click.pass_context
    def poll(click_context: click.Context, once: bool) -> None:
        """Read the mailboxes that are on. The worker does so by itself; with --once exit code 1 if one failed."""
        failed = False
        while True:
            for result in polling.poll_all_now():
                failed = failed or result.failure is not None
                said = f"failed: {failure_sentence(result.failure.code)} " if result.failure else ""
                if once or result.taken or said:
                    click.echo(f"{result.address}: {said}{result.taken} taken in")
            if once:
                click_context.exit(1 if failed else 0)
            time.sleep(POLL_SECONDS)

    return group


def _read_server(url: str | None, kind: str) -> Server | None:
    if not url:
        return None
    try:
        return Server(*parse_server_url(url, kind))
    except ValueError:
        example = "imaps://user:password@host:993/INBOX" if kind == "imap" else "smtps://user:password@host:465"
        raise click.ClickException(f"--{kind} must look like {example}.") from None


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


def _provider_of(host: str | None, addresses: list[str]) -> Id | None:
    """The provider of *host*; without one the provider of the first of *addresses* that is a mailbox."""
    reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="mail")
    if host is not None:
        return provider_queries.provider_of_host(reader, host.strip().lower())
    return mailbox_queries.provider_of_address(reader, addresses)


def _any_provider(message: InboundMessage, delivery: MailDelivery, host: str | None) -> Id | None:
    """The provider of a message: by host, by its recipients, or the one that the installation began with."""
    found = _provider_of(host, recipients_of(message, delivery))
    if found is None and host is None:
        reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="mail")
        homes = provider_queries.list_providers(reader)
        found = homes[0][0] if homes else None
    return found


def receive_message(config: Config, raw: bytes, road: str, recipients: list[str], host: str | None) -> dict[str, Any]:
    """Take *raw* in, in a unit of work of its own; returns its fate, its case, and the sentence.

    Raises SQLAlchemyError or OSError where the mail should be tried again.
    """
    delivery = MailDelivery(road, clock.now(), recipients)
    message = parse_message(raw)
    try:
        provider_id = _any_provider(message, delivery, host)
        if provider_id is None:
            return {"fate": "rejected", "case": None, "sentence": "No provider reads this address."}
        with uow.unit_of_work(db.session):
            ctx = create_system_context(provider_id, channel="mail")
            row = take_in(ctx, raw, delivery, IntakeRules.of(config))
            return {"fate": row.fate, "case": row.facts.get("key"), "sentence": mail_sentence(row)}
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

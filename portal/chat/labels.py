"""Words about chats."""

import datetime as dt
from typing import Any

from babel.dates import format_date
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.chat.models import Chat
from portal.chat.queries.chats import agent_names
from portal.chat.rules import EndReason
from portal.kernel.actor import Id
from portal.kernel.events import Event
from portal.sla.queries.calendars import SupportHours, next_opening
from portal.web.times import reader_locale, to_reader_zone, zone_abbreviation


def opening_sentence(hours: SupportHours, now: dt.datetime) -> str:
    """When the chat opens, in the reader's zone: "The chat opens Mon 09:00 CET."; that it is closed where it never
    does."""
    found = next_opening(hours, now)
    if found is None:
        return _("The chat is closed.")
    opens = to_reader_zone(found)
    there, zone = to_reader_zone(now), zone_abbreviation(opens)
    if opens.date() == there.date():
        return _("The chat opens today at %(time)s (%(zone)s).", time=f"{opens:%H:%M}", zone=zone)
    pattern = "EEEE" if (opens.date() - there.date()).days < 7 else "d MMMM"
    day = format_date(opens.date(), pattern, locale=reader_locale())
    return _("The chat opens %(day)s at %(time)s (%(zone)s).", day=day, time=f"{opens:%H:%M}", zone=zone)


def closing_sentence(hours: SupportHours, now: dt.datetime) -> str:
    """Until when the chat is open, in the reader's zone; '' where it is always open."""
    closes = hours.next_closing(now)
    if closes is None:
        return ""
    there = to_reader_zone(closes)
    return _("Open until %(time)s (%(zone)s).", time=f"{there:%H:%M}", zone=zone_abbreviation(there))


def position_sentence(position: int) -> str:
    """The place in the queue."""
    if position == 1:
        return _("You are next.")
    return _("You are number %(number)d.", number=position)


def wait_sentence(minutes: int | None) -> str:
    """How long people waited lately; '' while too few were measured."""
    if minutes is None:
        return ""
    return ngettext(
        "In the last hour people waited about %(num)d minute.",
        "In the last hour people waited about %(num)d minutes.",
        minutes,
    )


def state_sentence(chat: Chat) -> str:
    """Who has the chat, for its contact."""
    if not chat.live:
        return end_sentence(chat.end_reason, agent_names(chat))
    if chat.accepted_by is not None:
        return _("You are chatting with %(name)s.", name=agent_names(chat))
    if chat.lost_by is not None:
        return _("%(name)s was disconnected. Finding someone else…", name=chat.lost_by.user.name)
    return _("Somebody will be with you soon.")


def staff_sentence(chat: Chat, staff_id: Id | None) -> str:
    """Who has a live chat, for a member of staff."""
    if chat.accepted_by is None:
        return _("Nobody has accepted this chat yet.")
    if chat.accepted_by_id == staff_id:
        return _("You are chatting with %(name)s.", name=chat.user.name)
    return _("%(name)s has this chat now.", name=agent_names(chat))


def end_sentence(reason: str, agent: str) -> str:
    """Why a chat is over, for its contact."""
    sentences: dict[str, Any] = {
        EndReason.CONTACT: lambda: _("You ended this chat."),
        EndReason.AGENT: lambda: _("%(name)s ended this chat.", name=agent or _("Support")),
        EndReason.LEFT_MESSAGE: lambda: _("You left a message. We answer it in the case."),
        EndReason.SILENT: lambda: _("This chat ended because it was quiet for a while."),
        EndReason.MOVED: lambda: _("This chat ended because its case continues under another number."),
    }
    return str(sentences[reason]())


def staff_end_sentence(reason: str, contact: str) -> str:
    """Why a chat is over, for staff."""
    sentences: dict[str, Any] = {
        EndReason.CONTACT: lambda: _("%(name)s ended the chat.", name=contact),
        EndReason.AGENT: lambda: _("Support ended the chat."),
        EndReason.LEFT_MESSAGE: lambda: _("%(name)s left a message instead of waiting.", name=contact),
        EndReason.SILENT: lambda: _("The chat ended because %(name)s was silent.", name=contact),
        EndReason.MOVED: lambda: _("The chat ended because the case continues under another number."),
    }
    return str(sentences[reason]())


def history_line(event: Event) -> str:
    """The line of a chat event in the history of its case."""
    facts = event.facts
    lines: dict[str, Any] = {
        "chat.started": lambda: _("Chat started"),
        "chat.accepted": lambda: _("Chat accepted"),
        "chat.handed_over": lambda: _("Chat handed over to %(name)s", name=facts.get("name", "")),
        "chat.returned": lambda: _("Chat back in the queue: its agent was gone"),
        "chat.ended": lambda: _ended_line(str(facts.get("how", ""))),
    }
    return str(lines[event.name]())


def _ended_line(reason: str) -> str:
    return {
        EndReason.CONTACT: _("Chat ended by the contact"),
        EndReason.AGENT: _("Chat ended by support"),
        EndReason.LEFT_MESSAGE: _("Chat ended: the contact left a message"),
        EndReason.SILENT: _("Chat ended: the contact was silent"),
        EndReason.MOVED: _("Chat ended: the case continues under another number"),
    }[EndReason(reason)]


HISTORY = ("chat.started", "chat.accepted", "chat.handed_over", "chat.returned", "chat.ended")

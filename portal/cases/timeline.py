"""The timeline of a case: messages and events in one order, for one reader."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from portal.attachments.models import Attachment
from portal.cases import labels
from portal.cases.models import Case, Message
from portal.cases.queries.conversation import Conversation
from portal.cases.queries.shown_people import ShownGrant
from portal.cases.rules import is_pinnable
from portal.kernel.events import Event
from portal.kernel.ids import parse_id

SPLIT_OFF = "case.split_off"
# The channel of what arrived as a mail.
MAIL = "mail"


@dataclass(slots=True)
class Entry:
    """One entry of the timeline. With `line` it is a line about an event, otherwise a message."""

    id: str
    at: dt.datetime
    line: str = ""
    detail: str = ""
    kind: str = "public"
    side: str = "customer"
    author: str = ""
    initials: str = ""
    role: str = ""
    channel: str = ""
    body: str = ""
    check: str = ""
    files: Sequence[Attachment] = field(default_factory=list)
    new: bool = False
    emailed: bool = True
    asks: bool = False
    flag: str = ""
    # The message; '' for the opening.
    message_id: str = ""
    # The entry that it answers, if that is in the timeline, with whose and when; and whether it answers an older one.
    answered: "Entry | None" = None
    answers_older: bool = False
    # The key of the case that holds what it answers; '' for this one.
    answers_in: str = ""
    # Whom it mentions: the name as written, and the name of today.
    mentions: Sequence[tuple[str, str]] = ()
    # Whether it is one that staff may pin as the workaround.
    pins: bool = False
    # Whether a mail was folded, and whether a mail is what it came as (said to staff only).
    quoted: bool = False
    by_mail: bool = False

    @property
    def is_line(self) -> bool:
        return bool(self.line)


def entries(
    case: Case,
    conversation: Conversation,
    events: Sequence[Event],
    names: dict[str, str],
    *,
    staff_side: bool,
    grants: Sequence[ShownGrant] = (),
) -> list[Entry]:
    """The timeline, oldest first. Messages of people whose grant is marked as outside the organization say so.

    If older messages exist, it leaves out the opening and the events before the first message.
    """
    messages = conversation.messages
    found: list[tuple[dt.datetime, int, str, Entry]] = []
    start = messages[0].recorded_at if conversation.has_older and messages else None
    if start is None:
        opening = _opening_entry(case, conversation.opening_files, opened_for(case, events), staff_side)
        # A case that was split off counts from a message; its opening was written when it was split off.
        opening.at = next((event.recorded_at for event in events if event.name == SPLIT_OFF), case.opened_at)
        found.append((opening.at, 0, "", opening))
    outside = {grant.user_id for grant in grants if grant.outside}
    by_id: dict[Any, Entry] = {}
    for message in messages:
        entry = _message_entry(case, message, outside=message.author_id in outside)
        entry.by_mail = staff_side and message.channel == MAIL
        entry.answered = by_id.get(message.in_reply_to_id)
        entry.answers_older = message.in_reply_to_id is not None and entry.answered is None
        by_id[message.id] = entry
        entry.mentions = [(one["text"], names.get(f"mention:{one['user']}", one["text"])) for one in message.mentions]
        found.append((message.recorded_at, 1, str(message.id), entry))
    for event in events:
        line = labels.event_line(event, names, staff_side)
        for message_id in event.facts.get("cited_across", ()):
            if (answer := by_id.get(parse_id(message_id))) is not None:
                answer.answers_in = event.facts.get("target") or event.facts["source"]
        if line and (start is None or event.recorded_at >= start):
            entry = Entry(f"e-{event.id}", event.occurred_at, line=line, detail=labels.event_detail(event))
            found.append((event.recorded_at, 2, str(event.id), entry))
    return [entry for *_order, entry in sorted(found, key=lambda item: item[:3])]


def opened_for(case: Case, events: Iterable[Event]) -> str:
    """For whom *case* was opened, '' where its reporter opened it for themself: the first contact that *events* (in
    their order) replaced, or the contact."""
    for event in events:
        if "contact_names" in event.facts:
            first = str(event.facts["contact_names"][0])
            return first if first != case.reported_by.name else ""
    return case.contact_user.name if case.on_behalf else ""


def _opening_entry(case: Case, files: Sequence[Attachment], contact_name: str, staff_side: bool) -> Entry:
    role = _("opened this for %(name)s", name=contact_name) if contact_name else ""
    return Entry(
        "opening",
        case.opened_at,
        kind="public",
        side="customer" if case.reported_side == "contact" else "staff",
        author=case.reported_by.name,
        initials=case.reported_by.initials,
        role=role,
        channel=labels.channel_label(case.channel) if staff_side or case.channel != "portal" else "",
        body=case.description,
        files=files,
        quoted=case.has_quoted,
        by_mail=staff_side and case.channel == MAIL,
    )


def _message_entry(case: Case, message: Message, *, outside: bool) -> Entry:
    staff = message.author_side == "staff"
    author: Any = message.author
    role = _("Support") if staff else (_("contact") if message.author_id == case.contact_user_id else "")
    if outside and not role:
        role = labels.outside_label(case.organization.name)
    flags = {"resolution": _("Solution"), "rejection": _("Solution rejected")}
    if message.position == case.workaround_position:
        flags[message.kind] = _("Workaround")
    return Entry(
        f"m-{message.id}",
        message.occurred_at,
        kind="internal" if message.is_note else "public",
        side="staff" if staff else ("customer" if author else "system"),
        author=author.name if author else _("Automatic"),
        initials=author.initials if author else "·",
        role=role,
        channel=labels.channel_label(message.channel) if message.channel not in ("portal", "desk") else "",
        body=message.body,
        check=message.check,
        files=message.files,
        emailed=message.emailed,
        asks=message.asks,
        flag=flags.get(message.kind, _("Question") if message.asks else ""),
        message_id=str(message.id),
        pins=is_pinnable(message) and message.position != case.workaround_position,
        quoted=message.has_quoted,
    )

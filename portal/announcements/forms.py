"""Forms of announcements. Times are written and shown in the zone of the person at the form."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from portal.announcements.actions import AnnouncementFacts
from portal.announcements.labels import KIND_NAMES, RHYTHM_CHOICES
from portal.announcements.rules import AnnouncementPlace
from portal.kernel.errors import Refused
from portal.kernel.local_times import SkippedTime, read_local_time
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import (
    Form,
    MultipleChoiceField,
    PressForm,
    choice_field,
    flag_field,
    is_email,
    line_field,
    text_field,
)
from portal.web.times import reader_zone, to_reader_zone

TITLE_LIMIT, BODY_LIMIT = 140, 10_000
EMAIL_LIMIT = 320
EVERYBODY, CHOSEN = "everybody", "chosen"


def write_time(moment: dt.datetime | None) -> str:
    """*moment* as a form shows it."""
    return to_reader_zone(moment).strftime("%Y-%m-%d %H:%M") if moment is not None else ""


def read_time(field: StringField) -> dt.datetime | None:
    """The moment in *field* as UTC; None where it is empty. Raises Refused for anything that is no date and time."""
    typed = (field.data or "").strip()
    if not typed:
        return None
    try:
        moment = read_local_time(typed, reader_zone())
    except SkippedTime:
        raise Refused(_("The clocks skip this time on that day. Choose another one"), field.name) from None
    if moment is None:
        raise Refused(_("Write a date and time like 2026-11-13 17:30"), field.name)
    return moment


class AnnouncementForm(VersionedForm):
    """`/desk/announcements/new` and `…/edit`. The targets that somebody may choose are set by `offer_targets`."""

    kind = choice_field(_l("Kind"), choices=[(str(kind), name) for kind, name in KIND_NAMES.items()])
    title = line_field(_l("Title"), need=_l("Write a title"), limit=TITLE_LIMIT)
    body = text_field(_l("Text"), need=_l("Write what happens and what to do"), limit=BODY_LIMIT)
    starts_at = line_field(_l("Begins"), limit=40)
    ends_at = line_field(_l("Ends"), limit=40)
    audience = choice_field(
        _l("For whom"),
        choices=[(CHOSEN, _l("For the accounts, environments and services below")), (EVERYBODY, _l("For all clients"))],
    )
    targets = MultipleChoiceField(_l("Accounts, environments and services"))
    mailed = flag_field(_l("Also notify by email"))

    offered: Mapping[str, tuple[str, AnnouncementPlace]] = {}

    def offer_targets(self, offered: Mapping[str, tuple[str, AnnouncementPlace]]) -> None:
        """Let people choose among *offered*: by value the label and the target."""
        self.offered = offered
        self.targets.choices = [(value, label) for value, (label, _target) in offered.items()]

    def facts(self) -> AnnouncementFacts:
        """What was written, for the action. Raises Refused for a time that is none."""
        return AnnouncementFacts(
            kind=self.kind.data or "",
            title=self.title.data or "",
            body=self.body.data or "",
            everybody=self.audience.data == EVERYBODY,
            targets=()
            if self.audience.data == EVERYBODY
            else [self.offered[value][1] for value in dict.fromkeys(self.targets.data or [])],
            starts_at=read_time(self.starts_at),
            ends_at=read_time(self.ends_at),
            mailed=bool(self.mailed.data),
        )

    def fill(self, row: Any, chosen: list[str]) -> None:
        """Show what *row* says now."""
        for name in ("kind", "title", "body", "mailed"):
            self[name].data = getattr(row, name)
        self.starts_at.data, self.ends_at.data = write_time(row.starts_at), write_time(row.ends_at)
        self.audience.data, self.targets.data = EVERYBODY if row.everybody else CHOSEN, chosen


class AnnouncementJoinForm(PressForm):
    """`/announcements/<id>/join`. The places that somebody may choose are set by the route."""

    place = choice_field(_l("Where does it hit you?"), wrong=_l("Choose one of your places"))
    impact = line_field(
        _l("How does it hit your work?"), need=_l("Write in a few words how it hits your work"), limit=200
    )


class AnnouncementFollowForm(PressForm):
    """`/announcements/<id>/follow`."""

    mode = choice_field(
        _l("What you hear of it"),
        choices=[
            ("follow", _l("Tell me about updates, by email too")),
            ("", _l("As of any other announcement")),
            ("mute", _l("Nothing: hide it from my home page")),
        ],
    )


class AnnouncementAnswerForm(PressForm):
    """`/announcements/<id>/answer`."""

    answer = choice_field(
        _l("Does it work for you again?"),
        choices=[("works", _l("Yes, it works again")), ("broken", _l("No, it is still broken"))],
    )


class PublishForm(VersionedForm):
    """`…/publish`: now, or by itself later."""

    rhythm = choice_field(_l("Updates"), choices=RHYTHM_CHOICES)
    at = line_field(_l("Publish at"), limit=40)


class PublicWordsForm(VersionedForm):
    """`…/status`: what everybody may read."""

    title = line_field(_l("Public title"), need=_l("Write a title"), limit=TITLE_LIMIT)
    body = text_field(_l("Public text"), need=_l("Write what happens and what to do"), limit=BODY_LIMIT)


class AnnouncementUpdateForm(VersionedForm):
    """`…/update`. *public* is asked where the status page shows the announcement."""

    body = text_field(_l("Update"), need=_l("Write the update"), limit=BODY_LIMIT)
    rhythm = choice_field(_l("Next update"), choices=RHYTHM_CHOICES)
    public = text_field(_l("On the status page"), limit=BODY_LIMIT)


class AnnouncementEndForm(VersionedForm):
    """`…/end`."""

    body = text_field(_l("Last update"), limit=BODY_LIMIT)
    public = text_field(_l("On the status page"), limit=BODY_LIMIT)


class SubscriberRemovalForm(Form):
    """`/admin/status-page/remove`."""

    email = line_field(_l("Email"), need=_l("Write an email address"), limit=EMAIL_LIMIT, checks=[is_email])


class StatusSubscriptionForm(Form):
    """`/status/email`."""

    email = line_field(_l("Email"), need=_l("Write your email address"), limit=EMAIL_LIMIT, checks=[is_email])
    chosen = choice_field(
        _l("What you get"),
        choices=[("all", _l("Outages, maintenance and news")), ("outages", _l("Only outages"))],
    )

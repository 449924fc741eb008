"""Forms of notifications. Each field of the mail preferences has the name of its `rules.Topic`."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.web.forms import Form, PressForm, choice_field, flag_field, text_field

# What the names of the fields begin with that ask what is pushed to devices.
PUSH = "push_"
_HOURS = [("", _l("no quiet hours")), *((str(hour), f"{hour:02}:00") for hour in range(24))]


class MailsForm(Form):
    """What everybody chooses: ordinary mails one by one or once a day, and the hours without mails that can wait."""

    daily = flag_field(_l("Once a day: one email with everything that is only for information"))
    quiet_from = choice_field(_l("No emails from"), choices=_HOURS)
    quiet_until = choice_field(_l("until"), choices=[("", "–"), *_HOURS[1:]])
    asks_pushes = HiddenField()

    def pushed(self) -> dict[str, bool]:
        """Which topics are pushed, by topic; empty where the page does not ask, because there is no device."""
        if not self.asks_pushes.data:
            return {}
        names = [name.removeprefix(PUSH) for name in self.data if name.startswith(PUSH)]
        return {name: bool(self[PUSH + name].data) for name in names}

    def quiet_hours(self) -> tuple[int, int] | None:
        """The first and the last hour that were chosen; None without quiet hours. A missing end counts as the
        beginning, which no quiet hours have."""
        begins, ends = self.quiet_from.data, self.quiet_until.data
        return (int(begins), int(ends or begins)) if begins else None


class ContactMailsForm(MailsForm):
    """Choices of somebody on the portal."""

    answers = flag_field(_l("Support replied"))
    status = flag_field(_l("The status or the severity changed"))
    comments = flag_field(_l("Somebody else on your side wrote"))
    copies = flag_field(_l("Somebody put you in copy or shared a case with you"))
    workarounds = flag_field(_l("There is a workaround for your problem"))
    announcements = flag_field(_l("Outages, maintenance and news that affect you"))
    community = flag_field(_l("News of topics of the community that you follow"))
    push_answers = flag_field(_l("Support replied"))
    push_status = flag_field(_l("The status or the severity changed"))
    push_comments = flag_field(_l("Somebody else on your side wrote"))
    push_copies = flag_field(_l("Somebody put you in copy or shared a case with you"))
    push_workarounds = flag_field(_l("There is a workaround for your problem"))
    push_announcements = flag_field(_l("Outages, maintenance and news that affect you"))
    push_community = flag_field(_l("News of topics of the community that you follow"))


class StaffMailsForm(MailsForm):
    """Choices of staff."""

    own_cases = flag_field(_l("Activity in your cases"))
    unowned = flag_field(_l("Activity in unassigned cases"))
    handed_over = flag_field(_l("Cases handed over to your tier"))
    push_own_cases = flag_field(_l("Activity in your cases"))
    push_unowned = flag_field(_l("Activity in unassigned cases"))
    push_handed_over = flag_field(_l("Cases handed over to your tier"))


class DeviceForm(Form):
    """What a browser says of itself, sent by a script; the action checks it."""

    endpoint = HiddenField()
    p256dh = HiddenField()
    auth = HiddenField()


class MuteForm(PressForm):
    """`POST /a/<token>` about notifications: the mute, or its end."""

    muted = HiddenField()


class AccountChoiceForm(PressForm):
    """`POST /a/<token>` about the account of a mail; the accounts are set by the view."""

    account = choice_field(_l("Account"))


class MailRejectionForm(PressForm):
    """`POST /a/<token>` about a solution that does not help."""

    reason = text_field(_l("What is still wrong?"), need=_l("Write what is still wrong"))


class MailReopeningForm(PressForm):
    """`POST /a/<token>` about a closed case."""

    reason = text_field(_l("What changed?"), need=_l("Write what changed"))


class MailApprovalForm(PressForm):
    """`POST /a/<token>` about a question for a yes: the button that was pressed. A no needs a reason, which the action
    asks for."""

    decision = choice_field(
        _l("Answer"), choices=[("yes", _l("Approve")), ("no", _l("Refuse"))], need=_l("Choose “Approve” or “Refuse”")
    )
    reason = text_field(_l("Reason"), limit=1000)

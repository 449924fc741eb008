"""Labels of the codes of surveys: reasons not to ask, and lines of a case's history."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from portal.kernel.events import Event


def reason_label(reason: Any) -> str:
    """The reason why nobody was asked, for staff."""
    return {
        "answered": _("The customer answered about this case already."),
        "another": _("Somebody else was asked about this case before the contact changed."),
        "left": _("The contact left."),
        "staff": _("The contact works for us."),
        "unseen": _("The contact can no longer see this case."),
        "unreachable": _("The contact has neither an email address nor a sign-in."),
        "just_asked": _("The contact was asked about a call or a chat of this case within a day."),
        "sampling": _("Only some cases are surveyed, and this one was not selected."),
        "quiet": _("The contact was recently asked about another case."),
    }.get(str(reason), _("Nobody was asked."))


def kind_label(kind: str) -> str:
    """What a survey asks about."""
    return {"call": _("Call"), "chat": _("Chat")}.get(kind, _("Case"))


def _asked_line(kind: str) -> str:
    return {
        "call": _("Customer asked how a call was"),
        "chat": _("Customer asked how a chat was"),
    }.get(kind, _("Customer asked for feedback"))


def history_line(event: Event) -> str:
    """The line of *event* in the change log of a case."""
    lines: dict[str, Callable[[], str]] = {
        "survey.asked": lambda: _asked_line(str(event.facts.get("kind", ""))),
        "survey.not_asked": lambda: _(
            "Customer not asked for feedback: %(why)s", why=reason_label(event.facts.get("reason"))
        ),
        "survey.answered": lambda: (
            _("Survey answered: %(score)s of 5", score=event.facts["score"])
            if event.facts.get("score")
            else _("Survey answered")
        ),
        "survey.low_score": lambda: _("Follow-up opened because of a low answer"),
        "survey.call_asked": lambda: _("Customer wants a call"),
        "survey.follow_up_taken": lambda: _("Follow-up taken"),
        "survey.follow_up_released": lambda: (
            _("Follow-up handed to %(name)s, because its owner left", name=event.facts["owner_name"])
            if event.facts["owner_name"]
            else _("Nobody follows this up any more, because its owner left")
        ),
        "survey.followed_up": lambda: _("Followed up"),
    }
    return lines[event.name]()


HISTORY = (
    "survey.asked",
    "survey.not_asked",
    "survey.answered",
    "survey.low_score",
    "survey.call_asked",
    "survey.follow_up_taken",
    "survey.follow_up_released",
    "survey.followed_up",
)

"""Sentences of notifications: what happened, and why this person is notified. Only their codes are stored."""

import datetime as dt
from typing import Any

from babel.dates import format_datetime
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.kernel.events import Event
from portal.sla.labels.names import kind_label
from portal.sla.queries.promise_changes import ChangedPromise
from portal.web.role_labels import role_name
from portal.web.times import load_zone, zone_abbreviation

# The sentences of reasons.
_REASONS = {
    "contact": _l("because this case is about you"),
    "reporter": _l("because you opened this case"),
    "affected": _l("because you are affected too"),
    "unowned": _l("because nobody owns this case"),
    "tier": _l("because it was handed to your tier"),
    "participant": _l("because you are in copy"),
    "reader": _l("because the case was shared with you"),
    "follower": _l("because you follow this case"),
    "owner": _l("because you are assigned"),
    "former_owner": _l("because it was your case"),
    "department": _l("because you work in its department"),
    "low_answers": _l("because you are notified of low survey answers"),
    "follow_up_owner": _l("because you are following up this answer"),
    "alarmed": _l("because an escalation rule names you"),
    "administrator": _l("because you are an administrator"),
}


def event_sentence(event: Event, side: str, reason: str = "") -> str:
    """The sentence of *event* for a person on *side* ('contact' or 'staff') who is notified for *reason*."""
    who = event.actor_name or _("Support")
    if reason == "former_owner":
        return former_owner_sentence(event)
    customer = side == "contact"
    sentences: dict[str, Any] = {
        "case.submitted": lambda: (
            _("%(who)s opened this case for you", who=who) if customer else _("New case from %(who)s", who=who)
        ),
        "case.routed": lambda: _("New for your department"),
        "case.assigned": lambda: assignment_sentence(event),
        "case.started": lambda: (
            _("We are working on your case")
            if customer
            else _("Work continues: nobody is left who could answer the question")
            if event.facts.get("nobody_answers")
            else _("%(who)s started work", who=who)
        ),
        "case.woken": lambda: (
            _("We are working on your case again") if customer else _("The pause has ended: look at it again")
        ),
        "case.edited": lambda: (
            _("%(who)s made you the contact of this case", who=who)
            if customer
            else _("The contact is %(name)s now", name=event.facts.get("contact_names", ("", "?"))[1])
        ),
        "case.contact_left": lambda: contact_left_sentence(event),
        "case.merged": lambda: _("This case continues in another case"),
        "case.answered": lambda: _("%(who)s replied", who=who),
        "case.asked": lambda: (
            _("%(who)s asked you a question", who=who) if customer else _("%(who)s asked the customer", who=who)
        ),
        "case.held": lambda: _("Your case is paused") if customer else _("On hold"),
        "case.severity_changed": lambda: (
            _("%(who)s changed the severity", who=who)
            if customer or event.actor_name
            else _("The severity was changed automatically")
        ),
        "case.resolved": lambda: (
            _("%(who)s wrote a solution. Is it solved?", who=who)
            if customer
            else _("%(who)s wrote a solution", who=who)
        ),
        "case.closing_soon": lambda: _("Closes within 24 hours"),
        "case.accepted": lambda: _("%(who)s accepted the solution", who=who),
        "case.closed": lambda: _("%(who)s closed the case", who=who),
        "case.auto_closed": lambda: _("Closed automatically"),
        "case.replied": lambda: _("%(who)s replied", who=who),
        "case.rejected": lambda: (
            _(
                "%(who)s says again that it is not solved: automatically handed to tier %(tier)d",
                who=who,
                tier=event.facts["tier"][1],
            )
            if event.facts.get("tier") and not customer
            else _("%(who)s says it is not solved", who=who)
        ),
        "case.reopened": lambda: _("%(who)s reopened the case", who=who),
        "case.person_added": lambda: (
            _("%(who)s shared this case with you", who=who)
            if event.facts.get("kind") == "reader"
            else _("%(who)s put you in copy", who=who)
        ),
        "case.noted": lambda: _("%(who)s wrote an internal note", who=who),
        "case.escalated": lambda: (
            _("%(who)s handed the case to tier %(tier)d", who=who, tier=event.facts["tier"][1])
            if event.actor_name
            else _("Automatically handed to tier %(tier)d", tier=event.facts["tier"][1])
        ),
        "survey.low_score": lambda: (
            _("%(who)s gave %(score)s of 5 stars", who=who, score=event.facts["score"])
            if event.facts.get("score")
            else _("%(who)s was not satisfied", who=who)
        ),
        "survey.call_asked": lambda: _("%(who)s wants a call", who=who),
        "sla.alarm": lambda: alarm_sentence(event),
        "sight.gained": lambda: sight_sentence(event),
        "mailbox.paused": lambda: pause_sentence(event),
        "sla.objected": lambda: _("%(who)s objects to how time was counted", who=who),
    }
    said = sentences.get(event.name)
    return said() if said else _("Something changed")


def assignment_sentence(event: Event) -> str:
    """The sentence about the new owner for whoever became it, or that nobody owns the case."""
    if not event.facts.get("owner", ("", "?"))[1]:
        return _("Nobody owns this case now")
    if not event.actor_name:
        return _("This case was assigned to you automatically")
    return _("%(who)s assigned this case to you", who=event.actor_name)


def contact_left_sentence(event: Event) -> str:
    """The sentence about a contact who lost the access to the place of the case, and that nobody replaced."""
    name = event.facts["name"]
    if event.facts["ended"]:
        return _("The contact %(name)s no longer has access, and nobody took over. Choose another contact", name=name)
    return _("The contact %(name)s moved, and nobody took over. They can still read and answer this case", name=name)


def former_owner_sentence(event: Event) -> str:
    """The sentence about the new owner for the former one. The new owner is the actor of `case.taken`."""
    owner = event.actor_name if event.name == "case.taken" else event.facts.get("owner_name")
    if owner:
        return _("This case is with %(name)s now", name=owner)
    if event.facts.get("to_tier"):
        return _("This case is now waiting for somebody in tier %(tier)d", tier=event.facts["to_tier"])
    return _("Nobody owns this case now")


def alarm_sentence(event: Event) -> str:
    """The sentence about the promise that is running out or was broken; of several the furthest one."""
    return promise_state_sentence(str(event.facts.get("clock", "")), int(event.facts.get("percent", 100)))


def other_alarm_sentences(event: Event) -> list[str]:
    """The other promises of the case that the same alarm is about."""
    return [promise_state_sentence(str(kind), int(percent)) for kind, percent in event.facts.get("also", ())]


def promise_state_sentence(kind: str, percent: int) -> str:
    """How much of the time of one promise is used up."""
    clock = kind_label(kind)
    if percent >= 100:
        return _("%(clock)s: later than promised", clock=clock)
    return _("%(clock)s: %(n)d %% of the promised time is used up", clock=clock, n=percent)


def next_news_sentence(kind: str, when: str) -> str:
    """By when support answers, or writes the next update."""
    return {
        "first_response": _("First reply by %(when)s.", when=when),
        "next_response": _("Next reply by %(when)s.", when=when),
    }.get(kind, _("Next update by %(when)s.", when=when))


def promise_sentence(promise: ChangedPromise, zone_name: str) -> str:
    """The sentence about one changed promise: "Resolution: by 17 Nov 2026, 10:02 (CET), before: 18 Nov …"."""
    clock = kind_label(promise.kind)
    before = format_time(promise.before, zone_name) if promise.before else ""
    after = format_time(promise.after, zone_name) if promise.after else ""
    if after and before:
        return _("%(clock)s: promised by %(after)s. Before: %(before)s.", clock=clock, after=after, before=before)
    if after:
        return _("%(clock)s: promised by %(after)s.", clock=clock, after=after)
    return _("%(clock)s: paused. Before: promised by %(before)s.", clock=clock, before=before)


def pause_sentence(event: Event) -> str:
    """The sentence about a mailbox that is not read any more, because it failed too often."""
    return _("The mailbox %(address)s cannot be read", address=event.facts["address"])


def sight_sentence(event: Event) -> str:
    """The sentence about who gave whom sight of cases."""
    who, name, organization = event.actor_name, event.facts["name"], event.facts["organization"]
    roles = ", ".join(role_name(role) for role in event.facts["roles"])
    return {
        "staff": lambda: _(
            "%(name)s sees more cases now. %(who)s gave the role: %(roles)s", name=name, who=who, roles=roles
        ),
        "contact": lambda: _(
            "%(name)s has access to %(organization)s now. %(who)s gave the role: %(roles)s",
            name=name,
            organization=organization,
            who=who,
            roles=roles,
        ),
        "rules": lambda: _("%(who)s changed who sees the cases of %(name)s", who=who, name=name),
    }[event.facts["about"]]()


def reason_label(reason: str) -> str:
    """The sentence of a reason."""
    return str(_REASONS.get(reason, ""))


def format_time(when: dt.datetime, zone_name: str) -> str:
    """A time in a mail, complete with its date, because mails may be read much later: "17 Nov 2026, 10:02 (CET)" in the
    reader's language and zone."""
    there = when.astimezone(load_zone(zone_name))
    return f"{format_datetime(there, 'd MMM y, HH:mm', locale=get_locale())} ({zone_abbreviation(there)})"

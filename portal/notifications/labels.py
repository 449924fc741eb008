"""Sentences of notifications: what happened, and why this person is notified. Only their codes are stored."""

import datetime as dt
from typing import Any

from babel.dates import format_datetime
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.kernel.actor import Actor
from portal.kernel.events import Event
from portal.sla.labels.names import kind_label
from portal.sla.queries.promise_changes import ChangedPromise
from portal.web.role_labels import role_name
from portal.web.times import load_zone, zone_abbreviation

_SNOOZES = {
    "due": _l("A case that you snoozed is back"),
    "replied": _l("A case that you snoozed is back: the customer wrote"),
    "assigned": _l("A case that you snoozed is back: it was assigned to you"),
}
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
    "mentioned": _l("because a message mentions you"),
    "department": _l("because you work in its department"),
    "low_answers": _l("because you are notified of low survey answers"),
    "follow_up_owner": _l("because you are following up this answer"),
    "call_owner": _l("because you make this call"),
    "reply_writer": _l("because you wrote the reply"),
    "snoozer": _l("because you snoozed the case"),
    "task_assignee": _l("because the task is yours"),
    "mail_sender": _l("because you wrote the email"),
    "alarmed": _l("because an escalation rule names you"),
    "administrator": _l("because you are an administrator"),
    "affected_place": _l("because it affects a place of yours"),
    "topic_follower": _l("because you follow this topic"),
    "topic_author": _l("because you wrote it"),
    "space_watcher": _l("because you watch this space"),
    "moderator": _l("because you decide about texts of the community"),
    "takes_chats": _l("because you take chats"),
    "chatter": _l("because it was your chat"),
    "announcer": _l("because you keep this announcement up to date"),
    "approver": _l("because your yes is asked for"),
    "asker": _l("because you asked"),
}


def factor_sentence(event: Event) -> str:
    """What happened to the second factors of the person who is told."""
    name = event.facts.get("name") or _("Authenticator app")
    sentences: dict[str, Any] = {
        "person.factor_added": lambda: _("A second factor was added: %(name)s.", name=name),
        "person.factor_removed": lambda: _("A second factor was removed: %(name)s.", name=name),
        "person.recovery_codes_made": lambda: _("New recovery codes were made. The old ones do not work any more."),
        "person.recovery_code_used": lambda: ngettext(
            "A recovery code was used to sign in. %(num)d is left.",
            "A recovery code was used to sign in. %(num)d are left.",
            event.facts["left"],
        ),
        "person.factors_reset": lambda: _(
            "%(who)s removed your second factors, so that you can sign in and set up new ones.",
            who=event.actor_name or _("The operator"),
        ),
        "person.codes_failed": lambda: _(
            "Somebody got past the first step of your sign-in and then typed many wrong codes. If it was not you, "
            "choose a new password now."
        ),
    }
    return str(sentences[event.name]())


def event_sentence(event: Event, side: str, reason: str = "") -> str:
    """The sentence of *event* for a person on *side* ('contact' or 'staff') who is notified for *reason*."""
    who = event.actor_name or _("Support")
    if reason == "former_owner":
        return former_owner_sentence(event)
    if reason == "mentioned":
        if event.name == "case.noted":
            return _("%(who)s mentioned you in an internal note", who=who)
        return _("%(who)s mentioned you in a reply", who=who)
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
        "contact.cases_left": lambda: _(
            "%(name)s no longer has access and is still the contact of open cases: choose who takes over",
            name=event.facts["name"],
        ),
        "case.viewed_as_customer": lambda: _(
            "%(who)s viewed this case as you see it: %(reason)s", who=who, reason=event.facts["reason"]
        ),
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
        "case.joined": lambda: _("%(who)s is affected too", who=who),
        "case.confirmed": lambda: _("%(who)s accepted the solution; others have not answered yet", who=who),
        "case.workaround_pinned": lambda: (
            _("There is a way around your problem") if customer else _("%(who)s pinned a workaround", who=who)
        ),
        "case.resolved": lambda: (
            _("%(who)s wrote a solution: is it solved?", who=who)
            if customer
            else _("%(who)s wrote a solution", who=who)
        ),
        "case.reminded": lambda: _("We are still waiting for your answer"),
        "case.resolve_proposed": lambda: _("No answer to the question: the case can be resolved"),
        "case.closing_soon": lambda: _("Closes within 24 hours"),
        "case.reply_not_sent": lambda: _("Your reply was not sent, because the case changed; it is a draft now"),
        "snooze.ended": lambda: _SNOOZES.get(event.facts["why"], _SNOOZES["due"]),
        "task.assigned": lambda: _("%(who)s gave you a task: %(text)s", who=who, text=event.facts["text"]),
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
        "case.mail_stopped": lambda: _("Your email was not sent to the customer: send it from the case page"),
        "case.files_refused": lambda: ngettext(
            "%(num)d file of your email was not kept", "%(num)d files of your email were not kept", event.facts["files"]
        ),
        "case.reply_stopped": lambda: _(
            "An email from %(name)s was not added; it waits in “Received email”", name=event.facts["name"]
        ),
        "case.noted": lambda: _("%(who)s wrote an internal note", who=who),
        "case.escalated": lambda: (
            _("%(who)s handed the case to tier %(tier)d", who=who, tier=event.facts["tier"][1])
            if event.actor_name
            else _("Automatically handed to tier %(tier)d", tier=event.facts["tier"][1])
        ),
        "chat.started": lambda: _("%(who)s waits in the chat", who=who),
        "chat.returned": lambda: _("A chat lost its agent and waits again"),
        "chat.handed_over": lambda: _("%(who)s handed a chat over to you", who=who),
        "chat.ended": lambda: _("A chat has ended"),
        "call.logged": lambda: _("A call was logged"),
        "survey.low_score": lambda: (
            _("%(who)s gave %(score)s of 5 stars", who=who, score=event.facts["score"])
            if event.facts.get("score")
            else _("%(who)s was not satisfied", who=who)
        ),
        "survey.call_asked": lambda: _("%(who)s wants a call", who=who),
        "sla.alarm": lambda: alarm_sentence(event),
        "announcement.told": lambda: announcement_sentence(event),
        "announcement.update_due": lambda: _("An announcement waits for an update, or for its end"),
        "community.told": lambda: community_sentence(event),
        "community.told_staff": lambda: _("There is a new answer in a topic that you follow"),
        "community.unanswered": lambda: _("A topic of the community waits too long for an official answer"),
        "community.reported": lambda: _("A text of the community was reported"),
        "community.held": lambda: _("A text of the community waits for approval"),
        "sight.gained": lambda: sight_sentence(event),
        "registration.asked": lambda: _("%(name)s registered and waits for access", name=event.facts["name"]),
        "mailbox.paused": lambda: pause_sentence(event),
        "sending.paused": lambda: sending_sentence(event.facts["address"]),
        "call.overdue": lambda: _("Nobody made the call that the customer waits for"),
        "sla.late": lambda: _("We are late with your case"),
        **_approval_sentences(event, who),
        "sla.objected": lambda: _("%(who)s objects to how time was counted", who=who),
    }
    said = sentences.get(event.name)
    return said() if said else _("Something changed")


def _approval_sentences(event: Event, who: str) -> dict[str, Any]:
    """The sentences of the questions for a yes, to customers and to colleagues of the desk."""
    said: dict[str, Any] = {
        "asked": lambda: _("Your yes is needed"),
        "continued": lambda: _("Your yes is needed"),
        "approver_added": lambda: _("Your yes is needed"),
        "reminded": lambda: _("Your yes is still needed"),
        "approved": lambda: _("%(who)s approved", who=who),
        "refused": lambda: _("%(who)s refused", who=who),
        "expired": lambda: _("Nobody said yes or no in time"),
        "withdrawn": lambda: _("Your yes is not needed any more"),
        "stuck": lambda: _("Nobody is left who may say yes: ask somebody else"),
    }
    return {f"approval.{verb}{inside}": sentence for verb, sentence in said.items() for inside in ("", "_inside")}


def event_path(event: Event, actor: Actor) -> str:
    """The page where *actor* reads, or decides, what *event* is about; '' for an event of a case, and where there is
    none."""
    if event.name.startswith("chat.") and actor.is_staff:
        return f"/desk/chat/{event.subject_id}"
    if event.name.startswith("announcement."):
        return f"{'/desk' if actor.is_staff else ''}/announcements/{event.subject_id}"
    if event.name.startswith("community."):
        topics = "/desk/community/topics" if actor.is_staff else "/community"
        post = f"#post-{event.facts['post']}" if event.facts.get("post") else ""
        return f"{topics}/{event.subject_id}{post}"
    place = actor.memberships.get(event.organization_id) if event.organization_id is not None else None
    if event.name == "contact.cases_left" and place is not None:
        return f"/org/{place.slug}/people/{event.subject_id}#open-cases"
    return ""


def community_sentence(event: Event) -> str:
    """What happened in a topic; who wrote it stands on its page, which knows whether names are shown."""
    sentences: dict[Any, Any] = {
        "answered": lambda: _("There is a new answer in a topic that you follow"),
        "approved": lambda: _("Your text in the community was approved"),
        "case_proposed": lambda: _("Support asks you to go on in a private case"),
    }
    return str(sentences[event.facts.get("about")]())


def announcement_sentence(event: Event) -> str:
    """What happened to an announcement; its title stands on its page, which shows it to those whom it is for."""
    kind, about = event.facts.get("kind"), event.facts.get("about")
    sentences: dict[Any, Any] = {
        ("outage", "published"): lambda: _("There is an outage"),
        ("outage", "updated"): lambda: _("News about an outage"),
        ("outage", "ended"): lambda: _("An outage is over"),
        ("maintenance", "published"): lambda: _("Maintenance was announced"),
        ("maintenance", "updated"): lambda: _("News about maintenance"),
        ("maintenance", "ended"): lambda: _("Maintenance is over"),
        ("workaround", "published"): lambda: _("There is a workaround"),
        ("workaround", "updated"): lambda: _("News about a workaround"),
        ("workaround", "ended"): lambda: _("A workaround is no longer needed"),
        ("notice", "published"): lambda: _("There is a new notice"),
        ("notice", "updated"): lambda: _("News about a notice"),
        ("notice", "ended"): lambda: _("A notice has ended"),
    }
    return str(sentences[kind, about]())


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
    if event.facts.get("archived"):
        return _("%(name)s was archived: nobody there can read this case any more", name=event.facts["archived"])
    if event.facts["ended"]:
        return _("The contact %(name)s no longer has access, and nobody took over: choose another contact", name=name)
    return _("The contact %(name)s moved, and nobody took over, but can still read and answer this case", name=name)


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


def late_sentence(kind: str, when: str) -> str:
    """That a promise is broken, for the customer; *when* it was due, '' where they are shown no times."""
    if not when:
        return {
            "first_response": _("Our first reply is later than we promised."),
            "next_response": _("Our reply is later than we promised."),
            "next_update": _("Our next update is later than we promised."),
        }.get(kind, _("The solution is later than we promised."))
    return {
        "first_response": _("Our first reply was promised by %(when)s.", when=when),
        "next_response": _("Our reply was promised by %(when)s.", when=when),
        "next_update": _("The next update was promised by %(when)s.", when=when),
    }.get(kind, _("The solution was promised by %(when)s.", when=when))


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


def sending_sentence(address: str) -> str:
    """The sentence about a way out that does not work; *address*: '' for that of the installation."""
    if address:
        return _("Emails from %(address)s cannot be sent", address=address)
    return _("Emails cannot be sent")


def sight_sentence(event: Event) -> str:
    """The sentence about who gave whom sight of cases."""
    who, name, organization = event.actor_name, event.facts["name"], event.facts["organization"]
    roles = ", ".join(role_name(role) for role in event.facts["roles"])
    return {
        "staff": lambda: _(
            "%(name)s sees more cases now: role %(roles)s, given by %(who)s", name=name, who=who, roles=roles
        ),
        "contact": lambda: _(
            "%(name)s has access to %(organization)s now: role %(roles)s, given by %(who)s",
            name=name,
            organization=organization,
            who=who,
            roles=roles,
        ),
        "manager": lambda: _(
            "%(who)s made %(name)s a manager in %(organization)s, where managers see the cases of their people",
            who=who,
            name=name,
            organization=organization,
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

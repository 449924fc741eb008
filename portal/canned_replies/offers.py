"""What a picker offers for a case or a chat, and what a draft shows of the replies that it uses."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.authz.access import can
from portal.canned_replies.actions.uses import MACRO, REPLIES, used_ids
from portal.canned_replies.engine.macros import MacroCase, MacroPlan, plan_macro
from portal.canned_replies.engine.placeholders import ResolvedText, resolve
from portal.canned_replies.labels import blocked_lines, plan_lines, values_in
from portal.canned_replies.models import CannedReply
from portal.canned_replies.queries.case_facts import CaseFacts, read_facts
from portal.canned_replies.queries.replies import offered_replies, replies_of
from portal.cases.models import Case
from portal.cases.queries.names import staff_names
from portal.cases.queries.severity_levels import severity_levels
from portal.cases.states import steps_from
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.web.language import ENGLISH, supported_language
from portal.web.times import load_zone

# In a draft that was just filled in: its writer has not tried to send it yet.
FRESH = "with_fresh"


@dataclass(frozen=True, slots=True)
class UsedReplies:
    """What a draft shows of the replies in it: their ids, what is not known, what sending sets and what it cannot.

    *macro* is the id of the reply whose severity and owner are set if its writer leaves the box ticked, '' where there
    is nothing to tick.
    """

    ids: Sequence[Id]
    title: str
    missing: Sequence[str] = ()
    warned: bool = False
    lines: Sequence[str] = ()
    blocked: Sequence[str] = ()
    macro: str = ""
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class ReplyOffer:
    """A reply in a picker: its text for the reader, in which language, and what it puts into the fields of the
    composer."""

    reply: CannedReply
    text: ResolvedText
    language: str
    used: UsedReplies
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offers:
    """What a picker shows; *language* is that of the reader of the texts."""

    rows: Sequence[ReplyOffer]
    more: bool
    language: str


def find_offers(ctx: Context, case: Case, reader: User, q: str, *, macros: bool = True, draft: str = "") -> Offers:
    """The replies about *q* that the actor may use, with their texts for *reader* on *case*. *draft*: the ids that the
    draft uses already, separated by commas. Without *macros* only the texts count."""
    found, more = offered_replies(ctx, q=q, department_id=case.department_id)
    maker = OfferMaker(ctx, case, read_facts(ctx, case, reader), macros=macros, draft=draft)
    return Offers([maker.make(reply) for reply in found], more, text_language(ctx, reader.locale or ""))


def find_offer(
    ctx: Context, case: Case, reader: User, reply_id: Id | None, *, macros: bool, draft: str
) -> ReplyOffer | None:
    """The offer of one active reply; None for what the actor does not see, and for an ended one."""
    found = [reply for reply in replies_of(ctx, [reply_id]) if reply.active] if reply_id is not None else []
    if not found:
        return None
    return OfferMaker(ctx, case, read_facts(ctx, case, reader), macros=macros, draft=draft).make(found[0])


def find_used(
    ctx: Context, case: Case, reader: User, answers: Mapping[str, str], *, macros: bool
) -> UsedReplies | None:
    """What a draft with these *answers* shows of its replies; None if it uses none."""
    replies = replies_of(ctx, used_ids(answers))
    if not replies:
        return None
    maker = OfferMaker(ctx, case, read_facts(ctx, case, reader), macros=macros)
    return maker.used(replies, ticked=bool(answers.get(MACRO)), warned=FRESH not in answers)


def choose_text(ctx: Context, reply: CannedReply, locale: str) -> tuple[str, str]:
    """(language, text) of *reply* for a reader of *locale*: theirs, else the provider's, else English, else any."""
    wished = text_language(ctx, locale)
    own = supported_language(str(ctx.provider.locale))
    code = next((one for one in (wished, own, ENGLISH) if one in reply.texts), next(iter(reply.texts)))
    return code, str(reply.texts[code])


def text_language(ctx: Context, locale: str) -> str:
    """The language in which somebody of *locale* reads: theirs, else the provider's."""
    return supported_language(locale) or supported_language(str(ctx.provider.locale)) or ENGLISH


class OfferMaker:
    """Makes offers for one case and one reader; what all of them need is read once."""

    def __init__(self, ctx: Context, case: Case, facts: CaseFacts, *, macros: bool, draft: str = "") -> None:
        self.ctx, self.case, self.facts, self.macros = ctx, case, facts, macros
        self.draft = used_ids({REPLIES: draft})
        self.values: dict[str, dict[str, str]] = {}
        self.ranks = {row.rank for row in severity_levels(ctx)} if macros else set()
        self.state = self._case_state() if macros else None

    def make(self, reply: CannedReply) -> ReplyOffer:
        """The offer of *reply*."""
        language, text = choose_text(self.ctx, reply, self.facts.locale)
        if language not in self.values:
            self.values[language] = values_in(self.facts, language)
        earlier = [row for row in replies_of(self.ctx, self.draft) if row.id != reply.id] if self.draft else []
        used = self.used([*earlier, reply], ticked=True, warned=False)
        plan = self._plan(reply)
        return ReplyOffer(reply, resolve(text, self.values[language]), language, used, self._fields(reply, plan))

    def used(self, replies: Sequence[CannedReply], *, ticked: bool, warned: bool) -> UsedReplies:
        """What a draft shows that uses *replies*; the macro is that of the last one."""
        reply = replies[-1]
        plan = self._plan(reply)
        names = [name for row in replies for name in self.facts.missing_in(row)]
        confirms = plan.severity is not None or plan.takes_over
        return UsedReplies(
            ids=[row.id for row in replies],
            title=", ".join(f"“{row.title}”" for row in replies),
            missing=list(dict.fromkeys(names)),
            warned=warned,
            lines=plan_lines(self.ctx, reply, plan, self._owner_name() if plan.takes_over else ""),
            blocked=blocked_lines(self.ctx, self.case, reply, plan) if self.macros else [],
            macro=str(reply.id) if confirms else "",
            ticked=ticked and confirms,
        )

    def _plan(self, reply: CannedReply) -> MacroPlan:
        if self.state is None or reply.macro.is_empty:
            return MacroPlan()
        plan = plan_macro(reply.macro, self.state)
        return (
            plan
            if plan.severity is None or plan.severity in self.ranks
            else MacroPlan(plan.status, None, plan.takes, plan.takes_over, (*plan.blocked, "severity"))
        )

    def _fields(self, reply: CannedReply, plan: MacroPlan) -> dict[str, str]:
        """What goes into the composer's fields, by name."""
        fields = {"status": plan.status} if plan.status else {}
        if plan.status == "on_hold":
            day = self.ctx.now.astimezone(load_zone(self.ctx.provider.zone)).date()
            fields |= {"reason": reply.hold_reason, "until": str(day + dt.timedelta(days=reply.hold_days or 1))}
        if plan.status == "resolved" and reply.how_to_check:
            fields["check"] = reply.how_to_check
        if plan.takes and not plan.takes_over:
            fields["take"] = "y"
        return fields

    def _case_state(self) -> MacroCase:
        case, actor = self.case, self.ctx.actor
        steps: Any = steps_from(case.state, "staff")
        verbs = {step.verb for step in steps if step.permission is None or can(actor, step.permission, case)}
        own = case.owner_id is not None and case.owner_id == actor.staff_id
        return MacroCase(case.state, case.severity, case.owner_id is not None, own, verbs)

    def _owner_name(self) -> str:
        if self.case.owner_id is None:
            return ""
        return str(staff_names(self.ctx, [self.case.owner_id]).get(self.case.owner_id, ""))

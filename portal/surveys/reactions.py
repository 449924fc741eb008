"""Reactions to the end of a case, a call or a chat: an invitation to the survey, or why nobody is asked."""

import datetime as dt
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.models import Case, CaseLocation
from portal.identity.models import User
from portal.identity.queries import password_of, primary_email
from portal.kernel import ids, tokens
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event, record
from portal.kernel.system_context import as_system
from portal.surveys.engine.default_questions import DEFAULT_QUESTIONS, TALK_QUESTIONS
from portal.surveys.engine.invitations import InvitationFacts, SurveyTerms, draw_lot, is_trigger, reason_not_to_ask
from portal.surveys.models import VERSION_OF_TALK, Survey, SurveyFollowUp, SurveyQuestions
from portal.surveys.queries import IS_OF_CASE, LASTS, PURPOSE
from portal.surveys.queries.plan import talks_asked_about, terms
from portal.surveys.queries.questions import newest, talk_questions
from portal.tenants.models import StaffMember
from portal.tenants.queries import actors

# What is asked about after which event, while the case stays open.
TALKS = {"call.logged": "call", "chat.ended": "chat"}


def invite_contact(ctx: Context, event: Event) -> None:
    """Reaction to the events of `invitations.TRIGGERS`: invite the contact, or record why not. An unanswered survey of
    a case that was opened again is sent again with the same questions. If the provider asks once a closing cycle, the
    next cycle gets its own survey. Records `survey.asked`, or `survey.not_asked` (fact: reason).
    """
    case = ctx.session.get(Case, event.case_id)
    rules = terms(ctx)
    if case is None or not is_trigger(rules, event.name) or case.merged_into_id or case.moved_to_id:
        return
    with as_system(ctx) as system_ctx:
        before = _earlier_survey(system_ctx, case, rules)
        if before is not None and before.asked_at == event.recorded_at:
            return  # the same end of the same case, reported twice
        reason = _reason_not_to_invite(system_ctx, case, rules, before)
        survey = None if reason else _store_invitation(system_ctx, case, event, before)
    if survey is not None:
        record(ctx, "survey.asked", survey, case=case, cycle=case.cycle)
    elif reason:
        record(ctx, "survey.not_asked", case, case=case, reason=reason, cycle=case.cycle)


def _earlier_survey(system_ctx: Context, case: Case, rules: SurveyTerms) -> Survey | None:
    """The existing survey of this case, or of this closing cycle of it."""
    asked = select(Survey).where(Survey.case_id == case.id, IS_OF_CASE)
    if rules.per == "cycle":
        asked = asked.where(Survey.cycle == case.cycle)
    return system_ctx.session.scalars(asked.order_by(Survey.cycle.desc()).limit(1)).one_or_none()


def _reason_not_to_invite(system_ctx: Context, case: Case, rules: SurveyTerms, before: Survey | None) -> str:
    """The reason why the contact of *case* is not asked now; '' if they are."""
    person_id = case.contact_user_id
    moment = replace(
        _person_facts(system_ctx, case, rules, person_id),
        answered=before is not None and before.answered_at is not None,
        asked_another=before is not None and before.user_id != person_id,
        drawn=draw_lot(case.id, case.cycle, rules.per),
        case_asked_at=_last_asked_about(system_ctx, case, person_id, ~IS_OF_CASE),
    )
    return reason_not_to_ask(rules, moment)


def _person_facts(system_ctx: Context, case: Case, rules: SurveyTerms, person_id: Id) -> InvitationFacts:
    """What is known of the person, before it is said what they are asked about."""
    session = system_ctx.session
    person = session.get(User, person_id)
    assert person is not None, "who is asked is a user"
    actor = actors.contact_actors(system_ctx, [person])[person_id]
    return InvitationFacts(
        answered=False,
        asked_another=False,
        left=person.ended_at is not None,
        works_here=actors.has_desk(system_ctx, person),
        sees_the_case=session.scalar(scope(actor, Case).where(Case.id == case.id).with_only_columns(Case.id))
        is not None,
        reachable=bool(primary_email(system_ctx, person_id)) or password_of(system_ctx, person_id) is not None,
        drawn=0,
        now=system_ctx.now,
        last_asked_at=_last_invited_at(system_ctx, person_id, rules),
    )


def _last_asked_about(
    system_ctx: Context, case: Case, person_id: Id, *conditions: ColumnElement[bool]
) -> dt.datetime | None:
    """When the person was asked last about *case* by surveys under *conditions*."""
    asked = select(func.max(Survey.asked_at)).where(Survey.case_id == case.id, Survey.user_id == person_id)
    return system_ctx.session.scalar(asked.where(*conditions))


def invite_after_talk(ctx: Context, event: Event) -> None:
    """Reaction to `call.logged` and `chat.ended`: ask who talked how it was, while the case stays open and where the
    provider asks about such talks. The limits are those of other surveys; within a day of another question about the
    case nobody is asked. Records `survey.asked` (fact: kind); that nobody is asked leaves no event, because a case may
    have many calls."""
    kind, person_id, talk_id = TALKS[event.name], ids.parse_id(event.facts.get("user")), event.subject_id
    if not event.facts.get("talked") or person_id is None or talk_id is None or kind not in talks_asked_about(ctx):
        return
    case = ctx.session.get(Case, event.case_id)
    if case is None or not case.unresolved or case.merged_into_id or case.moved_to_id:
        return
    with as_system(ctx) as system_ctx:
        rules = terms(system_ctx)
        moment = replace(
            _person_facts(system_ctx, case, rules, person_id),
            drawn=draw_lot(talk_id, 0, "case"),
            case_asked_at=_last_asked_about(system_ctx, case, person_id),
        )
        if reason_not_to_ask(rules, moment):
            return
        questions_id = _talk_questions(system_ctx, kind)
        survey = _insert_invitation(system_ctx, case, event, person_id, questions_id, kind=kind, occasion_id=talk_id)
    if survey is not None:
        record(ctx, "survey.asked", survey, case=case, cycle=case.cycle, kind=kind)


def _last_invited_at(system_ctx: Context, person_id: Id, rules: SurveyTerms) -> dt.datetime | None:
    """The time at which the person was asked last, over all their cases.

    Of two cases that end at the same moment only one asks. The second transaction does not wait for the first, because
    a bulk close locks many cases and people and could deadlock with another one.
    """
    if not rules.quiet_days:
        return None
    mine = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"survey {person_id}", 0)))
    if not system_ctx.session.scalar(mine):
        return system_ctx.now
    return system_ctx.session.scalar(select(func.max(Survey.asked_at)).where(Survey.user_id == person_id))


def _store_invitation(system_ctx: Context, case: Case, event: Event, before: Survey | None) -> Survey | None:
    """The new or renewed invitation; None if another transaction stored one at the same moment."""
    if before is not None:
        before.asked_at = event.recorded_at
        before.token_id = tokens.issue_token(system_ctx, PURPOSE, before.id, LASTS)
        return before
    return _insert_invitation(system_ctx, case, event, case.contact_user_id, _questions(system_ctx))


def _insert_invitation(
    system_ctx: Context, case: Case, event: Event, person_id: Id, questions_id: Id, **occasion: Any
) -> Survey | None:
    """The new invitation of a person; None if another transaction stored one about the same thing."""
    survey_id = ids.new_id()
    row = insert(Survey).values(
        id=survey_id,
        **CaseLocation.of(case).columns(),
        **occasion,
        cycle=case.cycle,
        user_id=person_id,
        questions_id=questions_id,
        token_id=tokens.issue_token(system_ctx, PURPOSE, survey_id, LASTS),
        asked_at=event.recorded_at,
        low=False,
        call_phone="",
    )
    stored = system_ctx.session.scalar(row.on_conflict_do_nothing().returning(Survey.id))
    if stored is None:
        tokens.revoke_tokens(system_ctx, PURPOSE, survey_id)
    return system_ctx.session.get(Survey, stored) if stored else None


def _talk_questions(system_ctx: Context, kind: str) -> Id:
    """The id of the one question about a call or a chat, stored with its first use."""
    first = insert(SurveyQuestions).values(
        id=ids.new_id(),
        provider_id=system_ctx.provider_id,
        version=VERSION_OF_TALK[kind],
        questions=list(TALK_QUESTIONS[kind]),
        created_at=system_ctx.now,
    )
    found = talk_questions(system_ctx, kind)
    if found is None:
        system_ctx.session.execute(first.on_conflict_do_nothing())
        found = talk_questions(system_ctx, kind)
    assert found is not None
    return found.id


def _questions(system_ctx: Context) -> Id:
    """The id of the provider's newest questions; the built-in ones become its first version."""
    found = newest(system_ctx)
    if found is None:
        first = insert(SurveyQuestions).values(
            id=ids.new_id(),
            provider_id=system_ctx.provider_id,
            version=1,
            questions=list(DEFAULT_QUESTIONS),
            created_at=system_ctx.now,
        )
        system_ctx.session.execute(first.on_conflict_do_nothing())
        found = newest(system_ctx)
    assert found is not None
    return found.id


def move_surveys(ctx: Context, event: Event) -> None:
    """Reaction to `person.claim_accepted`: surveys that the claimant was asked are the holder's."""
    with as_system(ctx) as system_ctx:
        asked = update(Survey).where(Survey.user_id == ids.parse_id(event.facts["claimant"]))
        system_ctx.session.execute(asked.values(user_id=event.subject_id).execution_options(synchronize_session=False))


def release_follow_ups(ctx: Context, event: Event) -> None:
    """React to `staff.ended`: open follow-ups of who left go to whom the event names (fact hand_to) or, where that is
    nobody or somebody who may not follow them up, to nobody. Records `survey.follow_up_released` for each."""
    hand_to = ids.parse_id(event.facts.get("hand_to"))
    with as_system(ctx) as inner:
        owned = scope(inner.actor, SurveyFollowUp).where(
            SurveyFollowUp.owner_id == event.subject_id, SurveyFollowUp.done_at.is_(None)
        )
        name, able = _who_follows_up(inner, hand_to, owned) if hand_to else ("", set())
        locked = owned.order_by(SurveyFollowUp.id).with_for_update().execution_options(populate_existing=True)
        rows = inner.session.scalars(locked).all()
        cases = {
            case.id: case
            for case in inner.session.scalars(
                scope(inner.actor, Case).where(Case.id.in_([row.case_id for row in rows]))
            )
        }
    for row in rows:
        taken = row.id in able
        row.owner_id = hand_to if taken else None
        row.version += 1
        ctx.session.flush()
        record(ctx, "survey.follow_up_released", row, case=cases[row.case_id], owner_name=name if taken else "")


def _who_follows_up(inner: Context, staff_id: Id, owned: "Select[Any]") -> tuple[str, set[Id]]:
    """The name of a staff member, and which of the follow-ups *owned* they may follow up."""
    rows = select(User).join(StaffMember, StaffMember.user_id == User.id).where(StaffMember.id == staff_id)
    person = inner.session.scalars(rows).one()
    actor = actors.staff_actors(inner, [person]).get(person.id)
    if actor is None or not can(actor, Permission.SURVEY_FOLLOW_UP):
        return person.name, set()
    seen = scope(actor, SurveyFollowUp).with_only_columns(SurveyFollowUp.id)
    return person.name, set(
        inner.session.scalars(owned.where(SurveyFollowUp.id.in_(seen)).with_only_columns(SurveyFollowUp.id))
    )

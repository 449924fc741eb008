"""The form of a provider's survey rules."""

from flask_babel import lazy_gettext as _l

from portal.surveys.engine.invitations import LOW_TO, SurveyTerms
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Number, choice_field, flag_field

TRIGGERS = (
    ("closed", _l("When a case is closed, in whatever way")),
    ("accepted", _l("When the customer accepts a solution")),
    ("resolved", _l("When support writes a solution, in the same email")),
    ("never", _l("Never: nobody is asked")),
)
PER = (
    ("case", _l("Once per case, however often it comes back")),
    ("cycle", _l("Every time a case is closed, also after it came back")),
)


class PlanForm(VersionedForm):
    """When and whom to ask, and who is notified of a low answer."""

    trigger = choice_field(_l("When to ask"), choices=TRIGGERS)
    per = choice_field(_l("How often"), choices=PER)
    sampling = Number(_l("Percentage of cases to ask about"), low=0, high=100)
    quiet_days = Number(_l("Days before the same person is asked again"), low=0, high=365)
    follow_up_days = Number(_l("Days until a follow-up is due"), low=1, high=90)
    after_calls = flag_field(_l("Ask after calls"))
    after_chats = flag_field(_l("Ask after chats"))
    low_leads = flag_field(_l("Leads"))
    low_admins = flag_field(_l("Administrators"))
    low_owner = flag_field(_l("The owner of the case"))

    def terms(self) -> SurveyTerms:
        """The rules for the action."""
        return SurveyTerms(
            trigger=self.trigger.data,
            per=self.per.data,
            **{name: getattr(self, name).data for name in ("sampling", "quiet_days", "follow_up_days")},
            after_calls=bool(self.after_calls.data),
            after_chats=bool(self.after_chats.data),
            low_to=tuple(who for who in LOW_TO if self[f"low_{who}"].data),
        )


def plan_form(terms: SurveyTerms, version: object) -> PlanForm:
    """The form filled from *terms*."""
    values = {name: getattr(terms, name) for name in SurveyTerms.__dataclass_fields__ if name != "low_to"}
    return PlanForm(version=version, **values, **{f"low_{who}": who in terms.low_to for who in LOW_TO})

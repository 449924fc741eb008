"""The form of a provider's survey rules."""

from flask_babel import lazy_gettext as _l

from portal.surveys.engine.invitations import LOW_TO, SurveyTerms
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Number, choice_field, flag_field

TRIGGERS = (
    ("closed", _l("When a case is closed, whichever way")),
    ("accepted", _l("When the customer accepts a solution")),
    ("resolved", _l("When support writes a solution, in the same mail")),
    ("never", _l("Never: nobody is asked")),
)
PER = (
    ("case", _l("Once a case, however often it comes back")),
    ("cycle", _l("Each time a case is closed after it came back")),
)


class PlanForm(VersionedForm):
    """When and whom to ask, and who is notified of a low answer."""

    trigger = choice_field(_l("The moment"), choices=TRIGGERS)
    per = choice_field(_l("How often"), choices=PER)
    sampling = Number(_l("Of a hundred cases so many ask"), low=0, high=100)
    quiet_days = Number(_l("Days in which nobody is asked again"), low=0, high=365)
    follow_up_days = Number(_l("Days until a follow-up is due"), low=1, high=90)
    low_leads = flag_field(_l("Leads"))
    low_admins = flag_field(_l("Administrators"))
    low_owner = flag_field(_l("Whoever owns the case"))

    def terms(self) -> SurveyTerms:
        """The rules for the action."""
        return SurveyTerms(
            trigger=self.trigger.data,
            per=self.per.data,
            **{name: getattr(self, name).data for name in ("sampling", "quiet_days", "follow_up_days")},
            low_to=tuple(who for who in LOW_TO if self[f"low_{who}"].data),
        )


def plan_form(terms: SurveyTerms, version: object) -> PlanForm:
    """The form filled from *terms*."""
    values = {name: getattr(terms, name) for name in SurveyTerms.__dataclass_fields__ if name != "low_to"}
    return PlanForm(version=version, **values, **{f"low_{who}": who in terms.low_to for who in LOW_TO})

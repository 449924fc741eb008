"""What later features may use of a case without knowing its insides: its words, who sees it, its place for panels."""

from portal.cases import form_fields as form_fields
from portal.cases import vocabulary as vocabulary
from portal.cases.audience import Place, admitting
from portal.cases.models import Case
from portal.cases.panels import Column as Column
from portal.cases.panels import Draft as Draft
from portal.cases.panels import Panel as Panel
from portal.cases.panels import Verb as Verb
from portal.cases.rules import effective_severity as effective_severity
from portal.cases.states import State as State
from portal.cases.states import default_label as default_label
from portal.kernel.actor import Actor
from portal.kernel.context import Context


def admits(actor: Actor, place: Place) -> bool:
    """Whether any rule lets *actor* see a case at *place* now."""
    return bool(admitting(actor, place))


def label(ctx: Context, case: Case, side: str) -> str:
    """The status word of *case* for one side ('contact' or 'staff')."""
    return vocabulary.vocabulary(ctx, side).of(case)

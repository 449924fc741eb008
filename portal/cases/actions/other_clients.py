"""The check of what customers read of support for what belongs to another client (N8), and sending it anyway with a
reason.

`transitions.add_message` checks every public message. Other texts that customers read (of an opening, and the reasons
of a pause, a closing and a new severity) are checked by their actions."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _

from portal.attachments.models import Attachment
from portal.cases.engine.other_clients import Trace, TraceKind
from portal.cases.models import Case
from portal.cases.queries.other_clients import SENT_ANYWAY, client_names, confirmed_fingerprints, find_traces
from portal.kernel.actor import Id
from portal.kernel.confirmation import ReasonNeeded, SendAnyway
from portal.kernel.context import Context
from portal.kernel.events import record


def check_other_clients(
    ctx: Context,
    case: Case,
    *texts: str,
    files: Sequence[Attachment] = (),
    emails: Iterable[str] = (),
    anyway: SendAnyway | None = None,
) -> None:
    """Look for traces of other clients in what a person of support is about to tell the readers of *case*. Records
    `case.sent_anyway` (facts: reason, texts, fingerprints) for those that *anyway* gives a reason for.

    Raises ReasonNeeded for traces that its writer was not asked about, or gave no reason for. What was confirmed
    before in the same case is not asked again.
    """
    if not ctx.actor.is_staff:
        return
    found = find_traces(ctx, case, texts, files=files, emails=emails)
    if not found:
        return
    confirmed = confirmed_fingerprints(ctx, case)
    found = [trace for trace in found if trace.fingerprint not in confirmed]
    marks = [trace.fingerprint for trace in found]
    reason, asked = (anyway.reason.strip(), anyway.asked) if anyway else ("", frozenset())
    decides = anyway.confirmed_by if anyway and anyway.confirmed_by else ctx
    if found and not (reason and asked.issuperset(marks)):
        raise ReasonNeeded(_sentence(decides, found), marks)
    if found:
        texts_found = [trace.text for trace in found]
        record(decides, SENT_ANYWAY, case, case=case, reason=reason[:500], texts=texts_found, fingerprints=marks)


def _sentence(ctx: Context, traces: Sequence[Trace]) -> str:
    names = client_names(ctx, traces)
    return " ".join(
        [
            _("Nothing was sent yet: this seems to belong to another client."),
            *(_trace_sentence(trace, names) for trace in traces),
            _("Correct it, or write why it is right and send it again."),
        ]
    )


def _trace_sentence(trace: Trace, names: dict[Id, str]) -> str:
    """What belongs to whom. The other client is named only for whoever may see it."""
    client = names.get(trace.account_id or trace.organization_id)
    match trace.kind:
        case TraceKind.CASE_KEY:
            if client:
                return _("%(text)s is a case of %(client)s.", text=trace.text, client=client)
            return _("%(text)s is a case of another client.", text=trace.text)
        case TraceKind.DOMAIN:
            if client:
                return _("“%(text)s” is a domain of %(client)s.", text=trace.text, client=client)
            return _("“%(text)s” is a domain of another client.", text=trace.text)
        case TraceKind.RECIPIENT:
            if client:
                return _(
                    "Somebody at %(text)s, a domain of %(client)s, reads this case.",
                    text=trace.text,
                    client=client,
                )
            return _("Somebody at %(text)s, a domain of another client, reads this case.", text=trace.text)
        case TraceKind.FILE:
            if client:
                return _("The file %(text)s is known from a case of %(client)s.", text=trace.text, client=client)
            return _("The file %(text)s is known from a case of another client.", text=trace.text)
    if client:
        return _("“%(text)s” is a name of %(client)s.", text=trace.text, client=client)
    return _("“%(text)s” is the name of another client.", text=trace.text)

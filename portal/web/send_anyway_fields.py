"""The fields of forms whose action can ask for a reason before it sends (components/send_anyway.html)."""

from flask_babel import lazy_gettext as _l

from portal.kernel.confirmation import ReasonNeeded, SendAnyway
from portal.kernel.errors import Refused
from portal.web.forms import line_field


class SendAnywayFields:
    """Fields of a form whose action can ask for a reason (`kernel.confirmation`): the reason, and the marks of what it
    is for. Drawn once they are asked for (components/send_anyway.html)."""

    anyway = line_field(_l("Why is it right to send this?"), limit=500)
    anyway_for = line_field(_l("What seems to belong to another client"), limit=1000)

    def reject(self, refusal: Refused) -> None:
        """As every form; the page then asks for the reason."""
        if isinstance(refusal, ReasonNeeded):
            # What was asked before stays: a form can have two texts, and each is asked about by itself.
            self.anyway_for.data = " ".join(dict.fromkeys((*(self.anyway_for.data or "").split(), *refusal.marks)))
        super().reject(refusal)  # type: ignore[misc]

    def send_anyway(self) -> SendAnyway:
        """The reason that was written, and for what."""
        return SendAnyway(self.anyway.data or "", frozenset((self.anyway_for.data or "").split()))

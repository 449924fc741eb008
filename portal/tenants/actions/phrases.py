"""Interface texts that a provider replaces by its own."""

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.text import clean_line
from portal.tenants import renamable_texts
from portal.tenants.models import Provider


def change_phrases(ctx: Context, provider: Provider, locale: str, phrases: Mapping[str, str]) -> None:
    """Replace these texts of `renamable_texts` in *locale*; missing or empty ones get their built-in text.

    Records `phrases.changed`. Raises Refused, naming the text, for one that cannot be renamed or does not fit.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    own = {text: clean_line(said) for text, said in phrases.items() if clean_line(said)}
    for text, said in own.items():
        if text not in renamable_texts.RENAMABLE:
            raise Refused(_("“%(text)s” cannot be renamed", text=text), text)
        if len(said) > renamable_texts.LONGEST:
            raise Refused(_("Shorten this to %(limit)d characters", limit=renamable_texts.LONGEST), text)
        if not renamable_texts.fits(text, said):
            filled = ", ".join(sorted(renamable_texts.placeholders(text))) or _("nothing")
            raise Refused(_("“%(text)s” must contain: %(filled)s", text=text, filled=filled), text)
    before = provider.phrases.get(locale, {})
    if own == before:
        return
    rest = {other: texts for other, texts in provider.phrases.items() if other != locale}
    provider.phrases = {**rest, locale: own} if own else rest
    provider.version += 1
    ctx.session.flush()
    record(ctx, "phrases.changed", provider, locale=locale, changed=[before, own])

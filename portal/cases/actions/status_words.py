"""A provider's own words for the states of a case."""

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases import vocabulary
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.text import clean_line
from portal.tenants.models import Provider

LONGEST_WORD, LONGEST_SENTENCE = 60, 300


def change_status_words(ctx: Context, provider: Provider, locale: str, words: Mapping[str, Mapping[str, str]]) -> None:
    """Set the words for states in *locale*; missing keys keep the built-in word. Records `status_words.changed`.

    *words* holds texts by key of `vocabulary.KEYS` for 'contact' and 'staff', and sentences to customers for
    'sentences'. Raises Refused for an unknown key and for a text that is too long.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    own = {part: {key: clean_line(text) for key, text in texts.items()} for part, texts in words.items()}
    try:
        own = vocabulary.clean_words(own)
    except KeyError as unknown:
        raise Refused(_("There is no status “%(key)s”", key=str(unknown.args[0])), str(unknown.args[0])) from None
    for part, texts in own.items():
        limit = LONGEST_SENTENCE if part == "sentences" else LONGEST_WORD
        for key, text in texts.items():
            if len(text) > limit:
                raise Refused(_("Shorten this to %(limit)d characters", limit=limit), f"{part}-{key.replace('.', '-')}")
    before = provider.status_words.get(locale, {})
    if own == before:
        return
    provider.status_words = {
        **{k: v for k, v in provider.status_words.items() if k != locale},
        **({locale: own} if own else {}),
    }
    provider.version += 1
    ctx.session.flush()
    vocabulary.clear_vocabularies(ctx)
    record(ctx, "status_words.changed", provider, locale=locale, changed=[before, own])

"""Searching: the client's cases on the portal; cases, accounts and people on the desk."""

import re
from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.cases.queries.detail import split_key
from portal.kernel import text
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.search import queries
from portal.web.current import ctx
from portal.web.guards import FeatureBlueprint, on_portal, requires
from portal.web.htmx import page
from portal.web.urls import number_parameter, text_parameter

search = FeatureBlueprint("search", __name__)
_WORD = re.compile(r"\w+")


@search.get("/search")
@on_portal
def portal() -> Any:
    """Cases the person may see; what is written in notes is not among the words."""
    context, q = ctx(), text_parameter("q")
    return page(
        "search/portal.html",
        q=q,
        exact=exactly(context, q),
        result=found(context, q),
        marked=marked,
        new_href=url_for("cases.choose_type", subject=q[:140]),
    )


@search.get("/desk/search")
@requires(Permission.CASE_READ)
def desk() -> Any:
    """Everything the agent may see."""
    context, q = ctx(), text_parameter("q")
    first = number_parameter("page", 1) == 1
    return page(
        "search/desk.html",
        q=q,
        exact=exactly(context, q),
        result=found(context, q),
        marked=marked,
        accounts=queries.accounts(context, q) if first else [],
        people=queries.people(context, q) if first else [],
    )


def found(context: Context, q: str) -> Any:
    """One page of cases; None before anything was asked."""
    return queries.cases(context, q, number_parameter("page", 1)) if q.strip() else None


def exactly(context: Context, q: str) -> Case | None:
    """The case whose number was typed."""
    if split_key(q.strip()) is None:
        return None
    try:
        return by_key(context, q.strip())
    except NotFound:
        return None


def marked(words: str, asked: str) -> Markup:
    """*words* with the parts that *asked* names in `<mark>`; everything escaped."""
    wanted = tuple(text.folded_words(asked))
    if not wanted:
        return escape(words)
    parts, end = [], 0
    for word in _WORD.finditer(words):
        if text.fold(word[0]).startswith(wanted):
            parts += [escape(words[end : word.start()]), Markup("<mark>{}</mark>").format(word[0])]
            end = word.end()
    return Markup("").join([*parts, escape(words[end:])])

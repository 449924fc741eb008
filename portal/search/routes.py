"""The pages of search: cases on the portal; cases, accounts and people on the desk."""

import re
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape

from portal.authz.permissions import Permission
from portal.cases.queries import by_key
from portal.cases.queries.detail import written_key
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.tokenizer import (
    QUESTION_LETTERS,
    QUESTION_WORDS,
    marked_beginnings,
    question_pieces,
    word_spellings,
)
from portal.search import queries
from portal.search.kinds import CASES, FIRST, KINDS, find_others, order_kinds
from portal.tenants.queries.contact_search import find_contacts
from portal.web.current import ctx
from portal.web.guards import FeatureBlueprint, on_portal, requires
from portal.web.htmx import page, see, wants_fragment
from portal.web.times import reader_zone
from portal.web.urls import number_parameter, text_parameter

search = FeatureBlueprint("search", __name__)
_WORD = re.compile(r"[^\W_]+")
# The number of letters that a page shows of a question that is too long.
_SHOWN = 10_000
# The number of cases, accounts and people that the command menu offers.
_OFFERED = 5


@search.get("/search")
@on_portal
def portal() -> Any:
    """Search the cases that the person may see, without notes, and the articles, announcements and topics that they may
    read. A key redirects to its case."""
    context, q = ctx(), text_parameter("q", _SHOWN)
    if key := key_of(context, q):
        return see(f"/cases/{key}")
    return page(
        "search/portal.html",
        q=q,
        hint=hint(q),
        marked=marked,
        new_href=url_for("cases.choose_type", subject=q[:140]),
        **results(context, q),
    )


@search.get("/desk/search")
@requires(Permission.CASE_READ)
def desk() -> Any:
    """Search everything that the agent may see. A key redirects to its case."""
    context, q = ctx(), text_parameter("q", _SHOWN)
    if key := key_of(context, q):
        return see(f"/desk/cases/{key}")
    asked = queries.narrow(context, q if len(q) <= QUESTION_LETTERS else "", reader_zone())
    named = (
        number_parameter("page", 1) == 1 and len(q) <= QUESTION_LETTERS and not chosen_kind() and not asked.conditions
    )
    return page(
        "search/desk.html",
        q=q,
        words=asked.words if asked.conditions else q,
        hint=hint(q),
        marked=marked,
        accounts=queries.accounts(context, q) if named else [],
        people=find_contacts(context, q) if named else [],
        **(narrowed_results(context, asked) if asked.conditions else results(context, q)),
    )


@search.get("/desk/commands")
@requires(Permission.CASE_READ)
def commands() -> Any:
    """What the command menu finds for `?q=`: a few cases, accounts and people that the agent may see, the case of a key
    first. A browser without the menu gets the page of search."""
    context, q = ctx(), text_parameter("q", _SHOWN).strip()[:QUESTION_LETTERS]
    if not wants_fragment():
        return see(url_for("search.desk", q=q))
    return page(
        "search/commands.html",
        q=q,
        marked=marked,
        cases=queries.cases(context, q).rows[:_OFFERED] if q else [],
        accounts=queries.accounts(context, q, _OFFERED) if q else [],
        people=find_contacts(context, q, _OFFERED) if q else [],
    )


def narrowed_results(context: Context, asked: queries.Narrowed) -> dict[str, Any]:
    """As `results`, for a question that asks for more than words: only cases have accounts, owners and statuses."""
    found = queries.narrowed_cases(context, asked, number_parameter("page", 1))
    return {"result": found, "others": {}, "order": (CASES,), "facets": {}, "kind": "", "first": FIRST}


def chosen_kind() -> str:
    """The one kind of results that the address asks for, or '' for all."""
    asked = text_parameter("kind", 20)
    return asked if asked in KINDS else ""


def results(context: Context, q: str) -> dict[str, Any]:
    """What was found: `result`, a page of cases (None without a question, for one that is too long, and where another
    kind was chosen); `others`, pages of lines by kind; `order`, the kinds in which the page shows them; `facets`, the
    kinds with what was found of each, on the page of all."""
    kind, number = chosen_kind(), number_parameter("page", 1)
    if not q.strip() or len(q) > QUESTION_LETTERS:
        return {"result": None, "others": {}, "order": (), "facets": {}, "kind": ""}
    cases = queries.cases(context, q, number) if kind in ("", CASES) else None
    # Further pages of everything are further pages of cases.
    others = find_others(context, q, kind, number) if kind or number == 1 else {}
    titles = {name: [line.title for line in page.rows[:FIRST]] for name, page in others.items()}
    if cases is not None:
        titles[CASES] = [case.subject for case in cases.rows[:FIRST]]
    return {
        "result": cases,
        "others": others,
        "order": order_kinds(q, titles),
        "facets": {
            name: f"{len(page.rows)}+" if page.has_next else str(len(page.rows))
            for name, page in ({CASES: cases} | dict(others)).items()
            if page is not None and page.rows
        },
        "kind": kind,
        "first": FIRST,
    }


def hint(q: str) -> str:
    """The sentence about the question itself: that it is too long, or only partly used."""
    if len(q) > QUESTION_LETTERS:
        return _(
            "A search may have up to %(limit)d characters; this one has %(now)d. "
            "Use the words that matter: a number, a name, an error code.",
            limit=QUESTION_LETTERS,
            now=len(q),
        )
    if len(question_pieces(q, QUESTION_WORDS + 1)) > QUESTION_WORDS:
        return _("Only the first %(limit)d words were searched for.", limit=QUESTION_WORDS)
    return ""


def key_of(context: Context, q: str) -> str | None:
    """The key of the visible case if the question is only its key, in any spelling."""
    key = written_key(q)
    if key is None:
        return None
    try:
        return by_key(context, key).key
    except NotFound:
        return None


def marked(words: str, asked: str) -> Markup:
    """*words*, escaped, with the parts that match *asked* in `<mark>`."""
    beginnings, runs = marked_beginnings(asked)
    spans = [(at.start(), at.end()) for run in runs for at in re.finditer(re.escape(run), words)]
    if beginnings:
        spans += [
            (word.start(), word.end())
            for word in _WORD.finditer(words)
            if any(spelled.startswith(beginnings) for spelled in word_spellings(word[0]))
        ]
    parts, end = [], 0
    for start, stop in sorted(spans):
        if start >= end:
            parts += [escape(words[end:start]), Markup("<mark>{}</mark>").format(words[start:stop])]
            end = stop
    return Markup("").join([*parts, escape(words[end:])])

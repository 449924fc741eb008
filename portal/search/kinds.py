"""What else than cases a question finds: help articles, announcements and topics, each under its own scope, as lines of
one form; and the order in which a page shows the kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.announcements.labels import kind_name
from portal.announcements.queries import find_announcements, has_announcements
from portal.community.labels import state_words
from portal.community.queries.spaces import has_spaces
from portal.community.queries.topics import topics_page
from portal.kernel.context import Context
from portal.kernel.paging import Page
from portal.kernel.tokenizer import marked_beginnings, word_spellings
from portal.knowledge.labels import reader_languages
from portal.knowledge.queries.reading import find_articles, has_articles

CASES, ARTICLES, ANNOUNCEMENTS, TOPICS = "cases", "articles", "announcements", "topics"
# In this order where the titles of two kinds fit equally well.
KINDS = (ANNOUNCEMENTS, ARTICLES, CASES, TOPICS)
# The number of lines of one kind beside the others.
FIRST = 5


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One result: where it leads, its title, and a few words about it."""

    href: str
    title: str
    note: str


def find_others(ctx: Context, asked: str, kind: str, number: int) -> Mapping[str, Page[FoundLine]]:
    """By kind, as far as anything was found: a page of lines; of all kinds, or with *kind* of that one."""
    found: dict[str, Page[FoundLine]] = {}
    staff = ctx.actor.is_staff
    if kind in ("", ARTICLES) and has_articles(ctx):
        base = "/desk/help/articles" if staff else "/help/articles"
        rows = find_articles(ctx, asked, reader_languages(ctx), number=number, size=20)
        found[ARTICLES] = _lines(rows, [FoundLine(f"{base}/{row.slug}", row.title, row.summary) for row in rows.rows])
    if kind in ("", ANNOUNCEMENTS) and has_announcements(ctx):
        base = "/desk/announcements" if staff else "/announcements"
        notices = find_announcements(ctx, asked, number)
        found[ANNOUNCEMENTS] = _lines(
            notices, [FoundLine(f"{base}/{row.id}", row.title, kind_name(row.kind)) for row in notices.rows]
        )
    if kind in ("", TOPICS) and has_spaces(ctx):
        base = "/desk/community/topics" if staff else "/community"
        topics = topics_page(ctx, "newest", q=asked, number=number)
        found[TOPICS] = _lines(
            topics, [FoundLine(f"{base}/{row.id}", row.title, state_words(row)) for row in topics.rows]
        )
    return {key: page for key, page in found.items() if page.rows}


def _lines(page: Page[Any], lines: Sequence[FoundLine]) -> Page[FoundLine]:
    return Page(lines, page.number, page.size, page.has_next)


def order_kinds(asked: str, titles: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The kinds of *titles*, those first of which a title has the most words of the question; else as in KINDS."""
    beginnings, runs = marked_beginnings(asked)

    def words_in(title: str) -> int:
        folded = [spelled for word in title.split() for spelled in word_spellings(word)]
        hit = sum(any(spelled.startswith(one) for spelled in folded) for one in beginnings)
        return hit + sum(run in title for run in runs)

    best = {kind: max(map(words_in, found), default=-1) for kind, found in titles.items()}
    return sorted(titles, key=lambda kind: (-best[kind], KINDS.index(kind)))

"""Whatever is pasted: nothing is lost, nothing runs, and what is drawn is bounded (found.md K2, K8)."""

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.web.rich_text import mail_text, render, rich_text, sanitized
from portal.web.rich_text.blocks import parse
from portal.web.rich_text.drawing import draw
from tests.support.effort import scaled
from tests.web.reading import Reader, assert_nothing_is_lost, assert_safe, visible

NAMES = st.from_regex(r"[A-Za-z_][\w.-]{0,9}", fullmatch=True)
HOSTILE = st.text(alphabet="`*_[]()<>&\\#-+=|~:/.@ \t\n13a", max_size=200)
PIECES = st.one_of(
    st.sampled_from(
        ["**", "`", "``", "```", "```sh", ">", ">>", "-", "+", "*", "1.", "2)", "3.", "#", "---", "===", "|"]
    ),
    st.sampled_from(
        ["[", "](", ")", "[a](http://b)", "[a](http://b[)", "[q](https://user@h.example:80/p?q#f)", "[x]:"]
    ),
    st.sampled_from(["http://a.b", "www.c.de", "a@b.co", "http://1.2.3.4.5/x", "http://xn--a/", "http://a:99999"]),
    st.sampled_from(["javascript:x", "://", "mailto:", "<b>", "<!--", "<script>", "&lt;", "\\", "\\*", "__x__", "~~"]),
    st.sampled_from(["**x**", "`y`", "é", "漢字", "😀", "├──", "\u00a0", "\u2028", "\u200b"]),
)
SPACES = st.sampled_from(["", " ", "  ", "   ", "\t", "\n", "\n\n", "\n    ", "\r\n"])
SCRAPS = st.lists(st.tuples(PIECES, SPACES), max_size=60).map(lambda pairs: "".join(a + b for a, b in pairs))


@st.composite
def logs(draw: st.DrawFn) -> str:
    level = st.sampled_from(["[INFO]:", "[ERROR]:", "WARN  -", "DEBUG |", "#1", ">"])
    said = st.lists(st.one_of(NAMES, PATHS, SCRAPS), max_size=4).map(" ".join)
    rows = draw(st.lists(st.tuples(level, said), min_size=1, max_size=12))
    return "\n".join(f"2026-11-28 10:{at:02}:07,123  {level} {said}" for at, (level, said) in enumerate(rows))


PATHS = st.one_of(
    st.lists(NAMES, min_size=1, max_size=5).map(lambda parts: "\\\\" + "\\".join(parts)),
    st.lists(NAMES, min_size=1, max_size=5).map(lambda parts: "C:\\" + "\\_".join(parts) + "\\*.z"),
    st.lists(NAMES, min_size=1, max_size=5).map(lambda parts: "/" + "/**/".join(parts)),
    NAMES.map(lambda name: f"https://{name}.example/{name}?a[0]=1&b=(2)"),
)


@st.composite
def tables(draw: st.DrawFn) -> str:
    width = draw(st.integers(1, 6))
    gap = draw(st.sampled_from(["  ", "    ", "\t", " | ", "|"]))
    rows = draw(
        st.lists(st.lists(st.one_of(NAMES, st.just("")), min_size=width, max_size=width), min_size=1, max_size=8)
    )
    pad = draw(st.integers(0, 12))
    return "\n".join(gap.join(cell.ljust(pad) for cell in row) for row in rows)


@st.composite
def code(draw: st.DrawFn) -> str:
    body = draw(st.lists(st.tuples(st.integers(0, 4), SCRAPS.map(lambda text: text.replace("\n", " "))), max_size=10))
    text = "\n".join("    " * indent + line for indent, line in body)
    fence = draw(st.sampled_from(["", "```", "````", "  ```"]))
    return f"{fence}{draw(st.sampled_from(['', 'sh', 'text x']))}\n{text}\n{fence}" if fence else text


@st.composite
def mails(draw: st.DrawFn) -> str:
    depths = draw(st.lists(st.tuples(st.integers(0, 7), st.one_of(NAMES, SCRAPS)), max_size=10))
    sep = draw(st.sampled_from([">", "> "]))
    quoted = "\n".join(sep * depth + (" " if depth else "") + text for depth, text in depths)
    return f"Hi,\n\n{quoted}\n-- \nAna <ana@example.com>\n"


PARTS = st.one_of(logs(), PATHS, tables(), code(), mails(), SCRAPS, HOSTILE, st.text(max_size=80))
TEXTS = st.lists(PARTS, max_size=6).map("\n".join)
BYTES = st.binary(max_size=400).map(lambda raw: raw.decode("utf-8", "replace"))


def as_stored(text: str) -> str:
    """*text* with the line ends and characters that a form lets in."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


@given(st.one_of(TEXTS, BYTES))
@settings(max_examples=scaled(80), deadline=None)
def test_nothing_is_lost_and_nothing_runs(text):
    for html in (rich_text(text, whole=True), mail_text(text)):
        assert_nothing_is_lost(as_stored(text), html)
    assert_safe(rich_text(text, whole=True))


@given(st.one_of(TEXTS, BYTES))
@settings(max_examples=scaled(40), deadline=None)
def test_what_is_drawn_is_bounded(text):
    for html in (rich_text(text, whole=True), mail_text(text)):
        assert len(html) <= 10 * len(text) + 2_000
        assert len(html.encode()) <= 10 * len(text.encode()) + 2_000
        assert Reader(html).deepest <= 20


@given(TEXTS)
@settings(max_examples=scaled(40), deadline=None)
def test_the_sanitizer_changes_nothing_that_is_seen(text):
    """The renderer makes nothing that the second guard must take away: no tag, no target, no letter."""
    drawn = draw(parse(as_stored(text).split("\n")))
    guarded = sanitized(drawn)
    assert Reader(drawn).text == Reader(guarded).text
    assert [tag for tag, _attributes in Reader(drawn).tags] == [tag for tag, _attributes in Reader(guarded).tags]
    assert Reader(drawn).links == Reader(guarded).links


@given(st.lists(TEXTS, min_size=1, max_size=12).map("\n".join))
@settings(max_examples=scaled(40), deadline=None)
def test_folding_loses_nothing(text):
    drawn = render(text)
    assert_nothing_is_lost(as_stored(text), drawn.shown + drawn.folded)
    if drawn.folded:
        assert visible(drawn.shown) and drawn.lines > 0


# Texts that an attacker would write: each costs much in a renderer that looks ahead, nests, or fills up cells.
EXPENSIVE = {
    "cells": "|" + "a|" * 30 + "\n|" + "-|" * 30 + "\n" + "||\n" * 3_000,
    "brackets": "[" * 9_000,
    "labels": "[a](http://" * 900,
    "targets": "[a](http://x(" * 800,
    "parentheses": "http://a" + "(" * 9_000,
    "links": "[a](http://b) " * 700,
    "addresses": "a@b.co " * 1_400,
    "hosts": "www.a." * 1_500,
    "ticks": " ".join("`" * length for length in range(1, 140)),
    "stars": "** a " * 2_000,
    "quotes": ">" * 9_000 + " a",
    "deep quotes": "> " * 4_500 + "a",
    "quotes and lists": ">> - a\n1. a\n" * 800,
    "nested lists": "\n".join(" " * depth + "- a" for depth in range(140)),
    "items": "- a\n1. a\n" * 1_100,
    "fences": "```\n\n" * 1_800,
    "growing fences": "\n".join("`" * length + "a" for length in range(3, 140)),
    "columns": "a  " * 1_500 + "\n" + "ab c\n" * 1_000,
    "gaps": "\n" * 9_000 + "a" + "\n" * 9_000 + "b",
    "entities": "&<" * 4_500,
    "no-break spaces": "\u00a0" * 9_000 + "x",
    "one word": "x" * 9_000,
}


@pytest.mark.parametrize("name", EXPENSIVE)
def test_what_is_expensive_stays_small(name):
    text = EXPENSIVE[name]
    for html in (rich_text(text, whole=True), mail_text(text)):
        assert len(html) <= 10 * len(text) + 2_000
        assert Reader(html).deepest <= 20
        assert_nothing_is_lost(text, html)


@pytest.mark.parametrize("name", EXPENSIVE)
def test_work_grows_with_the_length_of_a_text(name):
    """Twice the text takes at most a little more than twice the steps of the interpreter."""
    text = EXPENSIVE[name]
    once, twice = steps(text), steps(f"{text}\n\n{text}")
    assert twice <= 2.2 * once + 500


def steps(text: str) -> int:
    """How many lines of the renderer's own code run for *text*."""
    count = 0

    def trace(frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal count
        if "/rich_text/" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        render(text)
    finally:
        sys.settrace(before)
    return count


def test_a_text_beyond_every_form_is_shown_without_formatting():
    text = "**x** & <b>\n" * 20_000
    html = rich_text(text, whole=True)
    assert "<strong>" not in html
    assert_nothing_is_lost(text, html)
    assert len(html) <= 10 * len(text) + 2_000

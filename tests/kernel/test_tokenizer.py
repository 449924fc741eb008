"""The tokenizer: total and bounded on whatever comes, and every document is found by each of its own words."""

import re
import unicodedata

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.kernel.tokenizer import (
    DOCUMENT_BYTES,
    LONGEST_TOKEN,
    QUESTION_TOKENS,
    Tokens,
    document_tokens,
    fold,
    question_query,
    token_bytes,
)
from tests.search.rows import FOUND

ANYTHING = st.text(st.characters(), max_size=300)
# What technicians paste: words, digits, joiners, umlauts, ideographs, kana, Hangul, Thai, marks that combine.
LETTERS = "abzAZ019äÖüßłđøåéİıﬁ½²中文打プリﾌﾟがー한글가ก็ิनिल्َءשׁ\u0301\u0308\u3099\u200d\u00ad\ue000\ue001"
PASTED = st.text(st.sampled_from(LETTERS + "-._/\\:@'’–+#$%&~=[](){}<>,;!?|*\"` \t\n"), max_size=200)
BODY = st.one_of(ANYTHING, PASTED, st.sampled_from([text for texts in FOUND.values() for text in texts]))


@pytest.fixture(scope="module")
def matching(app):
    """`matching(tokens, queries)`: which of *queries* (name → query) a document of *tokens* has, as PostgreSQL says."""
    with psycopg.connect(app.config["PARLEY"].database_url, autocommit=True) as connection:

        def ask(tokens, queries):
            rows = connection.execute(
                "SELECT asked.name FROM unnest(%s::text[], %s::text[]) AS asked (name, query)"
                " WHERE array_to_tsvector(%s::text[]) @@ asked.query::tsquery",
                [list(map(ascii, queries)), list(queries.values()), tokens],
            )
            names = {ascii(name): name for name in queries}
            return {names[name] for (name,) in rows}

        yield ask


@given(st.one_of(ANYTHING, PASTED, st.text(st.sampled_from("\ud800\udfff\x00'\\a:"), max_size=50)))
@example("A¼:Ä")
@example("a." * 30_000)
@example("1::" * 20_000)
@example("://" * 20_000)
@example("ü" * 50_000)
@settings(max_examples=300, deadline=None)
def test_tokens_are_plain_and_bounded(body):
    for token in document_tokens(body):
        assert 0 < len(token) <= LONGEST_TOKEN and len(token.encode()) < 2046
        assert token[0] != "." and not re.search(r"[\s'\\~@*|&!():<>\ue000\ue001]", token)
    query = question_query(body)
    assert query.count(":*") <= 4 * QUESTION_TOKENS
    assert len(query) <= 4 * QUESTION_TOKENS * (LONGEST_TOKEN + 10)


@given(st.lists(st.text(st.sampled_from("ab.-/ 1\U00010400中"), max_size=400), max_size=8), st.integers(0, 2000))
def test_a_document_never_outgrows_its_limit(texts, limit):
    found = Tokens(limit)
    for text in texts:
        found.add(text)
    assert sum(map(token_bytes, found)) <= limit
    assert list(found) == document_tokens(*texts)[: len(list(found))]


def test_the_largest_documents_fit_into_a_tsvector(matching):
    """One text of a form at its longest, of letters that take the most, and many of them."""
    letters = [chr(0x10428 + n) for n in range(40)]
    worst = "".join(f"{letters[n % 40]}{letters[n // 40 % 40]}{letters[n // 1600]}." for n in range(12_500))
    for texts in ([worst], [worst[n:] for n in range(0, 2000, 100)], [f"{n:x}.{n * 7:x}" for n in range(90_000)]):
        tokens = document_tokens(*texts)
        assert sum(map(token_bytes, tokens)) <= DOCUMENT_BYTES
        assert matching(tokens, {token: f"'{token}'" for token in (tokens[0], tokens[-1])}) == {tokens[0], tokens[-1]}


@given(BODY)
@example("::")
@example("ping :: ::1")
@settings(max_examples=400, deadline=None)
def test_a_document_is_found_by_each_of_its_words(matching, body):
    """By what stands between white space, and by each word in that: the parts of names, paths and addresses."""
    asked = {*body.split(), *re.findall(r"(?<![^\W_]|[^\x00-\x7f])[A-Za-z0-9]+(?![^\W_]|[^\x00-\x7f])", body)}
    queries = {word: query for word in asked if (query := question_query(word))}
    assert matching(document_tokens(body), queries) == set(queries)


@given(PASTED)
@settings(max_examples=100, deadline=None)
def test_folding_is_the_same_for_every_spelling(body):
    assert fold(unicodedata.normalize("NFD", body)) == fold(unicodedata.normalize("NFC", body))
    assert question_query(body.upper()) == question_query(body.upper().casefold())


@pytest.mark.parametrize("question", ["' | 'x", "\\", "a':* | 'b", "!a & (b", "<->", "''", "@org", "~202648", "\x00"])
def test_a_question_is_never_syntax(matching, question):
    """Whatever is typed is words: no operator, no sign of a week or an organization."""
    query = question_query(question)
    assert matching(["a.b", "~202648", "@org", "zz"], {question: query} if query else {}) == set()

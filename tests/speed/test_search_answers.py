"""Whichever road `search_cases` takes (a look through the newest, the index of words), the answer is the same: the
newest documents that have the words and that the asker may find, newest first."""

import itertools
from types import SimpleNamespace

import psycopg
import pytest

# Common, rare, both, the beginning of a common one, in notes, nowhere.
WORDS = (
    "'printer':*",
    "'srv12':*",
    "'printer':* & 'answer':*",
    "'p':*",
    "'printer':* | 'srv1':*",
    "'vendor':*",
    "'nobodysaysthis':*",
)
FUNCTION = "SELECT found_id FROM search_cases(%(provider)s, %(words)s, %(staff)s, %(accounts)s, %(homes)s, %(shared)s,"
FUNCTION += " %(private)s, %(people)s, %(limit)s)"
PLAIN = """
    SELECT d.case_id, d.updated_at FROM search_documents d LEFT JOIN search_notes n ON n.case_id = d.case_id
    WHERE d.provider_id = %(provider)s AND CASE WHEN %(staff)s
      THEN (%(accounts)s::uuid[] IS NULL OR d.account_id = ANY (%(accounts)s))
        AND (d.public_words @@ %(words)s::tsquery OR n.words @@ %(words)s::tsquery)
      ELSE d.public_words @@ %(words)s::tsquery AND (
        EXISTS (SELECT FROM case_grants g WHERE g.case_id = d.case_id
          AND (g.user_id = ANY (%(people)s::uuid[]) OR g.to_organization_id = ANY (%(people)s::uuid[])))
        OR d.organization_id = ANY (%(homes)s::uuid[])
          AND (d.shared AND d.account_id = ANY (%(shared)s::uuid[]) OR d.account_id = ANY (%(private)s::uuid[])
            OR d.people && %(people)s::uuid[]))
      END
    ORDER BY d.updated_at DESC LIMIT %(limit)s
"""


def askers(owner):
    """Staff and contacts of every kind: (name, what the function is told of them)."""
    provider = owner.execute("SELECT provider_id FROM search_documents LIMIT 1").fetchone()[0]
    homes = [row[0] for row in owner.execute("SELECT id FROM organizations ORDER BY created_at, id LIMIT 8")]
    accounts = {
        home: [r[0] for r in owner.execute("SELECT id FROM accounts WHERE organization_id = %s ORDER BY id", [home])]
        for home in homes
    }
    reporter = owner.execute(
        "SELECT reported_by_id FROM cases WHERE organization_id = %s GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
        homes[:1],
    ).fetchone()[0]
    copied = owner.execute(
        "SELECT user_id FROM case_grants WHERE user_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    ).fetchone()[0]
    nothing = {"accounts": None, "homes": [], "shared": [], "private": [], "people": []}
    staff = {"provider": provider, "staff": True, **nothing}
    contact = {"provider": provider, "staff": False, **nothing}
    return {
        "a lead": staff,
        "an agent of one account": {**staff, "accounts": accounts[homes[3]][:1]},
        "an agent of nothing": {**staff, "accounts": []},
        "an administrator": {
            **contact,
            "homes": homes[:1],
            "shared": accounts[homes[0]],
            "private": accounts[homes[0]],
            "people": [reporter, homes[0]],
        },
        "a requester": {**contact, "homes": homes[:1], "shared": accounts[homes[0]][:1], "people": [reporter]},
        "a member of three": {
            **contact,
            "homes": homes[:3],
            "shared": [a for home in homes[:3] for a in accounts[home]],
            "private": accounts[homes[1]],
            "people": [reporter, homes[2]],
        },
        "a member of eight": {**contact, "homes": homes, "shared": [a for own in accounts.values() for a in own]},
        "somebody in copy": {**contact, "people": [copied, homes[4]]},
        "nobody": contact,
    }


@pytest.fixture(scope="module")
def both(bulk):
    """The application's connection and the owner's, and who asks."""
    with psycopg.connect(bulk.app_url) as app, psycopg.connect(bulk.owner_url) as owner:
        yield SimpleNamespace(app=app, owner=owner, askers=askers(owner))


@pytest.mark.parametrize(("words", "limit"), list(itertools.product(WORDS, (1, 41, 200, 500))))
def test_every_road_gives_the_same(both, words, limit):
    seen = 0
    for name, told in both.askers.items():
        asked = {**told, "words": words, "limit": limit}
        plain = both.owner.execute(PLAIN, asked).fetchall()
        found = [row[0] for row in both.app.execute(FUNCTION, asked)]
        moments = dict(
            both.owner.execute("SELECT case_id, updated_at FROM search_documents WHERE case_id = ANY (%s)", [found])
        )
        assert len(set(found)) == len(found), name
        # Documents of the same moment may stand in any order.
        assert [moments[one] for one in found] == [moment for _case, moment in plain], name
        last = plain[-1][1] if plain else None
        assert {i for i in found if moments[i] != last} == {i for i, moment in plain if moment != last}, name
        seen += len(found)
    assert seen or words == WORDS[-1]

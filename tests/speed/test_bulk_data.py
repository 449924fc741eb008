"""The bulk data is what the actions would have made: the product's own rules hold for it, and a seed says it all."""

import hashlib

import psycopg
import pytest

from bench import load
from portal.cases import states
from tests.speed.conftest import CASES

# (what would be wrong, how to find it): each must find nothing.
LAWS = {
    "numbers with gaps": "SELECT account_id FROM cases GROUP BY 1 HAVING max(number) <> count(*) OR min(number) <> 1",
    "counters that are behind": "SELECT FROM account_counters k WHERE last_number <> "
    "(SELECT count(*) FROM cases c WHERE c.account_id = k.account_id)",
    "messages that were not counted": "SELECT FROM cases c WHERE message_count <> "
    "(SELECT count(*) FROM messages m WHERE m.case_id = c.id)",
    "positions with gaps": "SELECT case_id FROM messages GROUP BY 1 HAVING max(position) <> count(*)",
    "a wrong last word": "SELECT FROM cases c WHERE last_word <> COALESCE((SELECT CASE author_side WHEN 'staff' THEN "
    "'support' ELSE 'customer' END FROM messages m WHERE m.case_id = c.id AND kind <> 'note' "
    "ORDER BY position DESC LIMIT 1), 'customer')",
    "a wrong first answer": "SELECT FROM cases c WHERE first_answer_at IS DISTINCT FROM (SELECT min(recorded_at) FROM "
    "messages m WHERE m.case_id = c.id AND kind <> 'note' AND author_side = 'staff')",
    "closed without saying when": "SELECT FROM cases WHERE (state = 'closed') <> (closed_at IS NOT NULL)",
    "resolved without a timer": "SELECT FROM cases WHERE (state = 'resolved') <> (auto_close_at IS NOT NULL)",
    "timers that nobody will ring": "SELECT FROM cases c WHERE state IN ('resolved', 'on_hold') AND NOT EXISTS "
    "(SELECT FROM due_work d WHERE d.id = c.id AND d.due_at = COALESCE(c.auto_close_at, c.hold_until))",
    "waiting without a question": "SELECT FROM cases c WHERE state = 'waiting' AND NOT (SELECT asks FROM messages m "
    "WHERE m.case_id = c.id AND kind <> 'note' ORDER BY position DESC LIMIT 1)",
    "cases without a beginning": "SELECT FROM cases c WHERE 1 <> "
    "(SELECT count(*) FROM events e WHERE e.case_id = c.id AND name = 'case.submitted')",
    "ends that nobody recorded": "SELECT FROM cases c WHERE (state = 'closed') <> EXISTS (SELECT FROM events e "
    "WHERE e.case_id = c.id AND name IN ('case.accepted', 'case.auto_closed', 'case.closed'))",
    "messages without their event": "SELECT FROM messages m WHERE NOT EXISTS (SELECT FROM events e "
    "WHERE e.case_id = m.case_id AND e.facts ->> 'message' = m.id::text)",
    "things from the future": "SELECT FROM events WHERE recorded_at > timestamptz '2026-11-26T08:00:00Z'",
    "cases without a document": "SELECT FROM cases c WHERE NOT EXISTS "
    "(SELECT FROM search_documents d WHERE d.case_id = c.id AND d.shared = (c.visibility = 'shared'))",
    "people who could not find their case": "SELECT FROM cases c JOIN search_documents d ON d.case_id = c.id "
    "WHERE NOT d.people @> ARRAY[c.reported_by_id, c.contact_user_id]",
    "deliveries that were forgotten": "SELECT FROM deliveries WHERE state <> 'done'",
    "somebody excluded who was told": "SELECT FROM case_exclusions x JOIN notifications n ON n.case_id = x.case_id "
    "AND n.user_id = x.user_id AND n.created_at > x.added_at",
    "reporters without access": "SELECT FROM cases c WHERE reported_side = 'contact' AND NOT EXISTS (SELECT FROM "
    "contact_access a WHERE a.user_id = c.reported_by_id AND a.account_id = c.account_id)",
    "owners who may not see it": (
        "SELECT FROM cases c JOIN staff_members s ON s.id = c.owner_id WHERE NOT s.all_accounts AND NOT EXISTS "
        "(SELECT FROM staff_accounts a WHERE a.staff_id = s.id AND a.account_id = c.account_id)"
    ),
}


@pytest.fixture(scope="module")
def owner(bulk):
    with psycopg.connect(bulk.owner_url) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("wrong", LAWS)
def test_the_rules_of_the_product_hold(owner, wrong):
    assert owner.execute(LAWS[wrong] + " LIMIT 3").fetchall() == []


def test_it_is_as_large_and_as_uneven_as_promised(owner):
    def number(text):
        return owner.execute(text).fetchone()[0]

    assert number("SELECT count(*) FROM cases") == CASES
    assert number("SELECT count(*) FROM organizations") == CASES // 200
    assert number("SELECT count(*) FROM contacts") == pytest.approx(CASES / 10, rel=0.1)
    assert number("SELECT count(*) FROM messages") == pytest.approx(4 * CASES, rel=0.1)
    assert number("SELECT count(*) FROM cases WHERE state <> 'closed'") == pytest.approx(CASES / 10, rel=0.2)
    largest = number("SELECT count(*) FROM cases GROUP BY organization_id ORDER BY 1 DESC LIMIT 1")
    assert largest == pytest.approx(CASES / 10, rel=0.35)
    assert {s for (s,) in owner.execute("SELECT DISTINCT state FROM cases")} == {str(s) for s in states.State}


def test_one_seed_is_one_world(bulk, engines):
    """Row by row: ids, times, words and the hash of the password."""

    def digest(url):
        found = hashlib.sha256()
        with psycopg.connect(url) as connection:
            for table in ("users", "passwords", "cases", "messages", "events", "notifications", "search_documents"):
                with connection.cursor().copy(f"COPY (SELECT t.*::text FROM {table} t ORDER BY 1) TO STDOUT") as rows:
                    for piece in rows:
                        found.update(piece)
        return found.hexdigest()

    from portal.kernel.database import db
    from tests.support import databases

    name = "bulk_again"
    seen = []
    for _ in range(2):
        engines.create_database(name)
        try:
            databases.migrate(bulk.app, engines.url(name, "parley_owner"))
            load.load(engines.url(name, "parley_owner"), 200, say=lambda line: None)
            seen.append(digest(engines.url(name, "parley_owner")))
        finally:
            engines.drop_database(name)
    assert seen[0] == seen[1]
    with bulk.app.app_context():
        db.session.remove()

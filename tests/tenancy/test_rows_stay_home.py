"""Wall c, with wall a removed: plain SELECTs as the application role show nobody a neighbor's row."""

import pytest

from portal.kernel import tenancy
from portal.kernel.database import Base

TABLES = sorted(name for name, policy in tenancy.POLICIES.items() if policy.condition is not None)
OF_ORGANIZATIONS = sorted(name for name in TABLES if "organization_id" in Base.metadata.tables[name].columns)
# Who may look at what is in copy of a case, beside the conversation itself.
IN_COPY = {
    "cases",
    "case_answer_values",
    "messages",
    "attachments",
    "events",
    "case_grants",
    "case_links",
    "search_documents",
    "accounts",
    "account_aliases",
    "organizations",
    "environments",
    "sla_standings",
    "sla_clocks",
    "sla_promises",
    "sla_objections",
    "approval_requests",
    "approval_answers",
}
# Southgate merged nothing and renamed nothing.
ONLY_NORTHWIND = ("case_links", "account_aliases")
SOUTHGATE = ("southgate", "sam", "sue", "rob", "zoe")
CONTACTS = ("rita", "mel", "cora", "olga", "piotr", "gil", "gina", "eve")


def provider_column(table):
    return "id" if table == "providers" else "provider_id"


def ids_of(connection, table, where="true"):
    key = next(iter(Base.metadata.tables[table].primary_key.columns)).name
    return {row[key] for row in connection.execute(f"SELECT {key} FROM {table} WHERE {where}")}


@pytest.mark.parametrize("table", TABLES)
def test_every_table_holds_rows_that_could_leak(town, table):
    """The tests below prove nothing about an empty table: a new one must be filled in conftest.py."""
    with town.above() as connection:
        found = connection.execute(f"SELECT count(DISTINCT {provider_column(table)}) AS n FROM {table}").fetchone()["n"]
    assert found >= (1 if table in ONLY_NORTHWIND else 2)


@pytest.mark.parametrize("who", SOUTHGATE)
def test_another_provider_sees_nothing(town, who):
    """Nothing crosses a provider, ever: not for its staff, its contacts or the system."""
    seen = {}
    with town.looks(who) as connection:
        for table in TABLES:
            column = provider_column(table)
            n = connection.execute(
                f"SELECT count(*) AS n FROM {table} WHERE {column} <> %s", [town.world.southgate.id]
            ).fetchone()["n"]
            if n:
                seen[table] = n
    assert seen == {}


def test_who_is_bound_to_nothing_sees_nothing(town):
    """A forgotten binding shows no rows, not everybody's."""
    with town.looks("nobody") as connection:
        assert {t for t in TABLES if connection.execute(f"SELECT 1 FROM {t} LIMIT 1").fetchone()} == set()


def test_before_sign_in_no_content_can_be_seen(town):
    """A visitor's request knows its provider, and nothing of any client."""
    with town.looks("visitor") as connection:
        seen = {t for t in OF_ORGANIZATIONS if connection.execute(f"SELECT 1 FROM {t} LIMIT 1").fetchone()}
    assert seen == set()


@pytest.mark.parametrize("who", CONTACTS)
def test_a_contact_sees_no_row_of_another_organization_without_a_grant(town, who):
    """The sharing boundary: own organizations and what they bought, what a grant row opens, and what is about oneself;
    nothing else."""
    own, user = set(town.tenancy(who).organization_ids), town.tenancy(who).user_id
    with town.above() as connection:
        granted = connection.execute(
            "SELECT case_id, account_id FROM case_grants WHERE user_id = %s OR to_organization_id = ANY(%s)",
            [user, list(own)],
        ).fetchall()
        bought = {
            row["service_id"]
            for row in connection.execute(
                "SELECT service_id FROM account_services WHERE organization_id = ANY(%s)", [list(own)]
            )
        }
    cases, accounts = {row["case_id"] for row in granted}, {row["account_id"] for row in granted}
    with town.looks(who) as connection:
        for table in OF_ORGANIZATIONS:
            for row in connection.execute(f"SELECT * FROM {table}").fetchall():
                about_me = user in (row.get("user_id"), row.get("uploaded_by_id"), row.get("actor_user_id"))
                if table in ("accounts", "account_aliases", "environments"):
                    opened = (row["id"] if table == "accounts" else row["account_id"]) in accounts
                else:
                    opened = (row["id"] if table == "cases" else row.get("case_id")) in cases
                if table == "announcement_targets" and row["organization_id"] is None:
                    opened = row["service_id"] in bought
                assert row["organization_id"] in own or opened or about_me, (table, row)


def test_somebody_in_copy_sees_exactly_what_the_grant_opens(town):
    """A grant opens one case: its conversation, its files, its account's name; not the account's other cases."""
    with town.looks("eve") as connection:
        assert ids_of(connection, "cases") == {town.cases["private"]}
        for table in ("messages", "attachments", "events", "search_documents", "case_answer_values"):
            cases = {row["case_id"] for row in connection.execute(f"SELECT case_id FROM {table}")}
            assert cases == {town.cases["private"]}, table
        assert ids_of(connection, "accounts") == {town.world.acme.id}
        assert ids_of(connection, "organizations") == {town.world.organizations["Acme"].id}
        for table in set(OF_ORGANIZATIONS) - IN_COPY:
            assert ids_of(connection, table) == set(), table


def test_a_case_shared_with_an_organization_is_all_that_it_sees_of_the_other(town):
    """Sharing abroad opens that case, and nothing beside it."""
    with town.looks("gil") as connection:
        assert ids_of(connection, "cases") == {
            town.cases[name] for name in ("globex", "globex twin", "abroad", "chat of gil")
        }


@pytest.mark.parametrize("who", CONTACTS)
def test_no_contact_sees_a_note_or_its_files(town, who):
    """Notes never leave staff, even if a query forgets to leave them out."""
    with town.looks(who) as connection:
        assert connection.execute("SELECT 1 FROM messages WHERE kind = 'note'").fetchone() is None
        assert connection.execute("SELECT 1 FROM attachments WHERE internal").fetchone() is None
    with town.above() as connection:
        assert connection.execute("SELECT 1 FROM messages WHERE kind = 'note'").fetchone()
        assert connection.execute("SELECT 1 FROM attachments WHERE internal").fetchone()


@pytest.mark.parametrize("who", CONTACTS)
def test_no_contact_reads_the_words_of_a_note_in_the_search_index(town, who):
    """An index of notes is a note."""
    with town.looks(who) as connection:
        assert connection.execute("SELECT 1 FROM search_notes").fetchone() is None
    with town.above() as connection:
        found = connection.execute("SELECT count(*) AS n FROM search_documents WHERE public_words @@ 'internal'")
        assert found.fetchone()["n"] == 0


@pytest.mark.parametrize("table", ["outgoing_mails", "staff_accounts", "staff_departments"])
@pytest.mark.parametrize("who", CONTACTS)
def test_the_house_keeps_its_own_papers(town, who, table):
    """What was mailed to whom, and who looks after which client, is not the clients' business."""
    with town.looks(who) as connection:
        assert connection.execute(f"SELECT 1 FROM {table}").fetchone() is None


@pytest.mark.parametrize("who", ["rita", "gil", "ana", "eve"])
def test_everybody_sees_their_own_bell_only(town, who):
    """A notification names a case and its news; it is for one person."""
    user = town.tenancy(who).user_id
    with town.looks(who) as connection:
        rows = connection.execute("SELECT user_id FROM notifications").fetchall()
    assert {row["user_id"] for row in rows} <= {user}


def test_a_setting_of_one_transaction_is_gone_in_the_next(town):
    """A pooled connection must never carry a tenant into somebody else's request."""
    with town.looks("northwind") as connection:
        assert connection.execute("SELECT 1 FROM cases").fetchone()
        connection.commit()  # the transaction ends, the connection stays
        assert connection.execute("SELECT 1 FROM cases").fetchone() is None


@pytest.mark.parametrize("who", [*CONTACTS, "visitor"])
def test_nobody_but_staff_sees_drafts_of_articles_or_articles_for_other_clients(town, who):
    """Without any scope: no version, no draft, and of articles for named organizations only those of one's own."""
    own = set(town.tenancy(who).organization_ids)
    with town.above() as connection:
        named = connection.execute("SELECT article_id, organization_id FROM help_article_organizations").fetchall()
    foreign = {row["article_id"] for row in named} - {r["article_id"] for r in named if r["organization_id"] in own}
    assert foreign
    with town.looks(who) as connection:
        assert connection.execute("SELECT 1 FROM help_versions").fetchone() is None
        seen = ids_of(connection, "help_articles")
        assert not seen & foreign
        assert ids_of(connection, "help_articles", "state = 'draft'") == set()
        texts = {row["article_id"] for row in connection.execute("SELECT article_id FROM help_texts")}
        assert texts <= seen
        pictures = connection.execute("SELECT article_id, key FROM help_pictures").fetchall()
        assert {row["article_id"] for row in pictures} <= texts and {row["key"] for row in pictures} <= {"shot"}
        shelves = {row["category_id"] for row in connection.execute("SELECT category_id FROM help_articles")}
        assert ids_of(connection, "help_categories") <= shelves
        assert bool(seen) == (who != "visitor")


@pytest.mark.parametrize("who", [*(one for one in CONTACTS if one != "eve"), "ana", "lee", "sam"])
def test_own_saved_views_are_seen_by_nobody_else(town, who):
    """Filters of the portal are their owner's; a colleague on the desk finds only what is shared."""
    with town.above() as connection:
        rows = connection.execute("SELECT id, owner_id, audience FROM saved_views").fetchall()
        pins = connection.execute("SELECT view_id, user_id FROM saved_view_pins").fetchall()
    assert {row["audience"] for row in rows} == {"me", "department", "everyone"} and len(pins) >= 2
    person = town.world.person(who).id
    own = {row["id"] for row in rows if row["owner_id"] == person}
    shared = set() if who in CONTACTS else {row["id"] for row in rows if row["audience"] != "me"}
    with town.looks(who) as connection:
        seen = {row["id"] for row in connection.execute("SELECT id FROM saved_views").fetchall()}
        seen_pins = {row["user_id"] for row in connection.execute("SELECT user_id FROM saved_view_pins").fetchall()}
    assert seen <= own | shared and own <= seen
    assert seen_pins <= {person}


@pytest.mark.parametrize("who", [*CONTACTS, "ana", "lee", "sam"])
def test_own_canned_replies_are_seen_by_nobody_else(town, who):
    """Without any scope: staff see the shared ones and their own, with their uses; a contact none."""
    user = town.tenancy(who).user_id
    with town.above() as connection:
        assert {row["owner_id"] for row in connection.execute("SELECT owner_id FROM canned_replies")} > {None}
    with town.looks(who) as connection:
        rows = connection.execute("SELECT id, owner_id FROM canned_replies").fetchall()
        uses = {row["reply_id"] for row in connection.execute("SELECT reply_id FROM canned_reply_uses")}
    assert {row["owner_id"] for row in rows} <= ({None, user} if who in ("ana", "lee", "sam") else set())
    assert uses <= {row["id"] for row in rows}
    assert bool(uses) == (who in ("ana", "lee", "sam"))

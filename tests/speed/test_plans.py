"""What a page asks is answered by indexes under row-level security, and touches little, whatever else there is.

The ceilings are buffers (pages of 8 kB) of all statements of a page together; a page that reads a table or an index
from end to end breaks them long before a hundred thousand cases do. {case} is an open case of the largest client,
{long} the longest conversation.
"""

import psycopg
import pytest

from bench import page_costs, plans

ADMIN, MEMBER, LEAD = "person0@client0.example", "person3@client0.example", "lead1@bench.example"
SMALL = "person0@client4.example"
# page → (who, the most buffers)
PAGES = {
    "/cases": (MEMBER, 900),
    "/cases?tab=all&status=any": (ADMIN, 2000),
    "/cases?tab=all&status=any ": (SMALL, 1500),
    "/cases?tab=cc": (MEMBER, 900),
    # A common word is looked for in some hundred of the newest documents, here and among a million.
    "/search?q=printer": (ADMIN, 2500),
    "/search?q=srv1234": (ADMIN, 1500),
    "/cases/{case}": (ADMIN, 800),
    "/desk/cases/{case}": (LEAD, 1500),
    "/desk/cases/{long}": (LEAD, 1500),
    "/desk/queue/mine": (LEAD, 2500),
    "/desk/queue/unassigned": (LEAD, 2500),
    "/desk/queue/customer-replied": (LEAD, 2500),
    "/desk/queue/all": (LEAD, 2500),
    "/desk/queue/resolved": (LEAD, 2500),
    "/desk/queue/recently-closed": (LEAD, 2500),
    "/desk/tick?queue=all&since=1&after=01890000-0000-7000-8000-000000000000": (LEAD, 2500),
    "/desk/tick?queue=breached&since=1&after=ffffffff-ffff-7000-8000-000000000000": (LEAD, 1500),
    "/desk/search?q=printer": (LEAD, 3000),
    "/desk/search?q=anna": (LEAD, 3000),
    "/desk/search?q=srv1234": (LEAD, 3000),
}


KEYS = """
    SELECT a.key || '-' || c.number FROM cases c JOIN accounts a ON a.id = c.account_id
    JOIN organizations o ON o.id = a.organization_id
    WHERE o.id = (SELECT id FROM organizations ORDER BY created_at, id LIMIT 1) AND c.state IN ('open', 'in_progress')
    ORDER BY {order} LIMIT 1
"""


@pytest.fixture(scope="session")
def keys(bulk):
    """The cases that the addresses name."""
    orders = {"case": "abs(c.message_count - 4), c.opened_at DESC, c.id", "long": "c.message_count DESC, c.id"}
    with psycopg.connect(bulk.owner_url) as connection:
        return {name: connection.execute(KEYS.format(order=order)).fetchone()[0] for name, order in orders.items()}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_reads_what_it_shows(bulk, keys, path):
    who, most = PAGES[path]
    client = page_costs.browser(bulk.app, bulk.owner_url, who)
    asked = page_costs.page_statements(client, path.strip().format(**keys))
    found = plans.explain(bulk.app_url, asked)
    assert found, "the page asked nothing"
    whole = [(plan.scanned, plan.text[:200]) for plan in found if plan.scanned]
    assert not whole
    dear = [(plan.buffers, plan.text[:200]) for plan in found]
    total = sum(plan.buffers for plan in found)
    assert total <= most, dear

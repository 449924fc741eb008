"""Many running clocks at once, as rows: one real case is opened, and the database copies it."""

import uuid

import psycopg

from portal.sla import clock_rows

_CASES = """
    INSERT INTO cases SELECT (jsonb_populate_record(c, jsonb_build_object('id', v.id, 'number', v.n, 'once', null))).*
    FROM cases c, unnest(%(ids)s::uuid[]) WITH ORDINALITY AS v (id, o), LATERAL (SELECT %(first)s + v.o AS n) AS w
    WHERE c.id = %(case)s
"""
_STANDINGS = """
    INSERT INTO sla_standings SELECT (jsonb_populate_record(s, jsonb_build_object('id', v, 'case_id', v))).*
    FROM sla_standings s, unnest(%(ids)s::uuid[]) AS v WHERE s.case_id = %(case)s
"""
_CLOCKS = """
    INSERT INTO sla_clocks SELECT (jsonb_populate_record(k, jsonb_build_object('id', v.clock, 'case_id', v.id))).*
    FROM sla_clocks k, unnest(%(ids)s::uuid[], %(clocks)s::uuid[]) AS v (id, clock)
    WHERE k.case_id = %(case)s AND k.kind = %(kind)s AND k.number = 1
"""
_DUE = """
    INSERT INTO due_work (provider_id, kind, id, due_at)
    SELECT %(provider)s, 'sla_step', v, now() + make_interval(secs => %(seconds)s) FROM unnest(%(clocks)s::uuid[]) AS v
"""


def copy_case(url: str, case_id, provider_id, count: int, *, first: int, due_in: float = 0, kind="first_response"):
    """*count* copies of a case with its standing and one clock, each with a look that is due in so many seconds.

    Returns the ids of the clocks. *url* must be a connection that no policy binds. Numbers begin after *first*.
    """
    found = []
    with psycopg.connect(url) as connection:
        for start in range(0, count, 10_000):
            ids = [uuid.uuid4() for _ in range(min(10_000, count - start))]
            clocks = [clock_rows.clock_id(i, kind, 1) for i in ids]
            values = {
                "ids": ids,
                "clocks": clocks,
                "case": case_id,
                "kind": kind,
                "first": first + start,
                "provider": provider_id,
                "seconds": due_in,
            }
            for statement in (_CASES.replace("v.n", "w.n"), _STANDINGS, _CLOCKS, _DUE):
                connection.execute(statement, values)
            found += clocks
    return found

"""Newest first: a search for words that many cases have looks through the newest ones before it asks the index.

The full-text index answers "printer" by collecting every case that ever said it, a hundred thousand of them among a
million, to show the twenty newest. Looking through the newest cases one by one meets those twenty after some hundred,
however many there are behind them. Words that few cases have are found by the index as before.
"""

from alembic import op

revision = "2026_11_26_0600"
down_revision = "2026_11_26_0500"
branch_labels = None
depends_on = None

ARGUMENTS = """
  in_provider uuid, in_words text, in_staff boolean, in_accounts uuid[], in_organizations uuid[],
  in_shared uuid[], in_private uuid[], in_people uuid[], in_limit integer
"""
NEWEST_FIRST = f"""
CREATE FUNCTION search_cases({ARGUMENTS})
RETURNS TABLE (found_id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  wanted tsquery := to_tsquery('simple', in_words);
  most integer := LEAST(in_limit, 1000);
  hits integer := 0;
  glance CONSTANT integer := 200;
  depth integer := 0;
  deepest CONSTANT integer := 2000;
  opened uuid[] := '{{}}';
  found uuid[];
  more uuid[];
  homes tsquery;
  here tsquery;
  newest timestamptz;
  weeks integer;
BEGIN
  -- A glance at the newest tells how common the words are, and with it how far back the page reaches.
  IF most <= 200 AND in_staff THEN
    SELECT count(*) INTO hits FROM (
      SELECT d.case_id, d.account_id, d.public_words FROM search_documents d
        WHERE d.provider_id = in_provider ORDER BY d.updated_at DESC LIMIT glance
    ) x LEFT JOIN search_notes n ON n.case_id = x.case_id
      WHERE (in_accounts IS NULL OR x.account_id = ANY (in_accounts))
        AND (x.public_words @@ wanted OR n.words @@ wanted);
  ELSIF most <= 200 AND cardinality(in_organizations) BETWEEN 1 AND 5 THEN
    SELECT count(*) INTO hits FROM unnest(in_organizations) o CROSS JOIN LATERAL (
      SELECT s.account_id, s.shared, s.public_words FROM search_documents s
        WHERE s.organization_id = o AND s.provider_id = in_provider ORDER BY s.updated_at DESC LIMIT glance
    ) d WHERE d.public_words @@ wanted AND (d.shared AND d.account_id = ANY (in_shared) OR d.account_id = ANY (in_private));
  END IF;
  -- What was opened to the asker or to their organizations by name, wherever it is; their own cases are in their
  -- organizations.
  IF NOT in_staff THEN
    SELECT array_agg(g.case_id) INTO opened FROM (
      SELECT x.case_id FROM case_grants x WHERE x.user_id = ANY (in_people)
      UNION SELECT x.case_id FROM case_grants x WHERE x.to_organization_id = ANY (in_people)
    ) g;
  END IF;

  -- Words that many have: looked for among the newest, further back if that was not enough.
  WHILE hits >= 2 AND depth < deepest LOOP
    depth := LEAST(deepest, GREATEST(most, GREATEST(depth, glance) * most * 8 / (hits * 5)));
    IF in_staff THEN
      SELECT array_agg(h.case_id ORDER BY h.updated_at DESC) INTO found FROM (
        SELECT x.case_id, x.updated_at FROM (
          SELECT d.case_id, d.account_id, d.public_words, d.updated_at FROM search_documents d
            WHERE d.provider_id = in_provider ORDER BY d.updated_at DESC LIMIT depth
        ) x LEFT JOIN search_notes n ON n.case_id = x.case_id
          WHERE (in_accounts IS NULL OR x.account_id = ANY (in_accounts))
            AND (x.public_words @@ wanted OR n.words @@ wanted)
          ORDER BY x.updated_at DESC LIMIT most
      ) h;
    ELSE
      WITH near AS MATERIALIZED (
        SELECT d.case_id, d.organization_id, d.updated_at,
            d.public_words @@ wanted AND (d.shared AND d.account_id = ANY (in_shared)
              OR d.account_id = ANY (in_private) OR d.people && in_people) AS fits
          FROM unnest(in_organizations) o CROSS JOIN LATERAL (
            SELECT * FROM search_documents s WHERE s.organization_id = o AND s.provider_id = in_provider
              ORDER BY s.updated_at DESC LIMIT depth
          ) d
      ), seen AS (
        -- Of what is newer than this nothing is missing, in any of the organizations.
        SELECT COALESCE(max(o.oldest), '-infinity') AS since FROM (
          SELECT min(n.updated_at) AS oldest FROM near n GROUP BY n.organization_id HAVING count(*) >= depth
        ) o
      ), hits AS (
        SELECT n.case_id, n.updated_at FROM near n, seen WHERE n.fits AND n.updated_at >= seen.since
        UNION
        SELECT d.case_id, d.updated_at FROM search_documents d, seen
          WHERE d.provider_id = in_provider AND d.case_id = ANY (opened)
            AND d.updated_at >= seen.since AND d.public_words @@ wanted
      )
      SELECT array_agg(h.case_id ORDER BY h.updated_at DESC) INTO found FROM (
        SELECT x.case_id, x.updated_at FROM hits x ORDER BY x.updated_at DESC LIMIT most
      ) h;
    END IF;
    hits := COALESCE(cardinality(found), 0);
    IF hits >= most THEN
      RETURN QUERY SELECT f.id FROM unnest(found) WITH ORDINALITY AS f (id, place) ORDER BY f.place;
      RETURN;
    END IF;
  END LOOP;

  -- Ask the index: for the newest weeks, for a quarter of a year, for all.
  found := '{{}}';
  SELECT d.updated_at INTO newest FROM search_documents d WHERE d.provider_id = in_provider
    ORDER BY d.updated_at DESC LIMIT 1;
  IF newest IS NULL THEN
    RETURN;
  END IF;
  IF NOT in_staff AND cardinality(in_organizations) > 0 THEN
    SELECT string_agg(quote_literal('@' || o), ' | ')::tsquery INTO homes FROM unnest(in_organizations) o;
  END IF;
  -- Of what was opened only that with the words is asked again.
  SELECT array_agg(d.case_id) INTO opened FROM search_documents d
    WHERE d.provider_id = in_provider AND d.case_id = ANY (opened) AND d.public_words @@ wanted;
  FOREACH weeks IN ARRAY ARRAY[2, 13, 0] LOOP
    here := wanted;
    IF weeks > 0 THEN
      SELECT wanted && string_agg(
          quote_literal('~' || to_char((newest - w * interval '7 days') AT TIME ZONE 'UTC', 'IYYYIW')), ' | '
        )::tsquery INTO here FROM generate_series(0, weeks - 1) w;
    END IF;
    IF in_staff THEN
      WITH hits AS MATERIALIZED (
        SELECT d.case_id, d.updated_at FROM search_documents d
          WHERE d.provider_id = in_provider AND d.public_words @@ here
            AND (in_accounts IS NULL OR d.account_id = ANY (in_accounts))
        UNION
        SELECT d.case_id, d.updated_at FROM search_notes n JOIN search_documents d ON d.case_id = n.case_id
          WHERE n.provider_id = in_provider AND n.words @@ here
            AND (in_accounts IS NULL OR d.account_id = ANY (in_accounts))
      )
      SELECT array_agg(h.case_id) INTO more FROM (
        SELECT x.case_id FROM hits x WHERE NOT x.case_id = ANY (found) ORDER BY x.updated_at DESC LIMIT most
      ) h;
    ELSE
      WITH hits AS MATERIALIZED (
        SELECT d.case_id, d.updated_at FROM search_documents d
          WHERE homes IS NOT NULL AND d.provider_id = in_provider AND d.public_words @@ (here && homes)
            -- Written so that the words' own signs of the organizations are used, not the index of documents.
            AND (d.organization_id = ANY (in_organizations)) IS TRUE
            AND (d.shared AND d.account_id = ANY (in_shared) OR d.account_id = ANY (in_private)
              OR d.people && in_people)
        UNION
        SELECT d.case_id, d.updated_at FROM search_documents d
          WHERE d.provider_id = in_provider AND d.case_id = ANY (opened) AND d.public_words @@ here
      )
      SELECT array_agg(h.case_id) INTO more FROM (
        SELECT x.case_id FROM hits x WHERE NOT x.case_id = ANY (found) ORDER BY x.updated_at DESC LIMIT most
      ) h;
    END IF;
    found := found || more;
    EXIT WHEN cardinality(found) >= most;
  END LOOP;
  RETURN QUERY SELECT f.id FROM unnest(found) WITH ORDINALITY AS f (id, place) ORDER BY f.place LIMIT most;
END $$
"""
# With it every search reads through all that was said since the last vacuum; without it a reply takes no longer.
FULL_TEXT = ("ix_search_documents_public", "ix_search_notes_words")
# In the order of what a person's cases are listed by, to the last key.
LISTED = {"ix_cases_reporter": "reported_by_id", "ix_cases_contact": "contact_user_id"}
# The function belongs to the search role, and only the application may call it.
MADE = (
    "GRANT SELECT ON case_grants TO parley_search",
    "DROP POLICY IF EXISTS search ON case_grants",
    "CREATE POLICY search ON case_grants FOR SELECT TO parley_search USING (true)",
    "DROP FUNCTION search_cases",
    NEWEST_FIRST,
    "REVOKE ALL ON FUNCTION search_cases FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION search_cases TO parley_app",
    "GRANT CREATE ON SCHEMA public TO parley_search",
    "ALTER FUNCTION search_cases OWNER TO parley_search",
    "REVOKE CREATE ON SCHEMA public FROM parley_search",
)


def upgrade() -> None:
    op.create_index(
        "ix_cases_new", "cases", ["provider_id", "severity", "updated_at", "id"], postgresql_where="state = 'new'"
    )
    op.create_index("ix_search_documents_home", "search_documents", ["organization_id", "updated_at"])
    op.drop_index("ix_search_documents_people", "search_documents")
    for name, person in LISTED.items():
        op.drop_index(name, "cases")
        op.create_index(name, "cases", [person, "updated_at", "id"])
    for index in FULL_TEXT:
        op.execute(f"ALTER INDEX {index} SET (fastupdate = off)")
    for statement in MADE:
        op.execute(statement)


def downgrade() -> None:
    for index in FULL_TEXT:
        op.execute(f"ALTER INDEX {index} RESET (fastupdate)")
    for name, person in LISTED.items():
        op.drop_index(name, "cases")
        op.create_index(name, "cases", [person, "updated_at"])
    op.create_index("ix_search_documents_people", "search_documents", ["people"], postgresql_using="gin")
    # The function stays: it answers what the former one answered.
    op.drop_index("ix_search_documents_home", "search_documents")
    op.drop_index("ix_cases_new", "cases")

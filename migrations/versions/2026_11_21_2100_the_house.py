"""The house: tenancy, people, cases, conversation, surveys, notifications, search, outbox; row-level security on all of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_2100"
down_revision = None
branch_labels = None
depends_on = None

TABLES = [
    "due_work",
    "providers",
    "token_hashes",
    "departments",
    "hosts",
    "organizations",
    "outgoing_mails",
    "services",
    "severity_levels",
    "survey_questions",
    "users",
    "accounts",
    "addresses",
    "browser_sessions",
    "contacts",
    "passwords",
    "request_types",
    "staff_members",
    "account_aliases",
    "account_counters",
    "account_services",
    "environments",
    "staff_accounts",
    "staff_departments",
    "cases",
    "contact_access",
    "case_exclusions",
    "case_follows",
    "case_grants",
    "case_links",
    "events",
    "messages",
    "search_documents",
    "search_notes",
    "surveys",
    "attachments",
    "deliveries",
    "notifications",
]

BEFORE = [
    # The two roles of DESIGN 2: the application owns nothing; search may read one table past its policy.
    """
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'parley_app') THEN CREATE ROLE parley_app LOGIN; END IF;
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'parley_search') THEN CREATE ROLE parley_search NOLOGIN; END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """,
]

AFTER = [
    "GRANT USAGE ON SCHEMA public TO parley_app, parley_search",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO parley_app",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO parley_app",
    # Events are immutable: not even a defect can change one.
    "REVOKE UPDATE, DELETE, TRUNCATE ON events FROM parley_app",
    "REVOKE ALL ON alembic_version FROM parley_app",
    "GRANT SELECT ON alembic_version TO parley_app",
    # Full-text operators are not leakproof, so under row-level security their indexes would be ignored. One function
    # of a role of its own looks up a bounded list of ids for a provider and organizations; the outer query stays
    # under the policies. It narrows to what the caller may read, so that the bound is not spent on others' cases.
    "GRANT SELECT ON search_documents, search_notes TO parley_search",
    "CREATE POLICY search ON search_documents FOR SELECT TO parley_search USING (true)",
    "CREATE POLICY search ON search_notes FOR SELECT TO parley_search USING (true)",
    """
    CREATE FUNCTION search_cases(
      in_provider uuid, in_words text, in_staff boolean, in_accounts uuid[], in_organizations uuid[],
      in_shared uuid[], in_private uuid[], in_people uuid[], in_limit integer
    ) RETURNS TABLE (found_id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE wanted tsquery := to_tsquery('simple', in_words);
    BEGIN
      IF in_staff THEN
        RETURN QUERY SELECT d.case_id FROM search_documents d
          WHERE d.provider_id = in_provider AND (in_accounts IS NULL OR d.account_id = ANY (in_accounts))
            AND d.case_id IN (
              SELECT p.case_id FROM search_documents p WHERE p.provider_id = in_provider AND p.public_words @@ wanted
              UNION
              SELECT n.case_id FROM search_notes n WHERE n.provider_id = in_provider AND n.words @@ wanted
            )
          ORDER BY d.updated_at DESC LIMIT LEAST(in_limit, 1000);
      ELSE
        RETURN QUERY SELECT d.case_id FROM search_documents d
          WHERE d.provider_id = in_provider AND d.public_words @@ wanted
            AND ((d.organization_id = ANY (in_organizations)
                  AND ((d.shared AND d.account_id = ANY (in_shared)) OR d.account_id = ANY (in_private)))
                 OR d.people && in_people)
          ORDER BY d.updated_at DESC LIMIT LEAST(in_limit, 1000);
      END IF;
    END $$
    """,
    "REVOKE ALL ON FUNCTION search_cases FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION search_cases TO parley_app",
    "GRANT CREATE ON SCHEMA public TO parley_search",
    "ALTER FUNCTION search_cases OWNER TO parley_search",
    "REVOKE CREATE ON SCHEMA public FROM parley_search",
]


# One policy a table, as portal/kernel/tenancy.py prints it (a test compares what the database says).
POLICIES = [
    "ALTER TABLE account_aliases ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE account_aliases FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON account_aliases USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR account_id IN (SELECT g.account_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR account_id IN (SELECT g.account_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
    "ALTER TABLE account_counters ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE account_counters FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON account_counters USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))",
    "ALTER TABLE account_services ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE account_services FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON account_services USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))",
    "ALTER TABLE accounts ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE accounts FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON accounts USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR id IN (SELECT g.account_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR id IN (SELECT g.account_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
    "ALTER TABLE addresses ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE addresses FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON addresses USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE attachments ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE attachments FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON attachments USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))) OR (case_id IS NULL AND uploaded_by_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid))) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR NOT internal)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))) OR (case_id IS NULL AND uploaded_by_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid))) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR NOT internal))",
    "ALTER TABLE browser_sessions ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE browser_sessions FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON browser_sessions USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE case_exclusions ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE case_exclusions FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON case_exclusions USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid)))",
    "ALTER TABLE case_follows ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE case_follows FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON case_follows USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid)))",
    "ALTER TABLE case_grants ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE case_grants FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON case_grants USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))",
    "ALTER TABLE case_links ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE case_links FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON case_links USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
    "ALTER TABLE cases ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE cases FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON cases USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
    "ALTER TABLE contact_access ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE contact_access FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON contact_access USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid)))",
    "ALTER TABLE contacts ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE contacts FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON contacts USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid)))",
    "ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE deliveries FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON deliveries USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE departments ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE departments FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON departments USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE environments ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE environments FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON environments USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR account_id IN (SELECT g.account_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR account_id IN (SELECT g.account_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
    "ALTER TABLE events ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE events FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON events USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))) OR actor_user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))) OR actor_user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid)))",
    "ALTER TABLE messages ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE messages FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON messages USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR kind <> 'note')) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR kind <> 'note'))",
    "ALTER TABLE notifications ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE notifications FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON notifications USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR (SELECT COALESCE(current_setting('parley.side', true), '')) = 'system')) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR (SELECT COALESCE(current_setting('parley.side', true), '')) = 'system'))",
    "ALTER TABLE organizations ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE organizations FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON organizations USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR id IN (SELECT g.organization_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR id IN (SELECT g.organization_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
    "ALTER TABLE outgoing_mails ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE outgoing_mails FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON outgoing_mails USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system'))",
    "ALTER TABLE passwords ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE passwords FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON passwords USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE providers ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE providers FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON providers USING (id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE request_types ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE request_types FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON request_types USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE search_documents ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE search_documents FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON search_documents USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]))))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR case_id IN (SELECT g.case_id FROM case_grants g WHERE g.provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (g.user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid) OR g.to_organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[])))))",
    "ALTER TABLE search_notes ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE search_notes FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON search_notes USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system'))",
    "ALTER TABLE services ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE services FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON services USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE severity_levels ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE severity_levels FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON severity_levels USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE staff_accounts ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE staff_accounts FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON staff_accounts USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system'))",
    "ALTER TABLE staff_departments ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE staff_departments FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON staff_departments USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system')) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND (SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system'))",
    "ALTER TABLE staff_members ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE staff_members FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON staff_members USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE survey_questions ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE survey_questions FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON survey_questions USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
    "ALTER TABLE surveys ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE surveys FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON surveys USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid))) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid) AND ((SELECT COALESCE(current_setting('parley.side', true), '')) IN ('staff', 'system') OR organization_id = ANY(((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]) OR user_id = (SELECT NULLIF(current_setting('parley.user', true), '')::uuid)))",
    "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE users FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON users USING (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)) WITH CHECK (provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid))",
]


def upgrade() -> None:
    for statement in BEFORE:
        op.execute(statement)
    create_tables()
    for statement in POLICIES + AFTER:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION IF EXISTS search_cases")
    op.execute("DROP TABLE " + ", ".join(TABLES) + " CASCADE")


def create_tables() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "due_work",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("provider_id", "kind", "id", name=op.f("pk_due_work")),
    )
    op.create_index("ix_due_work_due", "due_work", ["due_at", "provider_id"], unique=False)
    op.create_table(
        "providers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("welcome", sa.Text(), nullable=False),
        sa.Column("support_phone", sa.Text(), nullable=False),
        sa.Column("support_email", sa.Text(), nullable=False),
        sa.Column("after_close", sa.String(length=40), nullable=False),
        sa.Column("reopen_days", sa.Integer(), nullable=True),
        sa.Column("auto_close_hours", sa.Integer(), nullable=False),
        sa.Column("survey_per", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("after_close IN ('reopen', 'new_case', 'refuse')", name=op.f("ck_providers_after_close")),
        sa.CheckConstraint("auto_close_hours > 0", name=op.f("ck_providers_auto_close_hours")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers")),
        sa.UniqueConstraint("slug", name=op.f("uq_providers_slug")),
    )
    op.create_table(
        "token_hashes",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_token_hashes")),
        sa.UniqueConstraint("id", name=op.f("uq_token_hashes_id")),
    )
    op.create_index("ix_token_hashes_subject", "token_hashes", ["provider_id", "purpose", "subject_id"], unique=False)
    op.create_table(
        "departments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_departments_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_departments_provider_id_id")),
        sa.UniqueConstraint("provider_id", "key", name=op.f("uq_departments_provider_id_key")),
    )
    op.create_table(
        "hosts",
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_hosts_provider_id")),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
    op.create_index("ix_hosts_provider", "hosts", ["provider_id"], unique=False)
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("default_visibility", sa.String(length=40), nullable=False),
        sa.Column("admins_see_private", sa.Boolean(), nullable=False),
        sa.Column("requesters_see_shared", sa.Boolean(), nullable=False),
        sa.Column("outside_copy", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "default_visibility IN ('private', 'shared')", name=op.f("ck_organizations_default_visibility")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_organizations_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_organizations_provider_id_id")),
        sa.UniqueConstraint("provider_id", "slug", name=op.f("uq_organizations_provider_id_slug")),
    )
    op.create_table(
        "outgoing_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_outgoing_mails_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mails")),
        sa.UniqueConstraint("provider_id", "message_id", name=op.f("uq_outgoing_mails_provider_id_message_id")),
    )
    op.create_index("ix_outgoing_mails_case", "outgoing_mails", ["case_id"], unique=False)
    op.create_index("ix_outgoing_mails_state", "outgoing_mails", ["provider_id", "state", "id"], unique=False)
    op.create_table(
        "services",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_services_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_services_provider_id_id")),
        sa.UniqueConstraint("provider_id", "key", name=op.f("uq_services_provider_id_key")),
    )
    op.create_table(
        "severity_levels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.CheckConstraint("rank BETWEEN 1 AND 4", name=op.f("ck_severity_levels_rank")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_severity_levels_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_severity_levels")),
        sa.UniqueConstraint("provider_id", "key", name=op.f("uq_severity_levels_provider_id_key")),
        sa.UniqueConstraint("provider_id", "rank", name=op.f("uq_severity_levels_provider_id_rank")),
    )
    op.create_table(
        "survey_questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("questions", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_survey_questions_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_questions")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_survey_questions_provider_id_id")),
        sa.UniqueConstraint("provider_id", "version", name=op.f("uq_survey_questions_provider_id_version")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("theme", sa.String(length=40), nullable=False),
        sa.Column("density", sa.String(length=40), nullable=False),
        sa.Column("shortcuts", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_users_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_users_provider_id_id")),
    )
    op.create_index("ix_users_name", "users", ["provider_id", "name_folded"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("suspended", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("key ~ '^[A-Z][A-Z0-9]{1,9}$'", name=op.f("ck_accounts_key")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_accounts_provider_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_accounts_provider_id_id")),
        sa.UniqueConstraint("provider_id", "key", name=op.f("uq_accounts_provider_id_key")),
        sa.UniqueConstraint(
            "provider_id", "organization_id", "id", name=op.f("uq_accounts_provider_id_organization_id_id")
        ),
    )
    op.create_index("ix_accounts_organization", "accounts", ["organization_id"], unique=False)
    op.create_table(
        "addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_folded", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"], ["users.provider_id", "users.id"], name=op.f("fk_addresses_provider_id_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("provider_id", "email_folded", name=op.f("uq_addresses_provider_id_email_folded")),
    )
    op.create_index("ix_addresses_user", "addresses", ["user_id"], unique=False)
    op.create_table(
        "browser_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_browser_sessions_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_browser_sessions_token_hash")),
    )
    op.create_index("ix_browser_sessions_user", "browser_sessions", ["user_id", "ended_at"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_contacts_provider_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"], ["users.provider_id", "users.id"], name=op.f("fk_contacts_provider_id_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("organization_id", "user_id", name=op.f("uq_contacts_organization_id_user_id")),
        sa.UniqueConstraint(
            "provider_id",
            "organization_id",
            "id",
            "user_id",
            name=op.f("uq_contacts_provider_id_organization_id_id_user_id"),
        ),
    )
    op.create_index("ix_contacts_user", "contacts", ["user_id"], unique=False)
    op.create_table(
        "passwords",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"], ["users.provider_id", "users.id"], name=op.f("fk_passwords_provider_id_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passwords")),
        sa.UniqueConstraint("provider_id", "user_id", name=op.f("uq_passwords_provider_id_user_id")),
    )
    op.create_table(
        "request_types",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("icon", sa.String(length=30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("asks_severity", sa.Boolean(), nullable=False),
        sa.Column("default_rank", sa.SmallInteger(), nullable=False),
        sa.Column("takes_files", sa.Boolean(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("requires_service_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "department_id"],
            ["departments.provider_id", "departments.id"],
            name=op.f("fk_request_types_provider_id_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "requires_service_id"],
            ["services.provider_id", "services.id"],
            name=op.f("fk_request_types_provider_id_requires_service_id"),
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_request_types_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_types")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_request_types_provider_id_id")),
        sa.UniqueConstraint("provider_id", "key", name=op.f("uq_request_types_provider_id_key")),
    )
    op.create_table(
        "staff_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("all_accounts", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('agent', 'lead', 'admin', 'platform_admin', 'auditor')", name=op.f("ck_staff_members_role")
        ),
        sa.CheckConstraint("tier BETWEEN 1 AND 3", name=op.f("ck_staff_members_tier")),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_staff_members_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_members")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_staff_members_provider_id_id")),
        sa.UniqueConstraint("provider_id", "user_id", name=op.f("uq_staff_members_provider_id_user_id")),
    )
    op.create_table(
        "account_aliases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_account_aliases_provider_id_organization_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_aliases")),
        sa.UniqueConstraint("provider_id", "key", name=op.f("uq_account_aliases_provider_id_key")),
    )
    op.create_table(
        "account_counters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_account_counters_provider_id_organization_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_counters")),
        sa.UniqueConstraint("account_id", name=op.f("uq_account_counters_account_id")),
    )
    op.create_table(
        "account_services",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_account_services_provider_id_organization_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "service_id"],
            ["services.provider_id", "services.id"],
            name=op.f("fk_account_services_provider_id_service_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_services")),
        sa.UniqueConstraint("account_id", "service_id", name=op.f("uq_account_services_account_id_service_id")),
    )
    op.create_table(
        "environments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('production', 'test', 'development')", name=op.f("ck_environments_kind")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_environments_provider_id_organization_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environments")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_environments_account_id_name")),
        sa.UniqueConstraint(
            "provider_id",
            "organization_id",
            "account_id",
            "id",
            name=op.f("uq_environments_provider_id_organization_id_account_id_id"),
        ),
    )
    op.create_table(
        "staff_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "account_id"],
            ["accounts.provider_id", "accounts.id"],
            name=op.f("fk_staff_accounts_provider_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "staff_id"],
            ["staff_members.provider_id", "staff_members.id"],
            name=op.f("fk_staff_accounts_provider_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_accounts")),
        sa.UniqueConstraint("staff_id", "account_id", name=op.f("uq_staff_accounts_staff_id_account_id")),
    )
    op.create_index("ix_staff_accounts_account", "staff_accounts", ["account_id"], unique=False)
    op.create_table(
        "staff_departments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "department_id"],
            ["departments.provider_id", "departments.id"],
            name=op.f("fk_staff_departments_provider_id_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "staff_id"],
            ["staff_members.provider_id", "staff_members.id"],
            name=op.f("fk_staff_departments_provider_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_departments")),
        sa.UniqueConstraint("staff_id", "department_id", name=op.f("uq_staff_departments_staff_id_department_id")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("request_type_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("reported_by_id", sa.Uuid(), nullable=False),
        sa.Column("reported_side", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("contact_user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("visibility", sa.String(length=40), nullable=False),
        sa.Column("severity_asked", sa.SmallInteger(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("severity_reason", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("notify_contact", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_answer_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=40), nullable=False),
        sa.Column("auto_close_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_reason", sa.Text(), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_word", sa.String(length=40), nullable=False),
        sa.Column("reopened_count", sa.SmallInteger(), nullable=False),
        sa.Column("rejected_count", sa.SmallInteger(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("moved_to_id", sa.Uuid(), nullable=True),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'open', 'in_progress', 'waiting', 'on_hold', 'resolved', 'closed')",
            name=op.f("ck_cases_state"),
        ),
        sa.CheckConstraint("visibility IN ('private', 'shared')", name=op.f("ck_cases_visibility")),
        sa.CheckConstraint(
            "severity BETWEEN 1 AND 4 AND severity_asked BETWEEN 1 AND 4", name=op.f("ck_cases_severity")
        ),
        sa.CheckConstraint("tier BETWEEN 1 AND 3", name=op.f("ck_cases_tier")),
        sa.ForeignKeyConstraint(
            ["provider_id", "department_id"],
            ["departments.provider_id", "departments.id"],
            name=op.f("fk_cases_provider_id_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            ["environments.provider_id", "environments.organization_id", "environments.account_id", "environments.id"],
            name=op.f("fk_cases_provider_id_organization_id_account_id_environment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_cases_provider_id_organization_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "contact_id", "contact_user_id"],
            ["contacts.provider_id", "contacts.organization_id", "contacts.id", "contacts.user_id"],
            name=op.f("fk_cases_provider_id_organization_id_contact_id_contact_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "owner_id"],
            ["staff_members.provider_id", "staff_members.id"],
            name=op.f("fk_cases_provider_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "reported_by_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_cases_provider_id_reported_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "request_type_id"],
            ["request_types.provider_id", "request_types.id"],
            name=op.f("fk_cases_provider_id_request_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("account_id", "number", name=op.f("uq_cases_account_id_number")),
        sa.UniqueConstraint(
            "provider_id",
            "organization_id",
            "account_id",
            "id",
            name=op.f("uq_cases_provider_id_organization_id_account_id_id"),
        ),
    )
    op.create_index(
        "ix_cases_account_active",
        "cases",
        ["account_id", "updated_at", "id"],
        unique=False,
        postgresql_where="state <> 'closed'",
    )
    op.create_index("ix_cases_account_updated", "cases", ["account_id", "updated_at", "id"], unique=False)
    op.create_index("ix_cases_contact", "cases", ["contact_user_id", "updated_at"], unique=False)
    op.create_index(
        "ix_cases_once", "cases", ["reported_by_id", "once"], unique=True, postgresql_where="once IS NOT NULL"
    )
    op.create_index(
        "ix_cases_owner",
        "cases",
        ["owner_id", "updated_at"],
        unique=False,
        postgresql_where="state NOT IN ('resolved', 'closed')",
    )
    op.create_index(
        "ix_cases_provider_active",
        "cases",
        ["provider_id", "updated_at", "id"],
        unique=False,
        postgresql_where="state <> 'closed'",
    )
    op.create_index(
        "ix_cases_provider_queue",
        "cases",
        ["provider_id", "severity", "updated_at", "id"],
        unique=False,
        postgresql_where="state NOT IN ('resolved', 'closed')",
    )
    op.create_index("ix_cases_provider_updated", "cases", ["provider_id", "updated_at", "id"], unique=False)
    op.create_index("ix_cases_reporter", "cases", ["reported_by_id", "updated_at"], unique=False)
    op.create_table(
        "contact_access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "role IN ('requester', 'member', 'coordinator', 'organization_admin')", name=op.f("ck_contact_access_role")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            ["environments.provider_id", "environments.organization_id", "environments.account_id", "environments.id"],
            name=op.f("fk_contact_access_provider_id_organization_id_account_id_environment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
            name=op.f("fk_contact_access_provider_id_organization_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "contact_id", "user_id"],
            ["contacts.provider_id", "contacts.organization_id", "contacts.id", "contacts.user_id"],
            name=op.f("fk_contact_access_provider_id_organization_id_contact_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_access")),
        sa.UniqueConstraint(
            "contact_id",
            "account_id",
            "environment_id",
            name=op.f("uq_contact_access_contact_id_account_id_environment_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_contact_access_account", "contact_access", ["account_id"], unique=False)
    op.create_index("ix_contact_access_user", "contact_access", ["user_id"], unique=False)
    op.create_table(
        "case_exclusions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_case_exclusions_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_case_exclusions_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_exclusions")),
        sa.UniqueConstraint("case_id", "user_id", name=op.f("uq_case_exclusions_case_id_user_id")),
    )
    op.create_index("ix_case_exclusions_user", "case_exclusions", ["user_id", "case_id"], unique=False)
    op.create_table(
        "case_follows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("wish", sa.String(length=40), nullable=False),
        sa.CheckConstraint("wish IN ('follow', 'mute')", name=op.f("ck_case_follows_wish")),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_case_follows_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_case_follows_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_follows")),
        sa.UniqueConstraint("case_id", "user_id", name=op.f("uq_case_follows_case_id_user_id")),
    )
    op.create_index("ix_case_follows_user", "case_follows", ["user_id", "wish"], unique=False)
    op.create_table(
        "case_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("to_organization_id", sa.Uuid(), nullable=True),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('participant', 'reader', 'affected', 'organization')", name=op.f("ck_case_grants_kind")
        ),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (to_organization_id IS NULL)", name=op.f("ck_case_grants_one_receiver")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_case_grants_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "to_organization_id"],
            ["organizations.provider_id", "organizations.id"],
            name=op.f("fk_case_grants_provider_id_to_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_case_grants_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_grants")),
        sa.UniqueConstraint("case_id", "to_organization_id", name=op.f("uq_case_grants_case_id_to_organization_id")),
        sa.UniqueConstraint("case_id", "user_id", name=op.f("uq_case_grants_case_id_user_id")),
    )
    op.create_index("ix_case_grants_organization", "case_grants", ["to_organization_id", "case_id"], unique=False)
    op.create_index("ix_case_grants_user", "case_grants", ["user_id", "case_id"], unique=False)
    op.create_table(
        "case_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "kind IN ('moved_to', 'merged_into', 'follow_up', 'related')", name=op.f("ck_case_links_kind")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_case_links_provider_id_organization_id_account_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_links")),
        sa.UniqueConstraint("case_id", "other_id", "kind", name=op.f("uq_case_links_case_id_other_id_kind")),
    )
    op.create_index("ix_case_links_other", "case_links", ["other_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("actor_user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_side", sa.String(length=40), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "case_id IS NULL OR num_nulls(organization_id, account_id) = 0", name=op.f("ck_events_place")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_events_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_events_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("provider_id", "id", name=op.f("uq_events_provider_id_id")),
    )
    op.create_index("ix_events_case", "events", ["case_id", "id"], unique=False, postgresql_where="case_id IS NOT NULL")
    op.create_index("ix_events_provider", "events", ["provider_id", "id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_side", sa.String(length=40), nullable=False),
        sa.Column("for_name", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("emailed", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.CheckConstraint("kind IN ('reply', 'note', 'resolution', 'rejection')", name=op.f("ck_messages_kind")),
        sa.ForeignKeyConstraint(
            ["provider_id", "author_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_messages_provider_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_messages_provider_id_organization_id_account_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_messages_case_id_position")),
        sa.UniqueConstraint(
            "provider_id",
            "organization_id",
            "account_id",
            "case_id",
            "id",
            name=op.f("uq_messages_provider_id_organization_id_account_id_case_id_id"),
        ),
    )
    op.create_index(
        "ix_messages_once", "messages", ["case_id", "once"], unique=True, postgresql_where="once IS NOT NULL"
    )
    op.create_table(
        "search_documents",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("people", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("public_words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_search_documents_provider_id_organization_id_account_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_search_documents")),
    )
    op.create_index(
        "ix_search_documents_public", "search_documents", ["public_words"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "search_notes",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_search_notes_provider_id_organization_id_account_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_search_notes")),
    )
    op.create_index("ix_search_notes_words", "search_notes", ["words"], unique=False, postgresql_using="gin")
    op.create_table(
        "surveys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("questions_id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answers", postgresql.JSONB(), nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_surveys_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "questions_id"],
            ["survey_questions.provider_id", "survey_questions.id"],
            name=op.f("fk_surveys_provider_id_questions_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"], ["users.provider_id", "users.id"], name=op.f("fk_surveys_provider_id_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
        sa.UniqueConstraint("case_id", "cycle", name=op.f("uq_surveys_case_id_cycle")),
    )
    op.create_index(
        "ix_surveys_answered",
        "surveys",
        ["provider_id", "answered_at"],
        unique=False,
        postgresql_where="answered_at IS NOT NULL",
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("uploaded_by_id", sa.Uuid(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "num_nulls(organization_id, account_id, case_id) IN (0, 3) AND (message_id IS NULL OR case_id IS NOT NULL)",
            name=op.f("ck_attachments_place"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id", "message_id"],
            [
                "messages.provider_id",
                "messages.organization_id",
                "messages.account_id",
                "messages.case_id",
                "messages.id",
            ],
            name=op.f("fk_attachments_provider_id_organization_id_account_id_case_id_message_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_attachments_provider_id_organization_id_account_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "uploaded_by_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_attachments_provider_id_uploaded_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_case", "attachments", ["case_id"], unique=False)
    op.create_index(
        "ix_attachments_staged",
        "attachments",
        ["provider_id", "uploaded_by_id", "created_at"],
        unique=False,
        postgresql_where="case_id IS NULL",
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "event_id"],
            ["events.provider_id", "events.id"],
            name=op.f("fk_deliveries_provider_id_event_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("event_id", "consumer", name=op.f("uq_deliveries_event_id_consumer")),
    )
    op.create_index(
        "ix_deliveries_unfinished",
        "deliveries",
        ["provider_id", "state"],
        unique=False,
        postgresql_where="state <> 'done'",
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id", "event_id"],
            ["events.provider_id", "events.id"],
            name=op.f("fk_notifications_provider_id_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "user_id"],
            ["users.provider_id", "users.id"],
            name=op.f("fk_notifications_provider_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("event_id", "user_id", name=op.f("uq_notifications_event_id_user_id")),
    )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["user_id", "side"],
        unique=False,
        postgresql_where="read_at IS NULL",
    )
    op.create_index("ix_notifications_user", "notifications", ["user_id", "side", "id"], unique=False)
    # ### end Alembic commands ###

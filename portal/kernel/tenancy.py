"""Wall c: row-level security as data. A model states its policy here; migrations create the policies (tested).

Forced on every table, under a role that owns nothing. Each setting is read once a statement: a scalar sub-select
becomes an InitPlan. The grant table's own policy uses provider, user and organization only, because a case policy
that reads a grant policy that reads cases would recurse.
"""

from dataclasses import dataclass

PROVIDER = "(SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
ORGANIZATIONS = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
STAFF_OR_SYSTEM = f"{SIDE} IN ('staff', 'system')"


def granted_column(what: str) -> str:
    """The column *what* (case_id, account_id or organization_id) of every grant to this person or their
    organizations."""
    # The parts are constants of this module and end up in migrations; they are never user input.
    return (
        f"(SELECT g.{what} FROM case_grants g WHERE g.provider_id = {PROVIDER}"  # noqa: S608
        f" AND (g.user_id = {USER} OR g.to_organization_id = ANY({ORGANIZATIONS})))"
    )


@dataclass(frozen=True, slots=True)
class TablePolicy:
    """What a row must satisfy to exist for the session; None as condition: the table is exempt, with the reason why."""

    condition: str | None
    reason: str = ""


POLICIES: dict[str, TablePolicy] = {}


def set_policy(table: str, condition: str) -> None:
    """State the policy of *table*; every table needs one or an exemption (tested, and refused at start)."""
    POLICIES[table] = TablePolicy(condition)


def exempt_table(table: str, reason: str) -> None:
    """A table that work without a provider must read; it holds no content of a tenant."""
    POLICIES[table] = TablePolicy(None, reason)


def by_provider(column: str = "provider_id") -> str:
    """Everybody at the provider may read this row."""
    return f"{column} = {PROVIDER}"


def by_staff() -> str:
    """Staff and the system; nothing for a contact."""
    return f"{by_provider()} AND {STAFF_OR_SYSTEM}"


def by_owner(column: str = "user_id") -> str:
    """The person's own rows, and the system's work on them."""
    return f"{by_provider()} AND ({column} = {USER} OR {SIDE} = 'system')"


def by_organization(column: str = "organization_id", *, granted: str | None = None, also: str = "") -> str:
    """A contact sees rows of own organizations, or those named by a grant (matched against its column *granted*)."""
    reach = f"{column} = ANY({ORGANIZATIONS})"
    if granted:
        reach += f" OR {granted} IN {granted_column('account_id' if granted == 'account_id' else 'case_id')}"
    if also:
        reach += f" OR {also}"
    return f"{by_provider()} AND ({STAFF_OR_SYSTEM} OR {reach})"

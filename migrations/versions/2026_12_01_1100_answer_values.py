"""The values of answers to own fields, for the filters of lists."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_1100"
down_revision = "2026_12_01_1050"
branch_labels = None
depends_on = None

TABLE = "case_answer_values"
PROVIDER = "provider_id = (SELECT NULLIF(current_setting('parley.provider', true), '')::uuid)"
SIDE = "(SELECT COALESCE(current_setting('parley.side', true), ''))"
PLACES = "((SELECT COALESCE(NULLIF(current_setting('parley.organizations', true), ''), '{}')::uuid[]))::uuid[]"
USER = "(SELECT NULLIF(current_setting('parley.user', true), '')::uuid)"
GRANTED = (
    f"SELECT g.case_id FROM case_grants g WHERE g.{PROVIDER}"
    f" AND (g.user_id = {USER} OR g.to_organization_id = ANY({PLACES}))"
)
POLICY = f"{PROVIDER} AND ({SIDE} IN ('staff', 'system') OR organization_id = ANY({PLACES}) OR case_id IN ({GRANTED}))"
# Texts are folded and cut, keys of choices are kept; consent, days, moments and numbers are as they are stored.
WRITE = """
  INSERT INTO case_answer_values
    (id, provider_id, organization_id, account_id, case_id, request_type_id, field, value)
  SELECT gen_random_uuid(), c.provider_id, c.organization_id, c.account_id, c.id, c.request_type_id, found.field, found.value
  FROM (SELECT DISTINCT answer ->> 'key' AS field, CASE
      WHEN answer ->> 'kind' IN ('text', 'phone', 'person', 'environment')
        THEN left(folded(answer #>> '{words,0,""}'), 200)
      ELSE one.value END AS value
    FROM jsonb_array_elements(c.answers) AS answer,
      jsonb_array_elements_text(
        CASE jsonb_typeof(answer -> 'value') WHEN 'array' THEN answer -> 'value' ELSE jsonb_build_array(answer -> 'value') END
      ) AS one(value)
    WHERE answer ->> 'kind' NOT IN ('paragraph', 'file')
  ) AS found
  WHERE found.value <> '';
"""
KEEP = f"""
CREATE FUNCTION keep_answer_values() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE c cases := NEW;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM case_answer_values WHERE case_id = c.id;
  END IF;
  IF jsonb_typeof(c.answers) = 'array' THEN
    {WRITE}
  END IF;
  RETURN NULL;
END $$
"""
TRIGGERS = (
    "CREATE TRIGGER keep_first_answer_values AFTER INSERT ON cases FOR EACH ROW"
    " WHEN (jsonb_typeof(NEW.answers) = 'array') EXECUTE FUNCTION keep_answer_values()",
    "CREATE TRIGGER keep_answer_values AFTER UPDATE OF answers, request_type_id ON cases FOR EACH ROW"
    " WHEN (NEW.answers IS DISTINCT FROM OLD.answers OR NEW.request_type_id IS DISTINCT FROM OLD.request_type_id)"
    " EXECUTE FUNCTION keep_answer_values()",
)
COPY = f"""
DO $$ DECLARE c cases; BEGIN
  FOR c IN SELECT * FROM cases WHERE jsonb_typeof(answers) = 'array' LOOP
    {WRITE}
  END LOOP;
END $$
"""


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("request_type_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("value", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "case_id"],
            ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"],
            name=op.f("fk_case_answer_values_provider_id_organization_id_account_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_answer_values")),
        sa.UniqueConstraint("case_id", "field", "value", name=op.f("uq_case_answer_values_case_id_field_value")),
    )
    op.create_index("ix_case_answer_values_value", TABLE, ["request_type_id", "field", "value", "case_id"])
    op.execute(KEEP)
    for trigger in TRIGGERS:
        op.execute(trigger)
    # The owner of the tables is bound by the policies too.
    op.execute("ALTER TABLE cases NO FORCE ROW LEVEL SECURITY")
    op.execute(COPY)
    op.execute("ALTER TABLE cases FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {TABLE} USING ({POLICY}) WITH CHECK ({POLICY})")


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_answer_values ON cases")
    op.execute("DROP TRIGGER keep_first_answer_values ON cases")
    op.execute("DROP FUNCTION keep_answer_values")
    op.execute(f"DROP POLICY tenant ON {TABLE}")
    op.drop_table(TABLE)

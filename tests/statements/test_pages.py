# ruff: noqa: E501 - statements of SQL on one line
"""A page costs the same for ten rows and for a thousand, and not more than is written here.

The ceilings are what each page needs today and a little: whoever raises one says why in the commit.
"""

from unittest import mock

import pytest
from sqlalchemy import text

from portal.cases.models import Case, Message, Tag
from portal.community.models import CommunityTopic
from portal.identity import passwords
from portal.kernel.database import Base
from portal.tasks.actions import TaskFacts, add_task
from tests.support import acting, help_articles
from tests.support.canned_replies import write_reply
from tests.support.community import add_space, ask, reply
from tests.support.tags import tag_case

pytestmark = pytest.mark.slow

FEW, MANY = 10, 1000
# A visit marks unread lines as read, after the answer, in a transaction of its own: its begin and one update.
MARKED = 2
# Statements that a page needs beyond the rows that it lists, whatever their number: this one counts a person's open
# cases exactly where there are more of them than it shows, in two transactions of their own.
BEYOND_ITS_LIST = {"/org/acme/people/{contact}": 5}

# Columns of partial indexes; tests/architecture/test_partial_indexes.py says why.
LITERAL_COLUMNS = ("cases.state", "cases.tier", "cases.last_word", "deliveries.state", "mailbox_tests.state")
# Page → (who, the most statements it may cost). {case} is a long conversation.
PAGES = {
    "/": ("rita", 13),
    "/cases?tab=my&status=any&size=100": ("rita", 17),
    "/cases?tab=shared&status=any": ("mel", 17),
    "/cases?q=printer&status=any": ("rita", 18),
    "/cases?tab=waiting": ("rita", 17),
    "/cases.csv?status=any": ("rita", 12),
    "/search?q=printer": ("rita", 14),
    "/notifications": ("rita", 12),
    "/cases/{case}": ("rita", 24),
    "/cases/{case}/print": ("rita", 20),
    "/cases/{case}/sharing": ("rita", 24),
    "/new/outage": ("rita", 22),
    "/announcements": ("rita", 14),
    "/community": ("rita", 16),
    "/community?q=export": ("rita", 17),
    "/community/{topic}": ("rita", 24),
    "/org/acme/people": ("olga", 20),
    "/org/acme": ("olga", 20),
    "/org/acme/access": ("olga", 20),
    "/org/acme/access/{contact}": ("olga", 22),
    # 33: the reporting line.
    "/org/acme/people/{contact}": ("olga", 33),
    "/admin/organizations/acme/people/{contact}": ("ada", 24),
    "/admin/accounts/ACME": ("ada", 22),
    "/cases/{case}/exclusions": ("rita", 26),
    "/desk/cases/{case}/people": ("ana", 26),
    "/me/preferences": ("ana", 12),
    "/me/factors": ("ana", 13),
    "/desk/queue/all?size=100": ("ana", 20),
    "/desk/queue/mine": ("ana", 20),
    "/desk/queue/all?group=account&columns=number,who,by,type,owner": ("ana", 20),
    "/desk/queue/all/cases.csv": ("ana", 12),
    "/desk/queue/unassigned?q=printer": ("ana", 20),
    "/desk/search?q=printer": ("ana", 18),
    "/desk/cases/{case}": ("ana", 32),
    "/desk/cases/{case}?view=all": ("ana", 34),
    "/desk/cases/{case}/history": ("ana", 18),
    "/desk/cases/{case}/quoted": ("ana", 18),
    "/desk/cases/{case}/mail": ("ana", 18),
    "/desk/cases/{case}/proposals": ("ana", 20),
    "/cases/{case}/proposals": ("rita", 20),
    "/cases/{case}/quoted": ("rita", 18),
    "/desk/cases/{case}/as-customer": ("ana", 36),
    "/desk/cases/{case}/replies": ("ana", 22),
    "/desk/replies": ("ana", 16),
    "/desk/views": ("ana", 16),
    "/admin/replies": ("ada", 18),
    "/desk/surveys": ("lee", 22),
    "/desk/surveys?show=open&days=all": ("lee", 22),
    "/desk/surveys/export": ("lee", 12),
    "/desk/announcements": ("lee", 18),
    "/desk/community": ("lee", 22),
    "/desk/community/topics/{topic}": ("lee", 30),
    "/desk/accounts": ("ana", 14),
    "/desk/accounts/ACME": ("ana", 20),
    "/desk/contacts/{contact}": ("ana", 18),
    "/desk/new?account=ACME": ("ana", 22),
    "/desk/new?caller=acme": ("ana", 22),
    "/desk/queue/breached?size=100": ("ana", 20),
    "/desk/queue/all?sort=due&size=100": ("ana", 20),
    "/desk/tick?queue=all&since=1&after=01890000-0000-7000-8000-000000000000": ("ana", 6),
    "/tick": ("rita", 6),
    "/desk/monitor": ("ana", 22),
    "/desk/escalations": ("ana", 24),
    "/desk/cases/{case}/promises": ("ana", 20),
    "/desk/accounts/ACME/sla": ("ana", 18),
    "/desk/reports/pauses": ("ana", 16),
    "/desk/reports/sla?days=90": ("ana", 20),
    "/desk/reports/overview": ("ana", 24),
    "/desk/reports/overview/cases?measure=resolved": ("ana", 18),
    "/cases/{case}/promises": ("rita", 20),
    "/support": ("rita", 18),
    "/help": ("rita", 14),
    "/help?q=printer": ("rita", 14),
    "/help/printing": ("rita", 14),
    "/help/articles/printers": ("rita", 16),
    "/desk/help": ("ana", 18),
    "/desk/help/articles/printers": ("ana", 22),
    "/desk/help/categories": ("ana", 16),
    "/desk/help/use": ("ana", 18),
    "/org/acme/sla": ("olga", 24),
    "/org/acme/audit": ("olga", 16),
    "/org/acme/audit/sign-ins": ("olga", 16),
    "/org/acme/audit/export": ("olga", 14),
    "/org/acme/audit/sign-ins/export": ("olga", 14),
    "/admin/security/export": ("ada", 14),
    "/admin/sla-policies": ("ada", 20),
    "/admin/sla-policies/agreed": ("ada", 20),
    "/admin/calendars": ("ada", 16),
    "/admin/escalation-rules": ("ada", 18),
    "/admin/sla-policies/runs": ("ada", 14),
    "/admin": ("ada", 18),
    "/admin/organizations": ("ada", 14),
    "/admin/organizations/acme/people": ("ada", 16),
    "/admin/accounts": ("ada", 14),
    "/admin/environments": ("ada", 14),
    "/admin/staff": ("ada", 16),
    "/admin/departments": ("ada", 14),
    "/admin/services": ("ada", 14),
    "/admin/tags": ("ada", 14),
    "/desk/cases/{case}/tags": ("ana", 14),
    "/desk/cases/{case}/snooze": ("ana", 20),
    "/desk/snooze": ("ana", 14),
    "/desk/cases/{case}/tasks": ("ana", 18),
    "/desk/tasks": ("ana", 14),
    "/desk/cases/{case}/time": ("ana", 18),
    "/desk/time": ("lee", 16),
    "/admin/tags/new": ("ada", 12),
    "/admin/tags/{tag}": ("ada", 14),
    "/admin/tags/{tag}/merge": ("ada", 14),
    "/admin/request-types": ("ada", 14),
    "/admin/surveys": ("ada", 16),
    "/admin/surveys/questions": ("ada", 14),
    "/admin/statuses": ("ada", 12),
    "/admin/languages": ("ada", 12),
    "/admin/branding": ("ada", 12),
    "/admin/severity/question": ("ada", 14),
    "/admin/preset": ("ada", 14),
    "/admin/mail": ("ada", 14),
    "/admin/jobs": ("ada", 18),
    "/admin/security": ("ada", 16),
}


def quoted(name):
    """A column's name for SQL: one of ours is called check."""
    return f'"{name}"'


class Crowd:
    """Rows made by the thousand: copies of one row, spread over the people and places that there are."""

    def __init__(self, world):
        self.world = world

    def copy(self, table, row_id, count, /, **changed):
        """*count* copies of a row; *changed* are SQL expressions in which `g` counts and `t` is the row."""
        columns = [c.name for c in Base.metadata.tables[table].columns]
        picked = ", ".join(
            changed.get(name, "gen_random_uuid()" if name == "id" else f't."{name}"') for name in columns
        )
        self.world.session.execute(
            text(
                f"INSERT INTO {table} ({', '.join(map(quoted, columns))}) SELECT {picked} FROM {table} t, generate_series(1, :n) g WHERE t.id = :id"
            ),
            {"n": count, "id": row_id},
        )

    @staticmethod
    def spread(ids):
        """An expression that takes one of *ids* after the other."""
        quoted = ", ".join(f"'{value}'::uuid" for value in ids)
        return f"(ARRAY[{quoted}])[1 + g % {len(ids)}]"

    def grow(self, case, number, first):
        """More cases in lists, more words, events and files in the conversation, more lines at the bell, more mails."""
        world, spread = self.world, self.spread
        people, acme = world.northwind.people, world.acme.id
        staff = [people[name].staff_id for name in ("ana", "lee", "ada")]
        authors = [people[name].id for name in ("rita", "mel", "ana", "lee", "ada", "cora")]
        contacts = [world.rita, world.mel, world.cora]
        self.copy(
            "cases",
            case.id,
            number,
            number=f"{first} + g",
            once="NULL",
            owner_id=spread(staff),
            contact_user_id=spread([p.id for p in contacts]),
            contact_id=spread([p.contact_id for p in contacts]),
            visibility="'shared'",
            message_count="0",
            environment_id=spread([world.environments["ACME", name].id for name in ("Production", "Test")]),
            department_id=spread([d.id for d in world.departments.values()]),
            request_type_id=spread([t.id for t in world.types.values()]),
            subject="'A printer ' || g",
            state="(ARRAY['new', 'open', 'in_progress'])[1 + g % 3]",
            severity="1 + g % 4",
            updated_at="t.updated_at - g * interval '1 second'",
        )
        message = next(m for m in world.messages_of(case) if m.kind == "reply")
        self.copy(
            "messages",
            message.id,
            number,
            position=f"{first} + g",
            once="NULL",
            author_id=spread(authors),
            body="'Words ' || g",
        )
        (file,) = world.session.execute(
            text("SELECT id FROM attachments WHERE case_id = :id LIMIT 1"), {"id": case.id}
        ).one()
        world.session.execute(
            text(
                "INSERT INTO attachments SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'message_id', m.id))).*"
                " FROM attachments a, messages m WHERE a.id = :file AND m.case_id = :case AND m.position > :first"
            ),
            {"file": file, "case": case.id, "first": first},
        )
        event = world.events_of(case)[-1]
        self.copy("events", event.id, number, actor_user_id=spread(authors), actor_name="'Somebody ' || g")
        world.session.execute(
            text(
                "INSERT INTO notifications (id, provider_id, user_id, side, event_id, case_id, reason, created_at)"
                " SELECT gen_random_uuid(), e.provider_id, u.id, u.side, e.id, c.id, 'contact', e.recorded_at"
                " FROM (SELECT row_number() OVER () AS n, * FROM events WHERE case_id = :case) e"
                " JOIN (SELECT row_number() OVER () AS n, id FROM cases WHERE account_id = :account) c ON c.n = 1 + e.n % 20"
                " CROSS JOIN (VALUES (CAST(:rita AS uuid), 'contact'), (CAST(:ana AS uuid), 'staff')) u (id, side)"
                " ON CONFLICT DO NOTHING"
            ),
            {"case": case.id, "account": acme, "rita": world.rita.id, "ana": world.ana.id},
        )
        mail = world.session.execute(text("SELECT id FROM outgoing_mails LIMIT 1")).scalar_one()
        self.copy("outgoing_mails", mail, number, message_id="'<' || gen_random_uuid() || '@x>'")

    def people(self, number, first):
        """More people of Acme, more staff, more places and lists of configuration."""
        world, session = self.world, self.world.session
        now = world.system().now
        values = {
            "n": number,
            "first": first,
            "now": now,
            "provider": world.northwind.id,
            "org": world.acme.organization_id,
            "acme": world.acme.id,
            "mel": world.mel.contact_id,
            "user": world.mel.id,
            "staff": world.tom.staff_id,
            "env": world.environments["ACME", "Test"].id,
            "dep": world.departments["business"].id,
            "service": world.northwind.services["remote-hands"].id,
            "type": world.types["question"].id,
            **{
                table: session.execute(text(f"SELECT id FROM {table} WHERE title = 'Printers'")).scalar_one()
                for table in ("help_texts", "help_versions")
            },
            "article": session.execute(text("SELECT id FROM help_articles WHERE slug = 'printers'")).scalar_one(),
            **{
                key: session.execute(
                    text("SELECT id FROM canned_replies WHERE title = :title"), {"title": title}
                ).scalar_one()
                for key, title in (("shared_reply", "Printer"), ("own_reply", "My printer"))
            },
        }
        columns = {name: [c.name for c in Base.metadata.tables[name].columns] for name in Base.metadata.tables}

        def copies(table, source, **changed):
            picked = ", ".join(changed.get(name, f't."{name}"') for name in columns[table])
            session.execute(
                text(
                    f"INSERT INTO {table} ({', '.join(map(quoted, columns[table]))}) SELECT {picked} FROM {table} t, generate_series(1, :n) g"
                    f" WHERE t.id = :{source}"
                ),
                values,
            )

        def made(kind):
            return f"md5('{kind}' || (:first + g))::uuid"

        copies(
            "users", "user", id=made("user"), name="'Person ' || (:first + g)", name_folded="'person ' || (:first + g)"
        )
        session.execute(
            text(
                "INSERT INTO addresses (id, provider_id, user_id, email, email_folded, verified_at, claimed)"
                " SELECT gen_random_uuid(), a.provider_id, md5('user' || (:first + g))::uuid,"
                " 'p' || (:first + g) || '@acme.example', 'p' || (:first + g) || '@acme.example', a.verified_at, a.claimed"
                " FROM addresses a, generate_series(1, :n) g WHERE a.user_id = :user"
            ),
            values,
        )
        copies("contacts", "mel", id=made("contact"), user_id=made("user"))
        session.execute(
            text(
                "INSERT INTO contact_access SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'user_id', md5('user' || (:first + g))::uuid,"
                " 'contact_id', md5('contact' || (:first + g))::uuid))).* FROM contact_access a, generate_series(1, :n) g WHERE a.contact_id = :mel"
            ),
            values,
        )
        copies("help_articles", "article", id=made("article"), slug="'printers-' || (:first + g)")
        for table in ("help_texts", "help_versions"):
            copies(
                table,
                table,
                id="gen_random_uuid()",
                article_id=made("article"),
                title="'Printers ' || (:first + g)",
            )
        for kind in ("shared_reply", "own_reply"):
            copies("canned_replies", kind, id="gen_random_uuid()", title="'Printer ' || (:first + g)")
        copies("staff_members", "staff", id="gen_random_uuid()", user_id=made("user"))
        copies("environments", "env", id="gen_random_uuid()", name="'Place ' || (:first + g)")
        copies(
            "departments",
            "dep",
            id="gen_random_uuid()",
            key="'d' || (:first + g)",
            name="'Department ' || (:first + g)",
        )
        copies(
            "services", "service", id="gen_random_uuid()", key="'s' || (:first + g)", name="'Service ' || (:first + g)"
        )
        copies(
            "request_types", "type", id="gen_random_uuid()", key="'t' || (:first + g)", name="'Type ' || (:first + g)"
        )
        copies(
            "organizations", "org", id=made("org"), slug="'client-' || (:first + g)", name="'Client ' || (:first + g)"
        )
        copies(
            "accounts",
            "acme",
            id=made("account"),
            organization_id=made("org"),
            key="'K' || (:first + g)",
            name="'Account ' || (:first + g)",
        )


@pytest.fixture
def case(world, run_outbox):
    """A case with a public word, a note, a file and an event; everybody was told."""
    staged = world.stage(by="rita").id
    found = world.open_case("rita", subject="A printer", visibility="shared", staged=[staged], environment="Test")
    world.put_in_copy(found, "mel@acme.example")
    world.answer(found, "We look into it.")
    world.note(found)
    ada = world.ctx("ada")
    help_articles.add_article(ada, help_articles.add_category(ada, "Printing"), "Printers", body="A printer")
    tag_case(world, found, "printers")
    add_task(world.ctx("ana", "staff"), found, TaskFacts("Look at it", True, world.ana.staff_id))
    write_reply(world, "Printer", by="ada")
    write_reply(world, "My printer", by="ana", shared=False)
    topic = ask(world, add_space(world), "A printer")
    reply(world, topic)
    run_outbox()
    return found


def measure(world, as_user, statements, case, paths=tuple(PAGES)):
    """Statements by page."""
    counts = {}
    key = world.reload(case).key
    for path in paths:
        who, _most = PAGES[path]
        address = path.format(
            case=key, contact=world.rita.contact_id, topic=world.rows(CommunityTopic)[0].id, tag=world.rows(Tag)[0].id
        )
        browser = as_user(who)
        with statements() as seen:
            # Pages of a thousand rows are judged by other tests.
            answer = browser.get(address, checked=False)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        bound = {column for statement in seen for column in acting.bound_columns(statement, LITERAL_COLUMNS)}
        assert not bound, f"{address} compares {bound} with parameters: no partial index is used"
        counts[path] = len(seen)
    return counts


@pytest.mark.check(26, "at most 12 statements beside the tenancy")
def test_pages_cost_the_same_for_ten_rows_and_for_a_thousand(world, as_user, statements, case):
    crowd = Crowd(world)
    crowd.grow(case, FEW, 100)
    crowd.people(FEW, 100)
    world.session.commit()
    measure(world, as_user, statements, case)
    few = measure(world, as_user, statements, case)

    crowd.grow(case, MANY, 1000)
    crowd.people(MANY, 1000)
    world.session.commit()
    assert len(world.rows(Case)) > MANY and len(world.rows(Message)) > MANY
    many = measure(world, as_user, statements, case)
    # The first look at new lines marks them as read; the second one is what such a page costs.
    again = [path for path in PAGES if many[path] > min(few[path], PAGES[path][1])]
    many |= measure(world, as_user, statements, case, again)

    agreed = {path: few[path] + MARKED + BEYOND_ITS_LIST.get(path, 0) for path in PAGES}
    grew = {path: (few[path], many[path]) for path in PAGES if many[path] > agreed[path]}
    assert not grew, f"statements grow with rows: {grew}"
    dear = {path: (many[path], most) for path, (_who, most) in PAGES.items() if many[path] > most}
    assert not dear, f"more statements than agreed: {dear}"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("rita@acme.example", "parley-demo"),
        ("rita@acme.example", "wrong"),
        ("nobody@acme.example", "wrong"),
        ("jan@acme.example", "wrong"),
    ],
)
def test_a_sign_in_costs_one_verification_for_known_and_unknown(world, client, email, password):
    """Who answers faster tells who exists; who verifies twice can be kept busy."""
    with mock.patch.object(passwords, "_hasher", wraps=passwords._hasher) as hasher:
        client().post("/sign-in", data={"email": email, "password": password})
    assert hasher.verify.call_count == 1 and hasher.hash.call_count == 0


def test_known_and_unknown_addresses_cost_the_same_statements(world, client, statements):
    counts = []
    for email in ("rita@acme.example", "nobody@acme.example"):
        client().post("/sign-in", data={"email": f"x{email}", "password": "wrong"})
        with statements() as seen:
            client().post("/sign-in", data={"email": email, "password": "wrong"})
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("who", "path", "data", "most"),
    [
        (
            "rita",
            "/new/outage",
            {"account": "ACME", "severity": "3", "subject": "A printer", "description": "It is down"},
            50,
        ),
        ("rita", "/cases/{case}/replies", {"body": "Any news?"}, 40),
        ("ana", "/desk/cases/{case}/reply", {"body": "Soon"}, 45),
    ],
)
def test_writing_costs_the_same_in_a_long_conversation(world, as_user, statements, case, who, path, data, most):
    counts = []
    for round_, (number, first) in enumerate(((FEW, 100), (MANY, 1000))):
        Crowd(world).grow(case, number, first)
        world.session.execute(
            text("UPDATE cases SET message_count = :n WHERE id = :id"), {"n": first + number, "id": case.id}
        )
        world.session.execute(text("UPDATE account_counters SET last_number = :n"), {"n": first + number})
        world.session.commit()
        with statements() as seen:
            answer = as_user(who).post(path.format(case=case.key), data={**data, "once": f"{path}{round_}"})
        assert answer.status_code == 303, answer.text[:300]
        counts.append(len(seen))
    assert counts[0] >= counts[1] and counts[1] <= most, counts

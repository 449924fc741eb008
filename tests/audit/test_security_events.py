"""Security events: what an attacker tries and who changes what people see, seen by those who may, of their provider."""

import datetime as dt

import pytest

from portal.identity import actions as identity
from portal.identity import throttle
from portal.identity.models import User
from portal.kernel import clock, security_events
from portal.kernel.security_events import SecurityEvent
from tests.identity.steps import WRONG, sign_in

HOME = "192.0.2.7"


@pytest.fixture
def from_home(client, app, monkeypatch):
    """`from_home(path, data)`: what a stranger's browser at HOME posts, with fresh counters of tries."""
    monkeypatch.setitem(app.extensions, throttle.EXTENSION, throttle.Counters(""))
    browser = client()

    def post(path, data, place=HOME):
        answer = browser.post(path, data=data, environ_base={"REMOTE_ADDR": place})
        answer.close()  # what was noted is stored after the answer
        return answer

    return post


def rows_of(world, kind):
    world.session.info.pop("tenancy", None)  # requests share the connection, and left it bound to a stranger
    world.system()
    world.session.expire_all()
    return world.rows(SecurityEvent, SecurityEvent.kind == kind)


def cells(page, kind):
    """The texts of the cells in the first row about *kind*."""
    row = next(row for row in page.all("tr") if kind in row.text)
    return [cell.text for cell in row.all("td")]


def test_wrong_passwords_of_an_hour_are_one_row(world, as_user, from_home):
    for _ in range(3):
        from_home("/sign-in", {"email": world.rita.email, "password": WRONG})
    [row] = rows_of(world, security_events.SIGN_IN_FAILED)
    assert (row.user_id, row.place, row.count) == (world.rita.id, HOME, 3)
    found = cells(as_user("ada").get("/admin/security").page, "Wrong password")
    assert found[1:5] == ["Rita Costa", "–", HOME, "3"]


def test_an_address_that_nobody_has_is_not_stored(world, as_user, from_home):
    """People type their passwords into that field; and an attacker would fill the table with addresses."""
    for n in range(4):
        from_home("/sign-in", {"email": f"secret{n}@acme.example", "password": WRONG})
    [row] = rows_of(world, security_events.SIGN_IN_FAILED)
    assert (row.user_id, row.count) == (None, 4)
    page = as_user("ada").get("/admin/security").page
    assert cells(page, "Wrong password")[1] == "Nobody here" and "secret" not in page.text


def test_a_throttled_try_is_another_kind(world, from_home):
    ctx = world.system()
    ctx.ip = HOME
    with world.app.app_context():
        for _ in range(throttle.FROM_PLACE.amount):
            throttle.count_failure(throttle.source_of(ctx, str(world.rita.id)))
    assert from_home("/sign-in", {"email": world.rita.email, "password": WRONG}).status_code == 429
    [row] = rows_of(world, security_events.SIGN_IN_THROTTLED)
    assert (row.user_id, row.place, row.count) == (world.rita.id, HOME, 1)


def test_links_asked_for_are_counted_for_known_and_unknown_addresses(world, from_home):
    for email in (world.rita.email, world.rita.email, "nobody@acme.example"):
        assert from_home("/password", {"email": email}).status_code == 303
    found = {row.user_id: row.count for row in rows_of(world, security_events.RESET_ASKED)}
    assert found == {world.rita.id: 2, None: 1}
    for _ in range(throttle.MAILS_TO_ADDRESS.amount):
        from_home("/password", {"email": world.rita.email})
    [row] = rows_of(world, security_events.LINK_THROTTLED)
    assert (row.user_id, row.count) == (world.rita.id, 2)


def test_refused_requests_name_the_person_and_the_page_not_the_case(world, as_user):
    case = world.open_case("rita")
    for path in ("/admin/mail", f"/desk/cases/{case.key}/severity"):
        answer = as_user("aud").get(path)
        assert answer.status_code == 403
        answer.close()
    found = {row.address: row.user_id for row in rows_of(world, security_events.REQUEST_FORBIDDEN)}
    assert found == dict.fromkeys(("GET /admin/mail", "GET /desk/cases/…/severity"), world.person("aud").id)
    assert case.key not in as_user("ada").get("/admin/security").page.text


def test_a_form_without_a_valid_token_is_one(world, client):
    browser = client("rita")
    browser.post("/me", data={"name": "X", "csrf_token": "forged"}).close()
    [row] = rows_of(world, security_events.FORM_REFUSED)
    assert (row.user_id, row.address) == (world.rita.id, "POST /me")


def test_an_ordinary_day_leaves_the_sign_in_only(world, client, as_user):
    browser = client()
    sign_in(browser, world.rita.email).close()
    browser.get("/cases").close()
    as_user("rita").get("/cases/NOPE-1").close()
    world.system()
    assert {row.kind for row in world.rows(SecurityEvent)} == {"session.started"}


def test_changed_roles_and_rules_name_who_did_it(world, as_user):
    member = f"/admin/staff/{world.person('tom').staff_id}"
    form = as_user("ada").get(member).page.form(member)
    assert as_user("ada").submit(form, role="lead").status_code == 303
    form = as_user("olga").get("/org/acme/sharing").page.form("/org/acme/sharing")
    assert as_user("olga").submit(form, default_visibility="shared").status_code == 303
    assert as_user("rita").post("/me/sessions/end-others").status_code == 303
    page = as_user("ada").get("/admin/security").page
    assert cells(page, "Role or accounts")[:3] == [
        "Role or accounts of a staff member changed Agent → Team lead",
        "Tom Berg",
        "Ada Novak",
    ]
    assert cells(page, "Sharing rules")[0] == "Sharing rules changed New cases are shared"
    assert cells(page, "Sharing rules")[1:3] == [world.acme.name, "Olga Brandt"]
    assert cells(page, "Signed out of all")[1] == "Rita Costa"


def test_a_browser_that_is_signed_out_from_another_one_is_an_event(world, as_user, client):
    there, here = client("rita"), client("rita")
    assert there.get("/me").status_code == 200
    rows = [row for row in here.get("/me/sessions").page.all("tr") if row.all("form")]
    [path] = [row.first("form").get("action") for row in rows if "This browser" not in row.text]
    assert here.post(path).status_code == 303 and here.post("/sign-out").status_code == 303
    assert cells(as_user("ada").get("/admin/security").page, "Signed out of another browser")[1:3] == 2 * ["Rita Costa"]
    assert len(rows_of(world, "session.ended")) == 1  # leaving the browser in use is none


def test_invitations_links_and_ended_people_are_events(world, as_user, ctx_of):
    rita, ada = world.row(User, world.rita.id), ctx_of("ada")
    new = identity.add_person(ada, name="New Person", email="new@acme.example")
    identity.invite(ada, new)
    identity.withdraw_invitation(ada, new)
    identity.end_person(ada, new)
    identity.confirm_sign_in(world.system(), rita)
    page = as_user("ada").get("/admin/security").page
    for kind in ("Invitation sent", "Invitation withdrawn", "All access of a person ended"):
        assert cells(page, kind)[1:3] == ["New Person", "Ada Novak"], kind
    assert cells(page, "Right password after too many wrong ones")[1] == "Rita Costa"


def test_an_accepted_invitation_says_so(world, as_user, ctx_of):
    new = identity.add_person(ctx_of("ada"), name="New Person", email="new@acme.example")
    identity.set_password(ctx_of("ada"), new, "correct horse battery 42")
    assert "an invitation was accepted" in cells(as_user("ada").get("/admin/security").page, "Password set")[0]


@pytest.mark.parametrize(
    ("path", "typed", "kind", "detail"),
    [
        ("/admin/organizations/acme", {"active": ""}, "Sharing rules", "Organization archived"),
        (
            "/admin/accounts/ACME",
            {"suspend": "y", "suspended": "Unpaid"},
            "Account suspended",
            "No cases can be opened",
        ),
        ("/admin/settings", {"registration": "anyone"}, "who can sign in", "Anyone"),
    ],
)
def test_settings_that_open_or_shut_are_events(as_user, path, typed, kind, detail):
    form = as_user("ada").get(path).page.form(path)
    assert as_user("ada").submit(form, **typed).status_code == 303
    page = as_user("ada").get("/admin/security").page
    assert detail in cells(page, kind)[0] and cells(page, kind)[2] == "Ada Novak"


def test_the_table_is_bounded_whatever_an_attacker_sends(world, as_user, from_home, monkeypatch):
    monkeypatch.setattr(security_events, "MOST_ROWS", 5)
    for n in range(12):
        from_home("/sign-in", {"email": world.rita.email, "password": WRONG}, place=f"192.0.2.{n}")
    rows = rows_of(world, security_events.SIGN_IN_FAILED)
    assert len(rows) == 6 and sum(row.count for row in rows) == 12
    [rest] = [row for row in rows if not row.key]
    assert (rest.user_id, rest.place, rest.count) == (None, "", 7)
    from_home("/sign-in", {"email": world.rita.email, "password": WRONG}, place="192.0.2.0")
    counts = {row.place: row.count for row in rows_of(world, security_events.SIGN_IN_FAILED)}
    assert counts["192.0.2.0"] == 2
    assert "More people and addresses in this hour" in as_user("ada").get("/admin/security").page.text


def test_old_ones_are_deleted_by_the_periodic_job(world, from_home, travel):
    from_home("/sign-in", {"email": world.rita.email, "password": WRONG})
    for days, left in ((89, 1), (2, 0)):
        travel(days=days)
        security_events.delete_old(world.system(), clock.now() - dt.timedelta(days=90), 1_000)
        assert len(rows_of(world, security_events.SIGN_IN_FAILED)) == left


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("group=sign-ins", True),
        ("group=refused", False),
        ("group=x", True),
        ("q=rita", True),
        ("q=RITA%40acme.example", True),
        (f"q={HOME}", True),
        ("q=192.0.2.8", False),
        ("q=%25", False),
        ("q=%00", True),
        ("days=1", True),
        ("days=x&page=x", True),
        ("page=99999999999", False),
    ],
)
def test_the_list_is_filtered_and_bad_filters_harm_nobody(world, as_user, from_home, query, seen):
    from_home("/sign-in", {"email": world.rita.email, "password": WRONG})
    answer = as_user("ada").get(f"/admin/security?{query}")
    assert answer.status_code == 200 and ("Wrong password" in answer.page.text) == seen


def test_the_list_has_pages(world, as_user):
    ctx = world.system()
    for n in range(60):
        ctx.ip = f"192.0.2.{n}"
        security_events.count_try(ctx, security_events.SIGN_IN_FAILED, world.rita.id)
    page = as_user("ada").get("/admin/security").page
    assert len(page.all("tr")) == 51 and page.all("a", rel="next")
    assert len(as_user("ada").get("/admin/security?page=2").page.all("tr")) == 11


def test_times_are_told_in_the_readers_zone(world, as_user, from_home, monkeypatch):
    from_home("/sign-in", {"email": world.rita.email, "password": WRONG})
    [row] = rows_of(world, security_events.SIGN_IN_FAILED)
    world.row(User, world.person("ada")).zone = "Asia/Ho_Chi_Minh"
    world.session.flush()
    there = row.last_at.astimezone(dt.timezone(dt.timedelta(hours=7)))
    assert there.strftime("%H:%M") in cells(as_user("ada").get("/admin/security").page, "Wrong password")[5]


@pytest.mark.parametrize(
    ("who", "status"),
    [("ada", 200), ("pat", 200), ("aud", 200), ("ana", 403), ("lee", 403), ("rita", 403), ("olga", 403)],
)
def test_only_some_roles_see_them(as_user, who, status):
    assert as_user(who).get("/admin/security").status_code == status
    assert ('href="/admin/security"' in as_user(who).get("/admin").text) == (status == 200)


def test_nobody_sees_those_of_another_provider(world, as_user, from_home):
    from_home("/sign-in", {"email": world.rita.email, "password": WRONG})
    page = as_user("sue").get("/admin/security").page
    assert "Rita" not in page.text and HOME not in page.text and "Nothing has happened yet" in page.text

"""Issue 14, mention of people on the case: a note calls a colleague who works on it; nobody is let in."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, StaffRole
from portal.cases.actions import desk
from portal.cases.engine.mentions import find_mentions
from portal.cases.queries.people import staff_readers
from portal.cases.queries.staff import assignable_staff
from portal.identity.models import User
from portal.notifications.models import Notification, OutgoingMail
from portal.tenants.models import StaffMember
from portal.web.rich_text import rich_text
from portal.web.rich_text.mentions import mark_mentions

TEAM = [(1, "Tom Baker"), (2, "Tom Reed"), (3, "Anna Maria Lee"), (4, "Łukasz Żak"), (5, "İpek Ay")]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("@Tom Baker look", [("Tom Baker", {1})]),
        ("(@tom baker) and @TOM REED.", [("tom baker", {1}), ("TOM REED", {2})]),
        ("@Tom", [("Tom", {1, 2})]),
        ("@Anna, @Anna Maria Lee", [("Anna", {3}), ("Anna Maria Lee", {3})]),
        ("@łukasz", [("łukasz", {4})]),
        ("@Tomas", []),
        ("tom@Tom.example", []),
        ("x@Anna @@Anna https://a.example/@Anna", []),
        ("@ Anna", []),
        ("@nobody", []),
        ("@Tom_x and @Anna1", []),
        # In lower case this name is longer than it is.
        ("@İpek look", [("İpek", {5})]),
    ],
)
def test_which_names_a_text_mentions(body, found):
    assert [(one.text, set(one.people)) for one in find_mentions(body, TEAM)] == found


def test_whole_names_only_where_that_is_asked():
    assert find_mentions("@Tom and @Anna", TEAM, whole=True) == []
    assert find_mentions("@Tom Reed", TEAM, whole=True)[0].people == {2}


@given(st.text(max_size=200))
def test_a_mention_is_a_part_of_its_text(body):
    for one in find_mentions(f"{body}@Anna {body}", TEAM):
        assert f"@{one.text}" in f"{body}@Anna {body}"


@given(st.text(max_size=200), st.text(min_size=1, max_size=30))
def test_marking_changes_no_other_character(body, name):
    html = rich_text(f"{body}\n@{name}\n", whole=True)
    assert mark_mentions(html, [(name, name)]).striptags() == html.striptags()


def test_a_name_is_marked_neither_in_links_nor_in_code_and_is_escaped():
    html = rich_text("@Ann `@Ann` https://a.example/?x=@Ann and @Ann", whole=True)
    marked = mark_mentions(html, [("Ann", "<Ann> of today")])
    assert marked.count('<strong class="mention" dir="auto">@&lt;Ann&gt; of today</strong>') == 2
    assert isinstance(marked, Markup) and "<Ann>" not in marked


@pytest.fixture
def case(world):
    return world.case_in("open", by="rita")


def note(as_user, case, body, who="ana"):
    return as_user(who).post(f"/desk/cases/{case.key}/note", data={"body": body})


def told(world, who, case):
    """What *who* was told because a note of *case* mentions them."""
    of_case = (Notification.user_id == world.person(who).id, Notification.case_id == case.id)
    return world.rows(Notification, *of_case, Notification.reason == "mentioned")


def test_a_colleague_is_told_and_shown_with_the_name_of_today(world, as_user, run_outbox, case):
    name = world.person("lee").name
    assert note(as_user, case, f"@{name}, do you know the vendor?").status_code == 303
    run_outbox()
    assert len(told(world, "lee", case)) == 1
    bell = as_user("lee").get("/notifications")
    assert "mentioned you in an internal note" in bell.text
    world.row(User, world.person("lee").id).name = "Lee Newname"
    world.session.commit()
    page = as_user("ana").get(f"/desk/cases/{case.key}")
    (mark,) = page.page.all("strong", **{"class": "mention"})
    assert mark.text == "@Lee Newname"


def test_a_first_name_that_fits_one_person_is_enough(world, as_user, run_outbox, case):
    first = world.person("lee").name.split()[0]
    assert note(as_user, case, f"@{first}: look").status_code == 303
    run_outbox()
    assert told(world, "lee", case)


def test_a_colleague_who_does_not_see_the_case_is_not_called(world, as_user, run_outbox, case):
    """Tom looks after Globex only; Pat configures; Aud reads cases but no notes. The name stays text, and is said."""
    for who in ("tom", "pat"):
        name = world.person(who).name
        answer = note(as_user, case, f"@{name}, look")
        assert answer.status_code == 303
        page = as_user("ana").get(answer.location)
        assert f"{name} does not see this case, so the name stays text and calls nobody." in page.text
        assert f"@{name}, look" in page.page.text and not page.page.all("strong", **{"class": "mention"})
        run_outbox()
        assert not told(world, who, case)


def test_an_exclusion_holds_against_a_mention(world, as_user, run_outbox, case):
    world.exclude(case, "lee")
    assert note(as_user, case, f"@{world.person('lee').name}, look").status_code == 303
    run_outbox()
    assert not told(world, "lee", case)
    assert [message.mentions for message in world.messages_of(case) if message.is_note] == [[]]


def test_the_list_of_names_is_that_of_the_audience(world, case):
    """The page offers who answers the account; the action asks the rules of the audience. They name the same."""
    for excluded in (None, "lee"):
        if excluded:
            world.exclude(case, excluded)
        ctx = world.ctx("ana")
        sees = {one.user_id for one in staff_readers(ctx, case) if Permission.CASE_NOTE in ROLES[StaffRole(one.role)]}
        offered = {row.user_id for row in world.rows(StaffMember, StaffMember.id.in_(assignable_staff(ctx, case)))}
        assert sees == offered and world.ana.id in sees


def test_whoever_lost_sight_after_the_note_hears_nothing(world, as_user, run_outbox, case):
    assert note(as_user, case, f"@{world.person('lee').name}, look").status_code == 303
    world.exclude(case, "lee")
    run_outbox()
    assert not told(world, "lee", case)


def test_a_mute_holds_against_a_mention(world, as_user, run_outbox, case):
    as_user("lee").post(f"/desk/cases/{case.key}/mute", data={})
    note(as_user, case, f"@{world.person('lee').name}, look")
    run_outbox()
    assert not told(world, "lee", case)


def test_a_note_with_a_name_never_leaves(world, as_user, run_outbox, case):
    """Clients are not in the list of names, and nothing of the note reaches them."""
    lee, rita = world.person("lee").name, world.person("rita").name
    assert note(as_user, case, f"@{lee} @{rita} SECRET-WORD").status_code == 303
    run_outbox()
    assert not told(world, "rita", case)
    for path in (f"/cases/{case.key}", f"/cases/{case.key}/print", "/notifications", "/cases"):
        assert "SECRET-WORD" not in as_user("rita").get(path).text
    assert not [mail for mail in world.rows(OutgoingMail) if "SECRET-WORD" in mail.text + mail.html]


CLIENTS = ("rita", "mel", "cora", "olga", "gil")
# Each address of the portal on which a case, its text or what is known of it is read.
ROADS = (
    *("/", "/cases", "/cases.csv", "/cases?q={word}", "/notifications", "/tick", "/search?q={word}"),
    *(
        "/cases/{key}",
        "/cases/{key}/print",
        "/cases/{key}/people",
        "/cases/{key}/replies",
        "/cases/{key}/replies?to={id}",
    ),
    *("/cases/{key}/quoted?message={id}", "/cases/{key}/resolution", "/cases/{key}/reopen"),
    "/cases/{key}/sharing",
)
WORD = st.text("bcdfghjklmnp", min_size=9, max_size=14).map("zq{}".format)


@given(
    words=st.lists(WORD, min_size=1, max_size=3, unique=True),
    called=st.lists(st.sampled_from(("lee", "ada", "tom", "rita", "mel", "olga")), max_size=4),
)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_word_of_a_note_reaches_a_client_on_any_road(world, as_user, run_outbox, case, words, called):
    """Notes with mentions of staff and of clients. Nobody of the clients reads a word of them, or hears of them."""
    parts = [
        part for at, word in enumerate(words) for part in (word, *(f"@{world.person(w).name}" for w in called[at:]))
    ]
    before = {line.id for line in world.rows(Notification)}
    assert note(as_user, case, " ".join(parts)).status_code == 303
    run_outbox()
    clients = {world.person(who).id: who for who in CLIENTS}
    assert not [line for line in world.rows(Notification) if line.user_id in clients and line.id not in before]
    for mail in world.rows(OutgoingMail):
        if mail.user_id in clients or mail.user_id is None:
            assert not [word for word in words if word in f"{mail.subject} {mail.text} {mail.html}"]
    message = max((one for one in world.messages_of(case) if one.is_note), key=lambda one: one.position)
    for who in CLIENTS:
        browser = as_user(who)
        for road in ROADS:
            path = road.format(key=case.key, id=message.id, word=words[0])
            text = browser.get(path, checked=False).text
            if "q=" in road:
                # What was searched for stands in the box and in links; the case is not found by it.
                assert f"/cases/{case.key}" not in text, f"{who} finds a note at {path}"
                text = text.replace(words[0], "")
            assert not [word for word in words if word in text], f"{who} reads a word of a note at {path}"
    reader = as_user("rita")
    assert case.subject in reader.get(f"/cases/{case.key}").text, "the roads above show what is public"
    assert f"/cases/{case.key}" in reader.get(f"/search?q={case.key}").text + reader.get("/cases").text
    desk = as_user("ana").get(f"/desk/cases/{case.key}").text
    assert all(word in desk for word in words), "the search above looks for what staff read"


def test_a_public_reply_does_not_call_a_colleague(world, as_user, case):
    name = world.person("lee").name
    answer = as_user("ana").post(f"/desk/cases/{case.key}/reply", data={"body": f"@{name} will look"})
    assert answer.status_code == 422 and f"“@{name}” calls a colleague" in answer.text
    assert f"@{name} will look" in answer.page.first("textarea", id="body").text
    assert not [m for m in world.messages_of(case) if m.kind == "reply"]
    sent = as_user("ana").post(
        f"/desk/cases/{case.key}/reply", data={"body": f"{name} will look, write to a@b.example"}
    )
    assert sent.status_code == 303


def test_who_is_on_the_case_may_have_the_name_of_a_colleague(world, as_user, case):
    rita, lee = (world.row(User, world.person(who)) for who in ("rita", "lee"))
    lee.name = rita.name
    world.session.flush()
    sent = as_user("ana").post(f"/desk/cases/{case.key}/reply", data={"body": f"@{rita.name}, please look"})
    assert sent.status_code == 303


def test_what_a_client_writes_behind_an_at_is_text_for_whoever_is_not_on_the_case(world, as_user, run_outbox, case):
    name = world.person("lee").name
    assert as_user("rita").post(f"/cases/{case.key}/replies", data={"body": f"@{name} help"}).status_code == 303
    run_outbox()
    assert f"@{name} help" in as_user("rita").get(f"/cases/{case.key}").page.text
    assert all(message.mentions == [] for message in world.messages_of(case))


def test_notes_offer_colleagues_and_replies_offer_the_people_of_the_case(world, as_user, case):
    lee, tom, rita = (world.person(who).name for who in ("lee", "tom", "rita"))
    for path in ("", "/reply", "/note"):
        desk = as_user("ana").get(f"/desk/cases/{case.key}{path}").page.first("div", **{"data-writing": "body"})
        assert lee in desk.get("data-people") and tom not in desk.get("data-people")
        assert rita not in desk.get("data-people")
        assert (rita in desk.get("data-readers")) is (path != "/note") and lee not in desk.get("data-readers")
    for path in ("", "/replies"):
        portal = as_user("rita").get(f"/cases/{case.key}{path}").page.first("div", **{"data-writing": "body"})
        assert lee not in str(portal.attributes) and rita not in (portal.get("data-readers") or "")


def test_a_reply_of_support_tells_whom_it_mentions_once(world, as_user, run_outbox, case):
    rita = world.person("rita")
    sent = as_user("ana").post(f"/desk/cases/{case.key}/reply", data={"body": f"@{rita.name}, please look"})
    assert sent.status_code == 303
    run_outbox()
    (line,) = world.rows(Notification, Notification.user_id == rita.id, Notification.case_id == case.id)
    assert line.reason == "mentioned"
    assert "mentioned you in a reply" in as_user("rita").get("/notifications").text
    (mail,) = [one for one in world.rows(OutgoingMail, OutgoingMail.user_id == rita.id) if one.kind == "answered"]
    assert f"@{rita.name}, please look" in mail.text
    for who, path in (("rita", "/cases/"), ("ana", "/desk/cases/")):
        (mark,) = as_user(who).get(f"{path}{case.key}").page.all("strong", **{"class": "mention"})
        assert mark.text == f"@{rita.name}"


def test_a_client_mentions_people_of_the_case_and_the_owner(world, as_user, run_outbox, case):
    world.put_in_copy(case, world.person("mel").email)
    desk.take(world.ctx("lee"), world.case(case.key))
    world.session.commit()
    mel, lee = world.person("mel"), world.person("lee")
    body = f"@{mel.name} and @{lee.name}, look. @{world.person('olga').name} too"
    assert as_user("rita").post(f"/cases/{case.key}/replies", data={"body": body}).status_code == 303
    run_outbox()
    (message,) = [one for one in world.messages_of(case) if one.body == body]
    assert {one["user"] for one in message.mentions} == {str(mel.id), str(lee.id)}
    for who in ("mel", "lee"):
        assert len(told(world, who, case)) == 1
    assert not told(world, "olga", case)
    mails = [mail for mail in world.rows(OutgoingMail, OutgoingMail.user_id == mel.id) if mail.kind == "comment"]
    assert len(mails) == 1


def test_a_name_in_public_lets_nobody_in(world, as_user, run_outbox, case):
    stranger = world.person("gil")
    before = len(case.grants)
    for who, path in (("ana", f"/desk/cases/{case.key}/reply"), ("rita", f"/cases/{case.key}/replies")):
        assert as_user(who).post(path, data={"body": f"@{stranger.name} look"}).status_code == 303
    run_outbox()
    assert not told(world, "gil", case) and as_user("gil").get(f"/cases/{case.key}").status_code == 404
    assert all(message.mentions == [] for message in world.messages_of(case))
    assert len(world.case(case.key).grants) == before


def test_a_note_with_the_words_of_others_calls_nobody(world, run_outbox, case):
    world.note(case, f"From a mail: @{world.person('lee').name} and @{world.person('tom').name}")
    run_outbox()
    assert not told(world, "lee", case) and not told(world, "tom", case)

"""Tags: staff put words on cases and find them by these; customers see none of it."""

import pytest
from sqlalchemy import select

from portal.cases.actions import links, tags
from portal.cases.models import CaseTag, Tag
from portal.cases.queries.lists import Filters, tab_page
from portal.cases.queries.tags import count_cases, known_tags, tags_of_case
from portal.cases.rules import fold_tag, split_tags
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.kernel.events import Event
from portal.notifications.models import OutgoingMail
from tests.support.tags import add_tag, tag_case

WORD = "zebrafish"


@pytest.fixture
def case(world):
    return world.open_case("rita", subject="Orders stand still", visibility="shared")


def names_on(world, case):
    return [name for _id, name in tags_of_case(world.ctx("ana", "staff"), case.id)]


def row_of(page, case):
    return page.all(id=f"row-{case.key}")[0]


def tag_named(world, name):
    return next(row for row in world.rows(Tag) if row.folded == fold_tag(name))


def events_of(world, case, name):
    rows = select(Event).where(Event.case_id == case.id, Event.name == name).order_by(Event.id)
    return world.session.scalars(rows).all()


@pytest.mark.parametrize(
    ("one", "other"), [("VPN", "vpn"), ("Straße", "STRASSE"), ("ŻÓŁW", "żółw"), ("ｖｐｎ", "vpn"), ("a  b", "A b")]
)
def test_names_are_compared_without_letter_case(one, other):
    assert fold_tag(one) == fold_tag(other)


def test_a_line_of_tags_is_split_at_commas_each_once():
    assert split_tags(" vpn, VPN ,#printer,, two words ") == ["vpn", "printer", "two words"]


def test_tags_are_added_and_taken_off_on_the_page_without_a_script(world, as_user, case):
    ana = as_user("ana")
    path = f"/desk/cases/{case.key}"
    assert ana.post(f"{path}/tags", data={"tag": f"{WORD}, Printer fleet"}).status_code == 303
    assert names_on(world, case) == ["Printer fleet", WORD]
    page = ana.get(path).page
    assert "Printer fleet" in page.text and f"Tagged: {WORD}, Printer fleet" in page.text
    assert f"Tagged: {WORD}, Printer fleet" in ana.get(f"{path}/history").page.text
    gone = str(tag_named(world, WORD).id)
    assert ana.post(f"{path}/tags", data={"remove": gone}).status_code == 303
    assert names_on(world, case) == ["Printer fleet"]
    assert [event.facts["tags"] for event in events_of(world, case, "case.untagged")] == [[WORD]]
    # Once more changes nothing and tells of nothing.
    assert ana.post(f"{path}/tags", data={"remove": gone}).status_code == 303
    assert len(events_of(world, case, "case.untagged")) == 1


def test_a_known_name_in_another_letter_case_is_the_same_tag(world, case):
    tag_case(world, case, "VPN")
    assert tags.add_tags(world.ctx("ana"), world.reload(case), "vpn") == []
    assert [row.name for row in world.rows(Tag)] == ["VPN"]
    assert len(events_of(world, case, "case.tagged")) == 1


def test_the_customer_sees_tags_nowhere(world, as_user, run_outbox, case):
    run_outbox()
    before = world.reload(case).updated_at, world.reload(case).version
    mails = len(world.rows(OutgoingMail))
    tag_case(world, case, WORD)
    run_outbox()
    assert len(world.rows(OutgoingMail)) == mails
    assert (world.reload(case).updated_at, world.reload(case).version) == before
    rita, tag_id = as_user("rita"), tag_named(world, WORD).id
    for path in (
        f"/cases/{case.key}",
        f"/cases/{case.key}/print",
        "/cases",
        "/cases.csv",
        "/cases?columns=tags,number",
    ):
        assert WORD not in rita.get(path).text, path
    assert case.key not in rita.get(f"/search?q={WORD}").text
    assert case.key not in rita.get(f"/search?q=tag:{WORD}").text
    # The filter is none of the portal's: it neither narrows the list nor tells that it could.
    rows = {f"/cases?tag={one}": case.key in rita.get(f"/cases?tag={one}").text for one in (tag_id, case.id)}
    assert set(rows.values()) == {True}
    assert tab_page(world.ctx("rita", "contact"), "my", Filters(tag_id=tag_id)).rows == []
    assert known_tags(world.ctx("rita", "contact")) == ()
    assert rita.get(f"/desk/cases/{case.key}/tags").status_code in (403, 404)


def test_queues_show_filter_and_export_tags(world, as_user, case):
    other = world.open_case("mel", subject="Something else", visibility="shared")
    tag_case(world, case, f"{WORD}, two words")
    ana, tag_id = as_user("ana"), tag_named(world, WORD).id
    page = ana.get("/desk/queue/all").page
    assert WORD in row_of(page, case).text and WORD not in row_of(page, other).text
    narrowed = ana.get(f"/desk/queue/all?tag={tag_id}")
    assert case.key in narrowed.text and f"row-{other.key}" not in narrowed.text
    assert f"Tag: {WORD}" in narrowed.page.text
    assert "not found" in ana.get(f"/desk/queue/all?tag={case.id}").page.text
    lines = ana.get("/desk/queue/all/cases.csv").text
    assert f"two words, {WORD}" in next(line for line in lines.splitlines() if case.key in line)
    assert WORD not in row_of(ana.get("/desk/queue/all?columns=number").page, case).text


def test_search_on_the_desk_finds_a_tag_by_its_name_or_its_beginning(world, as_user, case):
    other = world.open_case("mel", subject="Something else")
    tag_case(world, case, f"{WORD}, two words")
    ana = as_user("ana")
    for asked in (f"tag:{WORD}", "tag:ZEBRA", 'tag:"Two Words"', f"tag:{WORD} orders"):
        found = ana.get(f"/desk/search?q={asked}").text
        assert f"row-{case.key}" in found or f"/desk/cases/{case.key}" in found, asked
        assert f"/desk/cases/{other.key}" not in found, asked
    assert f"/desk/cases/{case.key}" not in ana.get("/desk/search?q=tag:nothing").text


def test_tags_of_many_cases_at_once(world, as_user, case):
    other = world.open_case("mel", subject="Something else", visibility="shared")
    ana = as_user("ana")
    asked = {"case": [case.key, other.key], "action": "tag"}
    assert "Add tags to 2 cases?" in ana.post("/desk/bulk", data=asked).text
    empty = ana.post("/desk/bulk", data={**asked, "confirm": "1", "tag": " "}, checked=False)
    assert empty.status_code == 422 and "Write a tag" in empty.text
    assert ana.post("/desk/bulk", data={**asked, "confirm": "1", "tag": WORD}).status_code == 303
    assert names_on(world, case) == names_on(world, other) == [WORD]
    off = {"case": [case.key], "action": "untag", "confirm": "1", "tag": WORD.upper()}
    assert ana.post("/desk/bulk", data=off).status_code == 303
    assert (names_on(world, case), names_on(world, other)) == ([], [WORD])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "Write a tag"),
        (" , #", "Write a tag"),
        ("x" * 41, "A tag has at most 40 letters"),
        ('say "hi"', "A tag has no comma and no quotation marks"),
        (", ".join(f"t{n}" for n in range(21)), "A case has at most 20 tags"),
    ],
)
def test_what_is_no_tag_is_refused_and_kept_in_the_field(world, as_user, case, line, said):
    answer = as_user("ana").post(f"/desk/cases/{case.key}/tags", data={"tag": line}, checked=False)
    assert answer.status_code == 422 and said in answer.text
    assert names_on(world, case) == [] and not world.rows(Tag)


def test_who_may_not_write_notes_may_not_tag(world, case):
    with pytest.raises(Forbidden):
        tags.add_tags(world.ctx("rita", "contact"), case, WORD)
    with pytest.raises(Forbidden):
        tags.add_tag(world.ctx("ana"), name=WORD)
    assert not world.rows(Tag)


def test_a_merged_case_is_tagged_no_more_and_its_tags_go_along(world, case):
    twin = world.open_case("rita", subject="Twin", visibility="shared")
    tag_case(world, twin, f"{WORD}, both")
    tag_case(world, case, "Both")
    links.merge(world.ctx("ana"), world.reload(twin), world.reload(case))
    assert names_on(world, case) == ["both", WORD]
    with pytest.raises(Conflict):
        tags.add_tags(world.ctx("ana"), world.reload(twin), "late")


def test_a_tag_is_renamed_retired_and_merged_in_administration(world, as_user, case):
    ada = as_user("ada")
    assert ada.post("/admin/tags/new", data={"name": "Outage"}).status_code == 303
    again = ada.post("/admin/tags/new", data={"name": "OUTAGE"}, checked=False)
    assert again.status_code == 422 and "is already on the list" in again.text
    tag_case(world, case, f"outage, {WORD}")
    row = tag_named(world, "outage")
    path = f"/admin/tags/{row.id}"
    ada.submit(ada.get(path).page.form(path), name="Big outage")
    assert names_on(world, case) == ["Big outage", WORD]
    ada.submit(ada.get(path).page.form(path), active=None)
    assert names_on(world, case) == ["Big outage", WORD]
    with pytest.raises(Refused, match="no longer in use"):
        tags.add_tags(world.ctx("ana"), world.reload(case), "big OUTAGE")
    gone = tag_named(world, WORD)
    assert "There is no other tag that is in use." in ada.get(f"/admin/tags/{gone.id}/merge").text
    target = add_tag(world, "Fish")
    merged = ada.get(f"/admin/tags/{gone.id}/merge").page.form(f"/admin/tags/{gone.id}/merge")
    assert ada.submit(merged, target=str(target.id)).status_code == 303
    assert names_on(world, case) == ["Big outage", "Fish"]
    assert ada.get(f"/admin/tags/{gone.id}", checked=False).status_code == 404


def test_a_merge_leaves_each_case_with_one_of_the_two(world, case):
    tag_case(world, case, "one, two")
    tags.merge_tags(world.ctx("ada", "staff"), tag_named(world, "one"), tag_named(world, "two"))
    assert names_on(world, case) == ["two"]
    assert len(world.rows(CaseTag, CaseTag.case_id == case.id)) == 1
    with pytest.raises(Refused):
        tags.merge_tags(world.ctx("ada", "staff"), tag_named(world, "two"), tag_named(world, "two"))


def test_numbers_count_only_cases_that_the_reader_sees(world, case):
    """Tom looks after Globex only."""
    tag_case(world, case, WORD)
    tag_id = tag_named(world, WORD).id
    assert count_cases(world.ctx("ana", "staff")) == {tag_id: 1}
    assert count_cases(world.ctx("tom", "staff")) == {}


def test_a_name_of_another_provider_is_not_offered(world, as_user, case):
    add_tag(world, "southern secret", by="sue")
    assert "southern secret" not in as_user("ana").get(f"/desk/cases/{case.key}").text
    assert "southern secret" not in as_user("ada").get("/admin/tags").text

"""Saved views of the desk and saved filters of the portal: who finds them, what they show, what they tell."""

from urllib.parse import parse_qs, urlsplit

import pytest

from portal.cases.actions import desk
from portal.cases.actions import saved_views as actions
from portal.cases.models import SavedView
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.events import Event
from tests.support.saved_views import save_filter, save_view


def keys(answer):
    return [cell.text for cell in answer.page.all("td", data_cell="key")]


def stored(world):
    """The one view that is saved, as it is now."""
    world.session.expire_all()
    [view] = world.rows(SavedView)
    return view


def link(page, label):
    """The address of the link *label*."""
    return next(a.get("href") for a in page.all("a") if a.text.strip() == label)


def list_of(answer):
    """The address that an answer leads to, as (path, parameters)."""
    assert answer.status_code == 303
    split = urlsplit(answer.location)
    return split.path, {name: value[0] for name, value in parse_qs(split.query).items()}


def test_a_queue_is_saved_with_everything_its_address_says(world, as_user):
    acme = world.open_case("rita", subject="A printer on fire")
    world.open_case("gil", subject="A printer on fire too")
    ana = as_user("ana")
    query = "account=ACME&severity=3&group=status&sort=-updated&columns=number,status"
    page = ana.get(f"/desk/queue/unassigned?{query}").page
    assert link(page, "Save as view").startswith("/desk/views/new?view=unassigned&")
    answer = ana.post(
        f"/desk/views/new?view=unassigned&{query}", data={"name": "Fires", "audience": "me", "pinned": "y"}
    )
    path, given = list_of(answer)
    assert path == "/desk/queue/unassigned"
    assert given["account"] == str(world.accounts["ACME"].id) and given["columns"] == "number,status"
    assert (given["group"], given["sort"], given["severity"]) == ("status", "-updated", "3")
    shown = ana.get(answer.location)
    assert keys(shown) == [acme.key] and "Fires" in shown.page.first("h1").text
    [view] = world.rows(SavedView)
    assert list_of(ana.get(f"/desk/views/{view.id}")) == (path, given)
    assert "Save as view" not in shown.page.text and "Edit view" in shown.page.text


def test_the_rail_counts_what_the_reader_sees(world, as_user):
    for who in ("rita", "rita", "gil"):
        world.open_case(who)
    view = save_view(world, "Everything new", by="lee", audience="everyone", pinned=True)
    actions.pin_view(world.ctx("tom", "staff"), view, pinned=True)
    for who, number in (("lee", "3"), ("tom", "1")):
        rail = as_user(who).get("/desk/views").page.first("nav", class_="rail")
        assert rail.first("span", data_count=f"view-{view.id}").text == number
        assert as_user(who).get("/desk/queue/all").page.first("ul", data_live="pinned=1")
        counts = as_user(who).get("/desk/tick?pinned=1").get_json()["counts"]
        assert counts[f"view-{view.id}"] == number
    assert "Everything new" not in as_user("ana").get("/desk/queue/all").page.first("nav", class_="rail").text


def test_a_view_of_someone_who_sees_more_tells_nobody_more(world, as_user):
    """Tom does not look after Acme: a view that is filtered by it shows him no case and not even the name."""
    world.open_case("rita", subject="Secret of acme")
    view = save_view(world, "One client", by="lee", audience="everyone", account=world.accounts["ACME"].id)
    tom = as_user("tom")
    leads = tom.get(f"/desk/views/{view.id}")
    assert "ACME" not in leads.location
    page = tom.get(leads.location)
    assert page.status_code == 200 and keys(page) == []
    text = page.get_data(as_text=True)
    assert "Account: not found" in page.page.text and "that you do not see" in page.page.text
    copy = tom.get(f"/desk/views/new?copy={view.id}").get_data(as_text=True)
    for told in (text, copy, tom.get("/desk/views").get_data(as_text=True)):
        assert "ACME" not in told and "Acme" not in told and "Secret" not in told
    assert keys(as_user("ana").get(as_user("ana").get(f"/desk/views/{view.id}").location)) != []


def test_a_filter_whose_subject_is_gone_says_so_and_does_not_fail(world, as_user):
    gone = "01890000-0000-7000-8000-000000000000"
    names = ("account", "department", "owner", "by", "type", "env", "organization")
    view = save_view(world, parameters=dict.fromkeys(names, gone))
    ana = as_user("ana")
    page = ana.get(ana.get(f"/desk/views/{view.id}").location)
    assert page.status_code == 200 and page.page.text.count("not found") >= len(names)
    assert "It finds nothing until that filter is taken off" in page.page.text
    assert "Department: not found" in ana.get(f"/desk/views/{view.id}/edit").page.text


def test_a_changed_list_is_saved_into_its_view_or_as_a_new_one(world, as_user):
    view = save_view(world, "Watched", severity=3)
    ana = as_user("ana")
    changed = ana.get(f"/desk/queue/all?severity=2&saved={view.id}").page
    assert "Save as a new view" in changed.text
    to = link(changed, "Save changes")
    form = ana.get(to).page
    assert "Severity:" in form.text
    answer = ana.post(to, data={"name": "Watched", "audience": "me", "version": "1"})
    assert list_of(answer)[1]["severity"] == "2" and stored(world).parameters == {"severity": "2"}
    renamed = ana.post(f"/desk/views/{view.id}/edit", data={"name": "Renamed", "audience": "me", "version": "2"})
    assert renamed.status_code == 303 and stored(world).name == "Renamed"
    assert stored(world).parameters == {"severity": "2"}
    assert ana.post(f"/desk/views/{view.id}/edit", data={"name": "Old", "version": "1"}).status_code == 409


@pytest.mark.parametrize("audience", ["department", "everyone"])
def test_sharing_needs_its_permission(world, as_user, audience):
    department = world.departments["business"].id
    content = {"audience": audience, "department_id": department if audience == "department" else None}
    with pytest.raises(Forbidden):
        save_view(world, by="ana", **content)
    shown = as_user("ana").get("/desk/views/new?view=all").page
    assert "Everyone who uses the desk" not in shown.text
    data = {"name": "Ours", "audience": audience, "department": str(department)}
    assert as_user("ana").post("/desk/views/new?view=all", data=data).status_code == 422
    assert as_user("lee").post("/desk/views/new?view=all", data=data).status_code == 303
    assert world.rows(Event, Event.name == "saved_view.added")


def test_a_view_of_a_department_is_found_by_its_people(world, as_user):
    department = world.departments["business"].id
    view = save_view(world, "Of business", by="lee", audience="department", department_id=department)
    members = [who for who in ("ana", "tom", "ada") if department in world.ctx(who, "staff").actor.department_ids]
    for who in ("ana", "tom", "ada"):
        assert as_user(who).get(f"/desk/views/{view.id}").status_code == (303 if who in members else 404)


def test_others_cannot_change_a_shared_view_and_can_copy_it(world, as_user):
    view = save_view(world, "Ours", by="lee", audience="everyone", severity=2)
    ana = as_user("ana")
    for verb in ("edit", "delete"):
        assert ana.get(f"/desk/views/{view.id}/{verb}").status_code == 404
        assert ana.post(f"/desk/views/{view.id}/{verb}", data={"name": "Mine"}).status_code == 404
    assert "Edit" not in [a.text for a in ana.get("/desk/views").page.all("a")]
    answer = ana.post(f"/desk/views/new?copy={view.id}", data={"name": "My copy", "audience": "me"})
    assert list_of(answer)[1]["severity"] == "2" and len(world.rows(SavedView)) == 2
    # Whoever may share mends and removes it, but does not make it private: it is not theirs.
    ada = as_user("ada")
    kept = ada.post(f"/desk/views/{view.id}/edit", data={"name": "Ours", "audience": "me", "version": "1"})
    assert kept.status_code == 422
    assert ada.post(f"/desk/views/{view.id}/delete").status_code == 303


def test_built_in_queues_are_only_copied(as_user):
    ana = as_user("ana")
    page = ana.get("/desk/views").page
    assert "/desk/views/new?view=mine" in [a.get("href") for a in page.all("a")]
    assert ana.post("/desk/views/new?view=mine", data={"name": "Mine", "audience": "me"}).status_code == 303
    assert ana.get("/desk/views/new?view=nonsense").status_code == 404


def test_what_is_typed_is_bounded_and_kept(world, as_user):
    ana = as_user("ana")
    for name, words in (("", "Write a name"), ("x" * 61, "60")):
        answer = ana.post("/desk/views/new?view=all", data={"name": name, "audience": "me"})
        assert answer.status_code == 422 and words in answer.page.text
    save_view(world, "Twice")
    answer = ana.post("/desk/views/new?view=all", data={"name": "tWICE", "audience": "me"})
    assert answer.status_code == 422 and "You have one with this name" in answer.page.text
    bold = ana.post("/desk/views/new?view=all", data={"name": "<b>Bold</b>", "audience": "me", "pinned": "y"})
    assert "<b>Bold" not in ana.get(bold.location).get_data(as_text=True)


def test_a_rail_and_a_person_hold_so_many(world, monkeypatch):
    views = [save_view(world, f"View {n}") for n in range(3)]
    monkeypatch.setattr(actions, "MOST_PINNED", 2)
    ctx = world.ctx("ana", "staff")
    for view in views[:2]:
        actions.pin_view(ctx, view, pinned=True)
    actions.pin_view(ctx, views[0], pinned=True)
    with pytest.raises(Conflict):
        actions.pin_view(ctx, views[2], pinned=True)
    actions.pin_view(ctx, views[0], pinned=False)
    actions.pin_view(ctx, views[2], pinned=True)
    monkeypatch.setattr(actions, "MOST_OWN", 3)
    with pytest.raises(Conflict):
        save_view(world, "One more")


def test_me_is_whoever_reads_the_view(world, as_user):
    own, other = world.open_case("rita"), world.open_case("rita")
    desk.take(world.ctx("ana", "staff"), own)
    desk.take(world.ctx("lee", "staff"), other)
    view = save_view(world, "Of the reader", by="lee", audience="everyone", owner="me")
    for who, case in (("ana", own), ("lee", other)):
        assert keys(as_user(who).get(as_user(who).get(f"/desk/views/{view.id}").location)) == [case.key]


def test_the_portal_saves_filters_of_ones_own(world, as_user):
    solved = world.case_in("resolved", subject="A solved one")
    world.open_case("rita", subject="An open one")
    rita = as_user("rita")
    page = rita.get("/cases?tab=my&status=resolved&sort=subject").page
    to = link(page, "Save this filter")
    assert "tab=my" in to and "status=resolved" in to
    answer = rita.post(to, data={"name": "Solved"})
    path, given = list_of(answer)
    assert path == "/cases" and (given["status"], given["sort"], given["tab"]) == ("resolved", "subject", "my")
    shown = rita.get(answer.location)
    assert keys(shown) == [solved.key] and "Solved" in shown.page.first("nav", class_="saved-filters").text
    [saved] = world.rows(SavedView)
    renamed = rita.post(f"/cases/filters/{saved.id}/edit", data={"name": "Done", "version": "1"})
    assert renamed.status_code == 303 and stored(world).parameters["status"] == "resolved"
    change = link(rita.get(f"/cases?tab=my&status=closed&saved={saved.id}").page, "Save changes")
    assert rita.post(change, data={"name": "Done", "version": "2"}).status_code == 303
    assert stored(world).parameters == {"status": "closed"}
    assert rita.post(f"/cases/filters/{saved.id}/delete").status_code == 303
    assert "saved-filters" not in rita.get("/cases").get_data(as_text=True)


def test_saved_filters_are_nobody_elses(world, as_user):
    saved = save_filter(world, "Just Rita's")
    for who in ("mel", "gil", "olga"):
        assert "Just Rita" not in as_user(who).get("/cases").page.text
        for path in ("", "/edit", "/delete"):
            assert as_user(who).get(f"/cases/filters/{saved.id}{path}").status_code == 404
    assert as_user("ana").get(f"/desk/views/{saved.id}").status_code == 404
    assert as_user("rita").get(f"/cases?saved={saved.id}").status_code == 200
    assert as_user("mel").get(f"/cases?saved={saved.id}").status_code == 200


def test_a_filter_by_a_foreign_account_is_saved_without_it(world, as_user):
    rita = as_user("rita")
    answer = rita.post("/cases/filters/new?tab=my&account=GLOBEX&status=any", data={"name": "All"})
    assert list_of(answer)[1].get("account") is None

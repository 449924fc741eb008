"""The cases of somebody who leaves the desk: handed over on the same screen, or nobody's, which the leads hear."""

from portal.notifications.models import Notification
from portal.tenants.actions import staff
from portal.tenants.queries import staff as staff_queries


def heard(world, case):
    return {row.user_id for row in world.rows(Notification, Notification.case_id == case.id)}


def test_the_screen_counts_their_open_cases_and_hands_them_over(world, as_user, run_outbox):
    case, over = world.case_in("open", staff="ana"), world.case_in("closed", staff="ana")
    path = f"/admin/staff/{world.ana.staff_id}/end"
    page = as_user("ada").get(path).page
    assert "They own 1 open case." in page.text
    answer = as_user("ada").post(path, data={"hand_to": str(world.lee.staff_id)})
    text = as_user("ada").get(answer.headers["Location"]).page.text
    assert "Ana Silva no longer has access." in text and "1 open case is with Lee Chen now." in text
    assert "Nobody owns" not in text
    assert world.reload(case).owner.user_id == world.lee.id
    assert world.reload(over).owner.user_id == world.ana.id
    run_outbox()
    assert world.lee.id in heard(world, case)


def test_what_nobody_takes_over_is_unassigned_and_the_leads_hear_of_it(world, as_user, run_outbox):
    case = world.case_in("open", staff="ana")
    path = f"/admin/staff/{world.ana.staff_id}/end"
    assert "They own 1 open case." in as_user("pat").get(path).page.text  # who sees no case counts the same
    answer = as_user("ada").post(path)
    text = as_user("ada").get(answer.headers["Location"]).page.text
    assert "Nobody owns 1 open case now; the leads are notified." in text and "open case is with" not in text
    assert world.reload(case).owner is None and world.event_names(case)[-1] == "case.assigned"
    assert case.key in as_user("lee").get("/desk/queue/unassigned").page.text
    run_outbox()
    assert heard(world, case) == {world.lee.id}


def test_who_may_not_own_a_case_does_not_get_it(world, as_user):
    case = world.case_in("open", staff="ana")
    answer = as_user("ada").post(f"/admin/staff/{world.ana.staff_id}/end", data={"hand_to": str(world.tom.staff_id)})
    assert answer.status_code == 303 and world.reload(case).owner is None  # Tom looks after Globex only


def test_nonsense_is_refused_and_changes_nothing(world, as_user):
    case = world.case_in("open", staff="ana")
    for wrong in ("x", str(world.rita.id), str(world.ana.staff_id)):
        answer = as_user("ada").post(f"/admin/staff/{world.ana.staff_id}/end", data={"hand_to": wrong})
        assert answer.status_code == 422 and "Choose a member of your team" in answer.page.text
    assert world.reload(case).owner.user_id == world.ana.id


def test_an_owner_who_loses_the_account_loses_the_case(world):
    case = world.case_in("open", staff="ana")
    member = staff_queries.staff_member(world.ctx("ada"), world.ana.staff_id)
    staff.change_staff(
        world.ctx("ada"),
        member,
        role="agent",
        tier=1,
        all_accounts=False,
        accounts=[world.globex.id],
        departments=[],
    )
    assert world.reload(case).owner is None

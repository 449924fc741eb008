"""D-04 and D-05: who stands in which lane, what a tick costs, moving a card with a reason."""

from portal.cases.actions import desk


def lane(answer, key):
    """The keys of the cards of a lane; a lane of the monitor without cards is not drawn."""
    sections = answer.page.all("section", aria_labelledby=f"lane-{key}")
    return [a.text for section in sections for a in section.all("a", class_="lane-card__key")]


def test_cases_stand_in_the_lane_of_their_nearest_promise(world, as_user, at, monday):
    ahead, update = world.open_case(severity=2), world.case_in("open", severity=1)
    world.answer(update)
    at("10:20")
    ana = as_user("ana")
    answer = ana.get("/desk/monitor")
    assert lane(answer, "ahead") == [ahead.key] and lane(answer, "updates") == [update.key]
    assert lane(answer, "breached") == []
    assert "Nothing in these lanes: Late, Under 30 min" in answer.page.first("main").text
    at("10:40")
    assert lane(as_user("ana").get("/desk/monitor"), "hurry") == [ahead.key]
    at("11:05")
    assert set(lane(as_user("ana").get("/desk/monitor"), "breached")) == {update.key, ahead.key}


def test_each_clock_of_a_case_stands_in_its_own_lane(world, as_user, at, monday):
    case = world.case_in("open", severity=1)
    at("14:10")
    world.answer(case)
    ana = as_user("ana")
    late = ana.get("/desk/monitor")
    assert lane(late, "breached") == [case.key] and lane(late, "updates") == [case.key]
    card = late.page.first("li", id=f"card-updates-{case.key}")
    assert "next update" in card.text and "late" not in card.text


def test_an_empty_monitor_says_so(as_user, monday):
    page = as_user("ana").get("/desk/monitor").page
    assert not page.all("section", class_="lane")
    assert "Nothing is late, and nothing falls due within 2 hours." in page.first("main").text


def test_a_tick_that_brings_nothing_new_is_a_304(world, as_user, monday):
    world.open_case(severity=2)
    ana = as_user("ana")
    page = ana.get("/desk/monitor")
    tag = page.page.first("div", id="lanes").get("hx-ptag")
    tick = ana.hx("/desk/monitor", headers={"HX-PTag": tag})
    assert tick.status_code == 304 and not tick.data
    world.open_case(severity=2)
    tick = ana.hx("/desk/monitor", headers={"HX-PTag": tag})
    assert tick.status_code == 200 and not tick.is_page and tick.headers["HX-PTag"] != tag


def test_a_new_breach_is_said_aloud_once_and_not_more_than_every_minute(world, as_user, at, monday):
    case = world.open_case(severity=2)
    ana = as_user("ana")
    since = ana.get("/desk/monitor").page.first("div", id="lanes").get("hx-get")
    at("11:00:40")
    ana = as_user("ana")
    assert f"Late now: {case.key}" in ana.hx(since).text
    again = ana.hx("/desk/monitor?since=2026-11-30T10:00:35Z")
    assert "Late now" not in again.text


def test_the_wall_has_no_chrome_and_nothing_to_press(world, as_user, monday):
    world.open_case(severity=2)
    page = as_user("ana").get("/desk/monitor?wall=1").page
    assert page.first("html").get("data-theme") == "dark" and not page.all("nav", class_="rail")
    assert not page.all("button")


def test_without_a_script_the_viewer_chooses_how_often_it_loads(as_user):
    assert as_user("ana").get("/desk/monitor?refresh=60").headers["Refresh"] == "60"
    assert "Refresh" not in as_user("ana").get("/desk/monitor?refresh=1").headers


def test_paused_it_asks_for_nothing(world, as_user, monday):
    world.open_case(severity=2)
    lanes = as_user("ana").get("/desk/monitor?pause=1").page.first("div", id="lanes")
    assert lanes.get("hx-trigger") == "none" and "data-ticking" not in lanes.attributes


def test_somebody_who_looks_after_globex_sees_globex(world, as_user, at, monday):
    world.open_case("rita", severity=2)
    theirs = world.open_case("gil", severity=1)
    at("11:30")
    answer = as_user("tom").get("/desk/monitor")
    assert lane(answer, "breached") == [theirs.key] and "Acme" not in answer.text
    assert as_user("tom").get("/desk/monitor?account=ACME").status_code == 404


def test_todays_figures_count_what_ended_today(world, as_user, at, monday):
    kept, broken = world.open_case(severity=2), world.open_case(severity=2)
    at("10:30")
    world.answer(kept)
    at("12:00")
    world.answer(broken)
    assert "first reply kept 50 % (1/2)" in as_user("ana").get("/desk/monitor").page.first("p", class_="figures").text


# -- the board of tiers -----------------------------------------------------------------------------------------------


def test_a_case_stands_under_its_tier_with_the_note(world, as_user, monday):
    case = world.case_in("open", severity=2)
    desk.escalate(world.ctx("ana"), case, tier=2, note="The connector drops every tenth order")
    answer = as_user("ana").get("/desk/escalations")
    assert lane(answer, "tier2") == [case.key] and lane(answer, "tier3") == []
    assert "The connector drops every tenth order" in answer.page.first("li", id=f"card-{case.key}").text


def test_an_alarm_brings_a_case_of_tier_one_onto_the_board(world, as_user, at, run_outbox, monday):
    case = world.open_case(severity=2)
    assert lane_or_none(as_user("ana").get("/desk/escalations"), "tier1") == []
    at("10:31")
    run_outbox()
    answer = as_user("ana").get("/desk/escalations")
    assert lane(answer, "tier1") == [case.key]
    assert "by rule “First and next response”" in answer.page.first("li", id=f"card-{case.key}").text


def lane_or_none(answer, key):
    return lane(answer, key) if answer.page.all("section", aria_labelledby=f"lane-{key}") else []


def test_moving_asks_for_a_reason_takes_an_owner_and_leads_back(world, as_user, monday):
    case = world.case_in("open", severity=2)
    desk.escalate(world.ctx("ana"), case, tier=2, note="For the second tier")
    ana = as_user("ana")
    board = ana.get("/desk/escalations").page
    move = next(link for link in board.links if link.startswith(f"/desk/cases/{case.key}/escalate?tier=3"))
    form = ana.get(move).page.form(f"/desk/cases/{case.key}/escalate")
    assert form["tier"] == "3"
    refused = ana.submit(form, note="")
    assert refused.status_code == 422 and world.reload(case).tier == 2
    moved = ana.submit(refused.page.form(form.action), note="It is the storage", owner=str(world.lee.staff_id))
    assert (moved.status_code, moved.location) == (303, f"/desk/escalations#card-{case.key}")
    case = world.reload(case)
    assert (case.tier, case.owner_id) == (3, world.lee.staff_id)
    assert lane(ana.get("/desk/escalations"), "tier3") == [case.key]


def test_back_leads_nowhere_else(world, as_user, monday):
    case = world.case_in("open")
    data = {"tier": "2", "note": "Go on", "back": "//evil.example/"}
    answer = as_user("ana").post(f"/desk/cases/{case.key}/escalate", data=data)
    assert answer.status_code == 303 and answer.location.startswith("/desk/cases/")


def test_what_waits_for_others_has_a_lane_of_its_own(world, as_user, monday):
    case = world.case_in("on_hold", severity=2)
    desk.escalate(world.ctx("ana"), case, tier=2, note="The vendor has it")
    answer = as_user("ana").get("/desk/escalations")
    assert lane(answer, "vendor") == [case.key] and "The vendor sends a part" in answer.text


def test_whoever_only_reads_cannot_move(world, as_user, monday):
    case = world.case_in("open", severity=2)
    desk.escalate(world.ctx("ana"), case, tier=2, note="For the second tier")
    page = as_user("aud").get("/desk/escalations").page
    assert not [link for link in page.links if "/escalate?" in link]


def test_pauses_have_questions(world, as_user, monday):
    world.case_in("waiting")
    text = as_user("lee").get("/desk/reports/pauses").page.first("main").text
    assert "Every pause has a question" in text


# -- how promises were kept (F7) --------------------------------------------------------------------------------------


def test_kept_promises_lead_to_the_late_ones_behind_them(world, as_user, at, monday):
    late, in_time = (
        world.open_case(severity=2, subject="Came late"),
        world.open_case(severity=2, subject="Came in time"),
    )
    at("10:30")
    world.answer(in_time)
    at("11:30")
    world.answer(late)
    lee = as_user("lee")
    page = lee.get("/desk/reports/sla").page
    row = next(row for row in page.all("tr", class_="list__row") if row.text.startswith("2 "))
    assert "1 of 2" in row.text and "half of them within 1 h" in row.text
    link = next(a.get("href") for a in row.all("a") if a.text == "1 late")
    behind = lee.get(link.partition("#")[0]).page.first("section", aria_labelledby="late").text
    assert late.key in behind and in_time.key not in behind
    elsewhere = lee.get("/desk/reports/sla?severity=1").page.first("section", aria_labelledby="late").text
    assert late.key not in elsewhere and "Every promise was kept" in elsewhere


def test_the_report_counts_what_its_reader_may_see(world, as_user, at, monday):
    case = world.open_case(severity=2)
    at("11:30")
    world.answer(case)
    assert case.key in as_user("ana").get("/desk/reports/sla").text
    theirs = as_user("tom").get("/desk/reports/sla").page.first("main").text  # he serves GLOBEX alone
    assert "No promise ended in this time" in theirs
    assert as_user("tom").get("/desk/reports/sla?account=ACME").status_code == 404
    assert as_user("pat").get("/desk/reports/sla").status_code == 403


def test_nonsense_in_its_address_is_left_out(world, as_user, monday):
    assert as_user("ana").get("/desk/reports/sla?days=900&severity=9&kind=x&page=-1").status_code == 200


def test_reports_are_in_the_rail_and_lead_to_each_other(world, as_user, monday):
    page = as_user("lee").get("/desk/reports/sla").page
    rail = [a.get("href") for a in page.first("nav", class_="rail").all("a")]
    assert "/desk/reports/sla" in rail and "/desk/reports/pauses" in page.links
    crumbs = as_user("lee").get("/desk/reports/pauses").page.first("nav", class_="crumbs").all("a")
    assert [a.get("href") for a in crumbs] == ["/desk/reports/sla"]

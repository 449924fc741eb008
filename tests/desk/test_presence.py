"""Who else has a case open, and who writes on it: told within one tick to staff who see the case, and to nobody."""

from portal.cases import presence
from portal.identity.models import User
from portal.kernel import ids, jobs


def tick(browser, case, **more):
    found = browser.get(
        "/desk/tick",
        query_string={"case": str(case.id), "last": str(ids.new_id()), **more},
        headers={"Accept": "application/json"},
    )
    assert found.status_code == 200
    return found.json.get("present")


def test_d02_a_colleague_is_seen_on_the_page_and_at_the_next_tick(world, as_user):
    case = world.open_case("rita")
    ana, lee = as_user("ana"), as_user("lee")
    assert "Also looking" not in ana.get(f"/desk/cases/{case.key}").get_data(as_text=True)
    assert "Also looking: " + world.ana.name in lee.get(f"/desk/cases/{case.key}").get_data(as_text=True)
    assert tick(ana, case) == ["Also looking: " + world.lee.name, ""]
    assert tick(lee, case, writing="1") == ["Also looking: " + world.ana.name, ""]
    assert tick(ana, case) == ["", "Writing now: " + world.lee.name]
    assert world.lee.name in ana.get("/desk/queue/all").page.first("tr", id=f"row-{case.key}").text
    assert tick(lee, case) == ["Also looking: " + world.ana.name, ""]
    assert tick(ana, case) == ["Also looking: " + world.lee.name, ""]


def test_d02_nobody_hears_of_a_case_out_of_sight_and_customers_hear_nothing(world, as_user):
    case = world.open_case("rita")
    ana, tom = as_user("ana"), as_user("tom")
    ana.get(f"/desk/cases/{case.key}")
    assert tick(tom, case) is None, "tom looks after another account"
    assert tick(ana, case) == ["", ""], "and his question told nobody that he asked"
    rita = as_user("rita").get("/tick", query_string={"case": str(case.id), "last": str(ids.new_id())})
    assert "present" not in rita.json
    for path in (f"/cases/{case.key}", "/cases"):
        assert world.ana.name not in as_user("rita").get(path).get_data(as_text=True)
    assert tick(ana, case) == ["", ""], "a customer with the page open is no colleague"


def test_d02_unchanged_polls_keep_somebody_there_and_arrivals_end_them(live):
    case_id, key = live.do(lambda world: (lambda case: (str(case.id), case.key))(world.open_case("rita")))
    live.work_due()
    ana, lee = live.client("ana"), live.client("lee")
    ana.get(f"/desk/cases/{key}")
    path = f"/desk/tick?case={case_id}&last={ids.new_id()}"
    tag = ana.get(path).headers["ETag"]
    kept = jobs.ask_redis(lambda redis: redis.keys(f"parley:present:{case_id}:*"), [], lost="")
    assert len(kept) == 1
    jobs.ask_redis(lambda redis: redis.expire(kept[0], 5), None, lost="")
    assert ana.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert jobs.ask_redis(lambda redis: redis.ttl(kept[0]), 0, lost="") > 50
    lee.get(f"/desk/cases/{key}")
    heard = ana.get(path, headers={"If-None-Match": tag})
    assert heard.status_code == 200 and "Also looking" in heard.json["present"][0]
    jobs.ask_redis(lambda redis: redis.delete(*redis.keys(f"parley:present:{case_id}:*")), None, lost="")
    assert ana.get(path).json["present"] == ["", ""], "who left is gone when the key has ended"


def test_d02_a_name_is_text_and_many_are_counted(world, as_user):
    many = [presence.Present(f"Person {n}", writes=False) for n in range(5)]
    with world.app.test_request_context():
        assert presence.presence_sentences(many)[0] == "Also looking: Person 0, Person 1, Person 2 and 2 more"
    case = world.open_case("rita")
    world.rows(User, User.id == world.lee.id)[0].name = "<b>Lee</b>"
    world.session.flush()
    as_user("lee").get(f"/desk/cases/{case.key}")
    for path in (f"/desk/cases/{case.key}", "/desk/queue/all"):
        assert "<b>Lee" not in as_user("ana").get(path).get_data(as_text=True)


def test_d02_without_redis_pages_work_and_show_nobody(world, as_user, monkeypatch):
    case = world.open_case("rita")
    monkeypatch.setattr(presence, "ask_redis", lambda _ask, without, lost: without)
    assert as_user("ana").get(f"/desk/cases/{case.key}").status_code == 200
    assert as_user("lee").get(f"/desk/cases/{case.key}").status_code == 200
    assert tick(as_user("ana"), case) == ["", ""]

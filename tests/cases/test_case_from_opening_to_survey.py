"""The loop that Parley exists for, by plain HTTP: opened for a colleague, answered, rejected, accepted, rated."""

import io

import pytest


@pytest.mark.check(44, "both names on the page")
@pytest.mark.check(46, "reject, accept, survey")
def test_a_case_opened_for_a_colleague_goes_all_the_way_round(world, as_user):
    cora = as_user("cora")
    form = cora.get("/new/outage?account=ACME").page.form("/new/outage")
    opened = cora.submit(
        form,
        account="ACME",
        contact=str(world.mel.contact_id),
        severity="2",
        subject="Scanner sends blank pages",
        description="Since this morning every scan is white.",
        visibility="private",
        attachments=[(io.BytesIO(b"first"), "scan.txt"), (io.BytesIO(b"second"), "log.txt")],
    )
    assert opened.status_code == 303, opened.text[:600]
    key = opened.headers["Location"].split("/")[-1].partition("?")[0]
    case = world.case(key)
    page = cora.get(f"/cases/{key}?opened=1").page
    assert "opened this for Mel Harper" in page.text and "scan.txt" in page.text and "log.txt" in page.text
    assert (case.state, case.visibility, case.contact_user_id) == ("new", "private", world.mel.id)

    ana = as_user("ana")
    assert ana.post(f"/desk/cases/{key}/reply", data={"body": "We are looking at the driver."}).status_code == 303
    assert case.state == "open"
    assert ana.post(f"/desk/cases/{key}/note", data={"body": "Firmware 4.2 again, the cursed one."}).status_code == 303
    mel = as_user("mel")
    seen = mel.get(f"/cases/{key}").page.text
    assert "looking at the driver" in seen and "cursed" not in seen

    solved = {"status": "resolved", "body": "The driver was renewed.", "check": "Scan one page."}
    assert ana.post(f"/desk/cases/{key}/status", data=solved).status_code == 303
    assert case.state == "resolved"
    refused = mel.post(f"/cases/{key}/resolution/reject", data={"reason": "  "})
    assert refused.status_code == 422 and "Write what is still wrong" in refused.text
    assert mel.post(f"/cases/{key}/resolution/reject", data={"reason": "Still white."}).status_code == 303
    assert (case.state, case.rejected_count, case.reopened_count) == ("open", 1, 1)

    assert ana.post(f"/desk/cases/{key}/status", data=solved | {"body": "Now with the right tray."}).status_code == 303
    assert mel.post(f"/cases/{key}/resolution/accept").status_code == 303
    assert case.state == "closed"
    assert mel.post(f"/cases/{key}/survey", data={"q1": "5", "q2": "Quick"}).status_code == 303
    assert mel.post(f"/cases/{key}/survey", data={"q1": "1"}).status_code == 409
    assert "case.accepted" in world.event_names(case)


def test_the_number_is_gap_free_when_opening_fails(world, as_user):
    rita = as_user("rita")
    first = world.open_case("rita")
    assert rita.post("/new/outage", data={"account": "ACME", "subject": "", "description": ""}).status_code == 422
    second = world.open_case("rita")
    assert second.number == first.number + 1

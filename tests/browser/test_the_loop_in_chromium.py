"""The loop in a real browser, with scripting and without."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False], ids=["scripted", "plain"])
@pytest.mark.check(29, "the loop, with files; the verbs of each seed are walked with scripts")
def test_opened_for_a_colleague_answered_rejected_accepted_rated(visit, tmp_path, javascript):
    subject = f"Scanner sends blank pages ({'scripted' if javascript else 'plain'})"
    files = [tmp_path / "scan.txt", tmp_path / "log.txt"]
    for file in files:
        file.write_text("What the machine said")
    cora = visit("cora", javascript=javascript)
    cora.goto("/new/outage?account=ACME")
    cora.select_option("select[name=contact]", label="Mel Harper")
    cora.check("input[name=severity][value='2']", force=True)
    cora.fill("input[name=subject]", subject)
    cora.fill("textarea[name=description]", "Since this morning.")
    cora.set_input_files("input[name=attachments]", files)
    cora.click("summary:has-text('More details')")
    cora.check("input[name=visibility][value=private]", force=True)
    if javascript:
        cora.wait_for_selector("[data-files] input[name=staged] >> nth=1", state="attached")
    cora.click("main form button:has-text('Open case')")
    cora.wait_for_url("**/cases/ACME-*")
    key = cora.url.split("/")[-1].partition("?")[0]
    assert "scan.txt" in cora.inner_text("main") and "log.txt" in cora.inner_text("main")
    assert "opened this for Mel Harper" in cora.inner_text("main")

    ana = visit("ana", javascript=javascript)
    ana.goto(f"/desk/cases/{key}/note")
    ana.fill("textarea[name=body]", "Internal zebra")
    ana.click("main form button[type=submit]:has-text('note')")
    ana.wait_for_load_state()
    ana.goto(f"/desk/cases/{key}/reply")
    ana.fill("textarea[name=body]", "We look at the driver.")
    ana.click("main form button[type=submit]:has-text('Send')")
    ana.wait_for_load_state()
    assert "Internal zebra" in ana.inner_text("main") and "We look at the driver." in ana.inner_text("main")
    resolve(ana, key)

    mel = visit("mel", javascript=javascript)
    mel.goto(f"/cases/{key}")
    assert "We look at the driver." in mel.inner_text("main") and "zebra" not in mel.content()
    mel.click("a:has-text('Reject solution')")
    mel.fill("textarea[name=reason]", "Still white")
    mel.click("main button:has-text('Reject solution')")
    mel.wait_for_url(f"**/cases/{key}*")
    assert "Reopened ×1" in mel.inner_text("main")
    resolve(ana, key)
    mel.goto(f"/cases/{key}")
    mel.click("main button:has-text('Accept solution')")
    mel.wait_for_load_state()
    assert "Closed" in mel.inner_text("main")
    mel.goto(f"/cases/{key}/survey")
    mel.check("input[name=q1][value='5']", force=True)
    mel.fill("textarea[name=q2]", "Quick and kind")
    mel.click("main form button[type=submit]")
    mel.wait_for_load_state()
    assert "Thank you" in mel.inner_text("main")


def resolve(ana, key):
    ana.goto(f"/desk/cases/{key}/status?status=resolved")
    if ana.locator("input[name=status][value=resolved][type=radio]").count():
        ana.check("input[name=status][value=resolved]", force=True)
    ana.fill("textarea[name=body]", "The driver was renewed.")
    if ana.locator("textarea[name=check]").count():
        ana.fill("textarea[name=check]", "Scan one page.")
    ana.click("main form button[type=submit]")
    ana.wait_for_load_state()


def test_an_empty_reason_leaves_the_button_reachable_and_says_why(visit, live):
    with live.inside() as world:
        key = world.case_in("resolved", by="rita").key
    rita = visit("rita")
    rita.goto(f"/cases/{key}/resolution")
    button = rita.locator("main button:has-text('Reject solution')")
    assert button.get_attribute("aria-disabled") == "true"
    button.click(force=True)
    assert "Write what is still wrong" in rita.inner_text("main")
    rita.fill("textarea[name=reason]", "x")
    assert button.get_attribute("aria-disabled") is None

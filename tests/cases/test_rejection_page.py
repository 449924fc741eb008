"""The page on which a customer decides about a solution."""


def test_who_comes_to_reject_stands_in_the_reason(world, as_user):
    base = f"/cases/{world.case_in('resolved').key}/resolution"
    for path, expected in ((base, False), (f"{base}?choice=reject", True), (f"{base}/reject", True)):
        reason = as_user("rita").get(path).page.first("textarea", name="reason")
        assert ("autofocus" in reason.attributes) is expected, path
    answer = as_user("rita").post(f"{base}/reject", data={"reason": ""})
    assert answer.status_code == 422


def test_reopening_a_solved_case_leads_to_the_same_screen(world, as_user):
    """Who decides about a solution finds one screen for "it is not solved", whatever they press."""
    case = world.case_in("resolved", by="rita")
    screen = f"/cases/{case.key}/resolution?choice=reject"
    answer = as_user("rita").get(f"/cases/{case.key}/reopen")
    assert answer.status_code == 303 and answer.headers["Location"].endswith(screen)
    assert as_user("rita").get(f"/cases/{case.key}").page.all("a", href=screen)

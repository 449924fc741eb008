"""The page on which a customer decides about a solution."""


def test_who_comes_to_reject_stands_in_the_reason(world, as_user):
    base = f"/cases/{world.case_in('resolved').key}/resolution"
    for path, expected in ((base, False), (f"{base}?choice=reject", True), (f"{base}/reject", True)):
        reason = as_user("rita").get(path).page.first("textarea", name="reason")
        assert ("autofocus" in reason.attributes) is expected, path
    answer = as_user("rita").post(f"{base}/reject", data={"reason": ""})
    assert answer.status_code == 422

"""Every acceptance point is proved by a test or says why it is not, and docs/checks.md says the same."""

from tests.support import acceptance_points as points


def test_every_point_is_proved_or_says_why():
    proved = {proof.point for proof in points.find_proofs()}
    excused = {**points.BY_PEOPLE, **points.NOT_BUILT, **points.BY_BENCH}
    assert proved | set(excused) == set(points.POINTS) == set(range(1, 51))
    assert not proved & set(points.NOT_BUILT), "what is not built cannot be proved"


def test_the_page_is_what_the_tests_say():
    assert points.PAGE.read_text() == points.render_page(), "run make docs"

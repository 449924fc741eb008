"""Two people press the button of one link at the same moment: one gets in, the other hears that it was used."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.identity.second_factors import code_of, set_up_app
from tests.identity.steps import invitation, sign_in


def test_one_invitation_lets_one_in(live):
    path = live.do(lambda world: invitation(world, "jan"))
    together = Barrier(4)

    def accept(n: int) -> int:
        browser = live.client()
        together.wait()
        return browser.post(path, data={"name": f"Jan {n}", "password": f"a phrase of hand {n}"}).status_code

    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(accept, range(4)))
    assert sorted(answers) == [303, 410, 410, 410]
    winner = answers.index(303)
    tries = [sign_in(live.client(), "jan@acme.example", f"a phrase of hand {n}").status_code for n in range(4)]
    assert [n for n, status in enumerate(tries) if status == 303] == [winner]


def test_one_code_of_a_second_factor_lets_one_in(live):
    """Each browser has the password. What the app shows now, and a recovery code, are used up by the first."""
    secret, codes = live.do(lambda world: set_up_app(world, "mel"))
    for code in (live.do(lambda world: code_of(world, secret)), codes[0]):
        browsers = [live.client() for _ in range(6)]
        for browser in browsers:
            assert sign_in(browser, "mel@acme.example").headers["Location"] == "/sign-in/factor"
        together = Barrier(len(browsers))

        def confirm(browser, code=code, together=together) -> bool:
            together.wait()
            browser.post("/sign-in/factor", data={"code": code})
            return "_user_id" in browser.cookie

        with ThreadPoolExecutor(len(browsers)) as hands:
            assert sorted(hands.map(confirm, browsers)) == [False] * (len(browsers) - 1) + [True]

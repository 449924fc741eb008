"""Two people press the button of one link at the same moment: one gets in, the other hears that it was used."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

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

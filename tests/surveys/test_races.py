"""Two browsers answer the same survey at the same moment: one is stored, the other hears so."""

import threading

import pytest

from portal.kernel import tokens
from portal.surveys.models import Survey

pytestmark = pytest.mark.crash


def test_two_answers_at_once_store_one(live):
    with live.inside() as world:
        case_id = world.case_in("closed").id
    with live.inside() as world:
        [survey] = world.rows(Survey, Survey.case_id == case_id)
        link = f"/s/{tokens.spell(survey.token_id)}"
    browsers, answers = [live.client() for _ in range(4)], []
    gate = threading.Barrier(len(browsers))

    def answer(browser, score):
        gate.wait()
        answers.append(browser.post(link, data={"q1": str(score), "q2": f"answer {score}"}).status_code)

    threads = [threading.Thread(target=answer, args=(b, n + 1)) for n, b in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409, 409, 409]
    with live.inside() as world:
        [survey] = world.rows(Survey, Survey.case_id == case_id)
        assert survey.answers["q2"] == f"answer {survey.score}"

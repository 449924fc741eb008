"""Every row of `rows.py` through the real actions and the real index, for a client and for staff; some on the pages."""

import pytest

from portal.search import queries
from tests.search.rows import FOUND, ROWS

ASKERS = (("rita", "contact", "/search"), ("ana", "staff", "/desk/search"))


def told(world, text, turn):
    """A case in which *text* was said: in its description, by its contact or by support, in turn."""
    if turn % 3 == 0:
        return world.open_case("rita", subject="Trouble", description=text)
    opened = world.open_case("rita", subject="Trouble", description="It does not work.")
    if turn % 3 == 1:
        world.reply(opened, text)
    else:
        world.answer(opened, text)
    return opened


def test_there_are_enough_rows():
    assert len(ROWS) >= 120 and len({row[:3] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("group", FOUND)
def test_a_question_finds_what_says_so_and_nothing_else(world, group):
    keys = {text: told(world, text, turn).key for turn, text in enumerate(FOUND[group])}
    askers = [(who, side) for who, side, _path in ASKERS]
    wrong = []
    for text, question, is_found in (row[1:] for row in ROWS if row[0] == group):
        for ctx in (world.ctx(*asker) for asker in askers):
            if (keys[text] in {case.key for case in queries.cases(ctx, question).rows}) is not is_found:
                wrong.append((str(ctx.actor.side), question, "should be" if is_found else "should not be", text))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("group", FOUND)
def test_the_pages_show_what_was_found(world, as_user, group):
    for turn, (text, (questions, _others)) in enumerate(FOUND[group].items()):
        case = told(world, text, turn)
        for who, _side, path in ASKERS:
            page = as_user(who).get(path, query_string={"q": questions[0]}).page
            found = {shown.get("href").rpartition("/")[2] for shown in page.all(class_="case-row__subject")}
            assert case.key in found, (path, questions[0])

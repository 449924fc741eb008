"""A value that no column can hold is what somebody sent, and no failure of ours."""

import pytest
from sqlalchemy.exc import DataError


@pytest.mark.parametrize(
    "problem",
    [
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
        DataError("SELECT", {}, Exception("text fields cannot contain NUL")),
    ],
    ids=["half of a character", "NUL"],
)
def test_a_value_that_no_column_holds_is_answered_with_a_sentence(world, problem):
    with world.app.test_request_context("/cases", base_url=f"http://{world.northwind.host}"):
        answer = world.app.handle_user_exception(problem)
    assert answer.status_code == 400 and "<h1" in answer.get_data(as_text=True)

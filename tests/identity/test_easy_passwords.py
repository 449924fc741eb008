"""Passwords that are guessed first are refused: common ones, those of the person and of the provider."""

import pytest

from portal.identity import actions, passwords
from portal.identity.models import User
from portal.kernel.errors import Refused


@pytest.mark.parametrize(
    "password",
    [
        *("password123", "qwertyuiop12", "zaq12wsxcde3", "1q2w3e4r5t", "iloveyou1234", "Summer2026!", "Tr0ub4dour&3"),
        *("haslo12345", "matkhau123", "aaaaaaaaaaaa", "abcabcabcabc", "01234567890123", "p4ssw0rd!!"),
        *("Northwind2026", "northwindmsp1", "n0rthwind-msp", "Rita Costa 1", "ritacosta12", "rita@acme.example"),
        *("acme.example!", "atsoc atir 1"),
        "password" * 12,
    ],
)
def test_what_is_guessed_first_is_refused(world, password):
    user = world.row(User, world.rita)
    with pytest.raises(Refused, match="too easy to guess"):
        actions.set_password(world.system(), user, password)


@pytest.mark.parametrize(
    "password",
    [
        "bread from the mill road",
        "a new pass phrase",
        "kJ8#mw0Qz2",
        "żółw i ósemka",
        "mật khẩu của tôi rất dài",
        "雨の日に傘を忘れた朝",
    ],
)
def test_what_takes_long_to_guess_is_accepted(world, password):
    user = world.row(User, world.rita)
    actions.set_password(world.system(), user, password)
    assert actions.knows_password(world.system(), user, password)


def test_what_is_judged_is_bounded(world):
    """The time that zxcvbn takes grows fast with letters that stand for others."""
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        import zxcvbn

        patch.setattr(zxcvbn, "zxcvbn", lambda text, user_inputs: seen.append(text) or {"guesses": 10**9})
        assert not passwords.is_easy_to_guess("4@8({[<369&#!1/|0$5+7%2" * 8, ["Rita"])
    assert [len(text) for text in seen] == [passwords.JUDGED]


def test_the_form_says_so_and_keeps_the_old_one(world, as_user):
    form = as_user("rita").get("/me/security").page.form("/me/security")
    answer = as_user("rita").submit(form, current="parley-demo", password="Northwind2026")
    assert answer.status_code == 422 and "too easy to guess" in answer.page.text

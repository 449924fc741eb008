"""docs/mail.md names every kind of mail, and every mail of the design's list."""

import re
from pathlib import Path

from portal.admin.labels import mail_kind_label
from portal.notifications.rules import DIGEST_KINDS, RULES, SUBSCRIBER_KINDS

ROOT = Path(__file__).parents[2]
# E25 is not in the list.
NUMBERS = {*range(1, 25), *range(26, 31)}


def test_the_list_of_mails_is_that_of_the_code():
    part = (ROOT / "docs" / "mail.md").read_text().partition("## The list of mails")[2]
    rows = [line.split("|")[1:3] for line in part.splitlines() if line.startswith("| ")][1:]
    listed = [int(found[1]) for name, _kind in rows if (found := re.match(r" E(\d+) ", name))]
    assert sorted(listed) == sorted(NUMBERS)
    named = {kind for _name, kinds in rows for kind in re.findall(r"`(\w+)`", kinds)}
    assert named == {rule.mail for rule in RULES if rule.mail} | DIGEST_KINDS | SUBSCRIBER_KINDS
    templates = ROOT / "templates" / "notifications" / "emails"
    assert all((templates / f"{kind}.{form}").is_file() for kind in named for form in ("html", "txt"))
    assert all("`" in kinds or kinds.startswith(" none") for _name, kinds in rows)


def test_every_kind_of_mail_has_a_name_for_the_administration(world):
    kinds = {rule.mail for rule in RULES if rule.mail} | DIGEST_KINDS | SUBSCRIBER_KINDS
    with world.app.test_request_context():
        unnamed = [kind for kind in kinds if mail_kind_label(kind) == kind]
    assert not unnamed

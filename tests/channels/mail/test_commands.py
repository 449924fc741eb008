"""`flask mail explain` says what would happen and changes nothing; `mail receive` lets it happen."""

import json
import mailbox

import pytest

from portal.cases.models import Case
from portal.channels.mail.models import InboundMail, Mailbox
from tests.channels.mail.messages import bounce, enclosing, nested, raw
from tests.channels.mail.test_intake import SUPPORT, Post

KEYS = {
    *("id", "from_email", "from_name", "subject", "body", "reply", "folded", "attachments", "class", "trusted", "why"),
    *("match", "fate", "seconds"),
}


@pytest.fixture
def run(app, world):
    """Call `flask …` at Northwind, which reads one mailbox."""
    runner = app.test_cli_runner()

    def call(*arguments: str, stdin: bytes = b"") -> list[dict]:
        world.session.commit()
        done = runner.invoke(args=list(arguments), input=stdin)
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    assert runner.invoke(args=["mailbox", "add", world.northwind.host, SUPPORT]).exit_code == 0
    return call


def test_explain_prints_a_line_for_each_message(run, world, tmp_path):
    post = Post(world)
    (tmp_path / "1.eml").write_bytes(post.mail("rita"))
    (tmp_path / "2.eml").write_bytes(post.mail("stranger@nowhere.example"))
    (tmp_path / "3.eml").write_bytes(bounce())
    (tmp_path / "4.eml").write_bytes(nested(500))
    (tmp_path / "5.eml").write_bytes(enclosing(500))
    (tmp_path / "6.eml").write_bytes(b"\x00\xff" * 1000)
    (tmp_path / "7.eml").write_bytes(b"")
    box = mailbox.mbox(tmp_path / "8.mbox")
    for number in range(2):
        box.add(raw(f"Message-ID: <m{number}@x.example>"))
    box.flush()
    lines = run("mail", "explain", str(tmp_path))
    assert [line["id"] for line in lines] == [f"{n}.eml" for n in range(1, 8)] + ["8.mbox#1", "8.mbox#2"]
    assert all(set(line) == KEYS for line in lines)
    assert [line["fate"] for line in lines[:3]] == ["case", "quarantine", "bounce"]
    assert lines[0]["trusted"] and lines[0]["match"] == {"by": None, "case": None}
    assert not world.rows(InboundMail)
    assert not world.rows(Case)


def test_explain_says_which_case(run, world):
    key = world.open_case(by="rita").key
    [line] = run("mail", "explain", stdin=Post(world).mail("rita", Subject=f"Re: [{key}]"))
    assert (line["fate"], line["match"]) == ("comment", {"by": "subject", "case": key})


def test_a_file_that_is_not_there_is_an_error_of_its_own_line(run, tmp_path):
    [line] = run("mail", "explain", str(tmp_path / "none.eml"))
    assert line["error"]


def test_receive_takes_a_mail_in(run, world):
    [answer] = run("mail", "receive", stdin=Post(world).mail("rita"))
    [case] = world.rows(Case)
    assert (answer["fate"], answer["case"]) == ("case", world.case(answer["case"]).key)
    assert answer["sentence"]
    assert [row.fate for row in world.rows(InboundMail)] == ["case"]
    assert case.channel == "mail"


def test_receive_by_host_and_address(run, world):
    [answer] = run("mail", "receive", "--host", world.northwind.host, stdin=Post(world).mail("rita", To="x@y.example"))
    assert (answer["fate"], answer["case"]) == ("quarantine", None)
    [answer] = run("mail", "receive", "--to", SUPPORT, stdin=Post(world).mail("rita", "Blind copy", To="x@y.example"))
    assert answer["fate"] == "case"


def test_a_mailbox_is_added_once(app, run, world):
    again = app.test_cli_runner().invoke(args=["mailbox", "add", world.northwind.host, SUPPORT])
    assert again.exit_code == 1
    assert len(world.rows(Mailbox)) == 1

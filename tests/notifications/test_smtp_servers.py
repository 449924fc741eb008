"""Mail servers that misbehave, on a real socket: a mail is sent once, again under its Message-ID, or given up."""

import re
import socketserver
import threading

import pytest

from portal.kernel import mail
from portal.notifications import jobs
from portal.notifications.models import OutgoingMail
from tests.notifications.test_sink import message


class Script(socketserver.StreamRequestHandler):
    """One SMTP session. The server's `plan` says what it does where; what it took is in `taken`."""

    def handle(self):
        if self.server.plan.get("greeting") == "stall":
            self.server.released.wait(5)
            return
        self.say(self.server.plan.get("greeting", "220 hello"))
        for line in self.rfile:
            verb = line.decode("ascii", "replace").split(":")[0].split()[0].upper()
            answer = self.server.plan.get(verb, {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 fine"))
            if answer == "stall":
                self.server.released.wait(5)
                return
            if verb == "DATA" and answer.startswith("354"):
                self.say(answer)
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                answer = self.server.plan.get("content", "250 taken")
                if answer.startswith(("250", "take and")):
                    self.server.taken.append(re.search(rb"(?im)^message-id:\s*(\S+)", content)[1].decode())
                if answer == "take and drop":
                    return
            self.say(answer)
            if verb == "QUIT" or answer.startswith("421"):
                return
            if verb == "DATA" and self.server.plan.get("after") == "drop":
                return

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def server():
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads, block_on_close = True, False

    with Server(("127.0.0.1", 0), Script) as made:
        made.plan, made.taken, made.released = {}, [], threading.Event()
        made.url = f"smtp://127.0.0.1:{made.server_address[1]}"
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.released.set()
        made.shutdown()


@pytest.mark.parametrize("plan", [{}, {"after": "drop"}, {"QUIT": "421 busy"}, {"QUIT": "stall"}, {"QUIT": "500 what"}])
def test_what_a_server_took_is_sent_whatever_it_does_then(server, plan, monkeypatch):
    monkeypatch.setattr(mail, "LEAVE_SECONDS", 0.2)
    server.plan = plan
    mail.send_mail(server.url, message(), timeout=5)
    assert server.taken == ["<1@x>"]


@pytest.mark.parametrize(
    ("plan", "kind"),
    [
        ({"greeting": "stall"}, mail.MailNotSent),
        ({"greeting": "421 busy"}, mail.MailNotSent),
        ({"MAIL": "451 later"}, mail.MailPostponed),
        ({"MAIL": "550 5.7.1 not your address"}, mail.MailNotSent),
        ({"MAIL": "530 sign in first"}, mail.MailNotSent),
        ({"MAIL": "552 too large"}, mail.MailRefused),
        ({"RCPT": "450 greylisted"}, mail.MailPostponed),
        ({"RCPT": "421 too many"}, mail.MailNotSent),
        ({"RCPT": "550 no such user"}, mail.MailRefused),
        ({"DATA": "stall"}, mail.MailInterrupted),
        ({"content": "452 full"}, mail.MailPostponed),
        ({"content": "554 spam"}, mail.MailRefused),
        ({"content": "take and drop"}, mail.MailInterrupted),
    ],
)
def test_what_a_server_did_not_confirm_is_owed_or_refused_for_good(server, plan, kind):
    server.plan = plan
    with pytest.raises(mail.MailNotSent) as problem:
        mail.send_mail(server.url, message(), timeout=0.5)
    assert type(problem.value) is kind


@pytest.mark.parametrize("answer", ["450 greylisted", "421 too many"])
def test_a_server_that_only_wants_to_wait_with_one_mail_is_asked_for_the_next(
    world, server, through_it, run_outbox, answer
):
    server.plan = {"RCPT": answer}
    for _each in range(2):
        world.open_case("rita")
    run_outbox()
    tried = sorted(row.attempts for row in world.rows(OutgoingMail))
    assert tried == ([1, 1] if answer.startswith("450") else [0, 0])


@pytest.fixture
def through_it(world, server, monkeypatch):
    monkeypatch.setattr(world.app.config["PARLEY"], "smtp_url", server.url)


def test_a_mail_whose_end_was_not_confirmed_comes_again_under_its_message_id(
    world, server, through_it, run_outbox, travel
):
    server.plan = {"content": "take and drop"}
    world.open_case("rita")
    run_outbox()
    [row] = world.rows(OutgoingMail)
    assert (row.state, row.attempts) == ("queued", 1)
    server.plan = {}
    travel(minutes=11)
    run_outbox()
    assert (row.state, server.taken) == ("sent", [row.message_id] * 2)
    travel(hours=1)
    run_outbox()
    assert len(server.taken) == 2


def test_a_worker_killed_between_sending_and_commit_sends_it_once_more_at_most(world, server, through_it, run_outbox):
    world.open_case("rita")
    world.app.config["PARLEY"].smtp_url, url = "", server.url
    run_outbox()
    [row] = world.rows(OutgoingMail)
    world.app.config["PARLEY"].smtp_url = url
    work = world.session.begin_nested()
    jobs.send_mail(world.system(), row.id)
    world.session.flush()
    work.rollback()
    assert world.rows(OutgoingMail)[0].state == "queued" and server.taken == [row.message_id]
    for _again in range(3):
        jobs.send_mail(world.system(), row.id)
    assert world.rows(OutgoingMail)[0].state == "sent" and server.taken == [row.message_id] * 2

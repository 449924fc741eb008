"""Every mail ends in one fate: who it is from, which case it belongs to, and what it may change."""

import datetime as dt
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from portal.cases.models import Case, Message, RequestType
from portal.channels.mail.actions.intake import take_in
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries.matching import SentMail
from portal.channels.mail.queries.reply_addresses import read_reply_address, reply_address
from portal.channels.mail.rules import IntakeRules, MailDelivery
from portal.kernel import clock
from portal.kernel.errors import Refused
from portal.kernel.storage import storage
from portal.notifications.mime import build_message
from portal.notifications.models import Notification, OutgoingMail
from portal.notifications.queries import find_sent_mail
from portal.presets.actions import install_preset
from portal.sla.queries.case_clocks import latest_clocks
from tests.channels.mail.messages import bounce, enclosing, feedback_report, nested, raw, with_file

SUPPORT = "support@northwind.example"
PASSED = "mx.northwind.example; dmarc=pass header.from={domain}"


@pytest.fixture
def post(world):
    """A mailbox, and a function that lets a mail arrive there."""
    add_mailbox(world.system(), SUPPORT)
    return Post(world)


class Post:
    """What a mail server in front of us does."""

    def __init__(self, world: Any) -> None:
        self.world = world

    def mail(self, sender: str = "rita", text: str = "The printer is broken.", **headers: str) -> bytes:
        """A mail of *sender*, a name of the test data or an address, confirmed by our own mail server."""
        address = sender if "@" in sender else f"{sender}@acme.example"
        message = EmailMessage()
        names = {"From": address, "To": SUPPORT, "Subject": "Printer", "Message-ID": f"<{id(message)}@x.example>"}
        names["Authentication-Results"] = PASSED.format(domain=address.rpartition("@")[2])
        for name, value in {**names, **{key.replace("_", "-"): value for key, value in headers.items()}}.items():
            if value:
                message[name] = value
        message.set_content(text)
        return message.as_bytes()

    def send(self, sender: str = "rita", text: str = "The printer is broken.", **headers: str) -> InboundMail:
        return self.take(self.mail(sender, text, **headers))

    def take(self, content: bytes, *recipients: str, rules: IntakeRules | None = None) -> InboundMail:
        delivery = MailDelivery("lmtp", clock.now(), recipients)
        return take_in(self.world.system(), content, delivery, rules or IntakeRules())

    def case_of(self, row: InboundMail) -> Case:
        assert "key" in row.facts, (row.reason, row.facts)
        return self.world.case(row.facts["key"])

    def sent(self, case: Case, who: str, message_id: str = "one@northwind.localhost") -> str:
        """A mail of ours about *case* to *who*."""
        self.world.session.add(
            OutgoingMail(
                provider_id=self.world.northwind.id,
                user_id=self.world.person(who).id,
                case_id=case.id,
                event_id=None,
                kind="answered",
                message_id=f"<{message_id}>",
                sender=SUPPORT,
                recipient=f"{who}@acme.example",
                subject="",
                text="",
                html="",
                state="sent",
                attempts=1,
                created_at=clock.now(),
            )
        )
        self.world.session.flush()
        return f"<{message_id}>"


def fate(row: InboundMail) -> tuple[str, str]:
    return row.fate, row.reason


# -- new cases --------------------------------------------------------------------------------------------------------


def test_a_mail_of_a_contact_opens_a_case_in_their_account(post, world):
    row = post.send("rita", "The printer prints blank pages.\n\n-- \nRita, +44 20 7946 0000", Subject="Printer broken")
    case = post.case_of(row)
    assert fate(row) == ("case", "new_case"), row.facts
    assert (case.subject, case.channel, case.account.key) == ("Printer broken", "mail", "ACME")
    assert "blank pages" in case.description
    assert "7946" in case.description
    assert (case.reported_by_id, case.contact_user_id) == (world.rita.id, world.rita.id)
    assert row.case_id == case.id
    assert b"".join(storage().read(row.storage_name)).startswith(b"From: rita@acme.example")


@pytest.mark.parametrize(
    ("written", "due"),
    [
        (dt.datetime(2027, 3, 3, 10, tzinfo=dt.UTC), dt.datetime(2027, 3, 4, 10, tzinfo=dt.UTC)),
        (dt.datetime(2027, 3, 5, 17, 30, tzinfo=dt.UTC), dt.datetime(2027, 3, 8, 17, 30, tzinfo=dt.UTC)),
    ],
    ids=["on a Wednesday", "late on a Friday"],
)
def test_H5_a_general_inquiry_by_mail_is_promised_a_reply_within_one_business_day(
    world, travel, run_outbox, written, due
):
    """FEATURES H5, with the preset of the seed that promises it."""
    install_preset(world.ctx("ada"), "platform")
    box = add_mailbox(world.system(), SUPPORT)
    box.request_type_id = next(row.id for row in world.rows(RequestType) if row.active and row.key == "inquiry")
    travel(seconds=(written - clock.now()).total_seconds())
    post = Post(world)
    case = post.case_of(post.send("rita", "Which plan fits eight depots?", Subject="Which plan fits us?"))
    assert (case.channel, case.severity) == ("mail", 4)
    (promised,) = [one for _row, one in latest_clocks(world.system(), case) if one.kind == "first_response"]
    assert abs(promised.due - due) < dt.timedelta(minutes=1)
    run_outbox()
    (receipt,) = world.rows(OutgoingMail, OutgoingMail.kind == "opened", OutgoingMail.case_id == case.id)
    assert receipt.recipient == "rita@acme.example"


def test_people_of_the_company_come_into_copy_and_others_are_proposed(post, world):
    row = post.send("rita", Cc="mel@acme.example, boss@other.example, support+x@northwind.example")
    case = post.case_of(row)
    assert {grant.user_id for grant in case.grants} == {world.mel.id}
    assert row.facts["proposed"] == ["boss@other.example"]


def test_files_are_kept_and_refused_ones_are_named(post, world):
    mail = with_file("notes.pdf", b"%PDF-1.4 content").replace(
        b"From:", b"Authentication-Results: mx.northwind.example; dmarc=pass header.from=acme.example\r\nFrom:"
    )
    case = post.case_of(post.take(mail))
    assert "See the file." in case.description
    bad = with_file("virus.exe", b"MZ content").replace(
        b"From:", b"Authentication-Results: mx.northwind.example; dmarc=pass header.from=acme.example\r\nFrom:"
    )
    row = post.take(bad.replace(b"a1@acme", b"a2@acme"))
    assert "virus.exe" in post.case_of(row).description
    assert row.facts["left_out"]


def test_a_forward_is_read_whole(post):
    text = "See below.\n\n---------- Forwarded message ---------\nFrom: Jan <jan@acme.example>\nDate: Mon, 2 Nov 2026\n"
    text += "Subject: Printer\nTo: Rita\n\nIt smokes."
    assert "It smokes." in post.case_of(post.send("rita", text, Subject="Fwd: Printer")).description


# -- whose ------------------------------------------------------------------------------------------------------------


def test_a_stranger_waits_in_quarantine_and_gets_no_mail(post, world, run_outbox):
    row = post.send("stranger@nowhere.example")
    run_outbox()
    assert fate(row) == ("quarantine", "unknown_sender")
    assert not world.rows(OutgoingMail)


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ("", "unauthenticated"),
        ("mx.evil.example; dmarc=pass header.from=acme.example", "unauthenticated"),
        ("mx.northwind.example; dmarc=fail header.from=acme.example", "unauthenticated"),
        (
            "mx.northwind.example; spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example",
            "unauthenticated",
        ),
        ("mx.northwind.example; dkim=pass header.d=acme.example", "new_case"),
        ("mx.northwind.example; spf=pass smtp.mailfrom=rita@acme.example", "new_case"),
        ("northwind.example.evil.example; dmarc=pass header.from=acme.example", "unauthenticated"),
    ],
)
def test_a_sender_is_believed_if_a_trusted_server_confirms_them(post, results, reason):
    assert post.send("rita", Authentication_Results=results).reason == reason


def test_unchecked_mail_is_accepted_only_where_the_settings_say_so(post):
    content = post.mail("rita", Authentication_Results="")
    assert post.take(content, rules=IntakeRules(accept_unchecked=True)).fate == "case"
    failed = post.mail("rita", Authentication_Results="mx.other.example; dmarc=fail header.from=acme.example")
    assert post.take(failed, rules=IntakeRules(accept_unchecked=True)).reason == "unauthenticated"
    staff = post.mail("ana@northwind.example", Authentication_Results="")
    assert post.take(staff, rules=IntakeRules(accept_unchecked=True)).reason == "staff_unauthenticated"


def test_a_spoofed_sender_with_the_attacker_in_copy_reaches_nobody(post, world, run_outbox):
    row = post.send("rita", Authentication_Results="", Cc="attacker@evil.example")
    run_outbox()
    assert row.fate == "quarantine"
    assert not world.rows(OutgoingMail)


def test_somebody_of_two_accounts_begins_in_the_older_one(post, world):
    row = post.send("cora")
    assert fate(row) == ("case", "new_case")
    assert post.case_of(row).account.key == "ACME"


def test_mails_above_the_rate_wait(post):
    rules = IntakeRules(per_hour=2)
    fates = [post.take(post.mail("rita", f"Number {number}"), rules=rules).reason for number in range(3)]
    assert fates == ["new_case", "new_case", "too_many"]


# -- where ------------------------------------------------------------------------------------------------------------


def test_an_answer_to_our_mail_joins_the_case(post, world):
    case = world.open_case(by="rita")
    sent = post.sent(case, "rita")
    row = post.send(
        "rita", "It still fails.\n\nOn 3 Nov 2026, at 14:05, Ana <a@b> wrote:\n\n> Did you?", In_Reply_To=sent
    )
    assert fate(row) == ("comment", "message_id")
    [message] = world.messages_of(case)
    assert (message.body, message.channel, message.author_id) == ("It still fails.", "mail", world.rita.id)
    assert find_sent_mail(world.system(), ["one@northwind.localhost"]) == SentMail(case.id, world.rita.id)


MARKER = "--- write above this line ---"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{MARKER}\nIs it on?\n\nYes, it is.", "Yes, it is."),
        (f"{MARKER}\nYes, it is.", "Yes, it is."),
        (f"> {MARKER}\n> Is it on?\n", "(The email has no text.)"),
    ],
    ids=("below ours", "only words", "only quotes"),
)
def test_words_below_the_marker_are_the_reply_where_a_file_is_all_that_stands_above(post, world, text, shown):
    case = world.open_case("rita")
    message = message_from_bytes(post.mail("rita", text, In_Reply_To=post.sent(case, "rita")), policy=default)
    message.add_attachment(b"%PDF-1.4 content", maintype="application", subtype="pdf", filename="proof.pdf")
    row = post.take(message.as_bytes())
    assert fate(row) == ("comment", "message_id")
    [reply] = world.rows(Message, Message.case_id == case.id)
    assert shown in reply.body


def test_the_root_of_the_thread_is_enough(post, world):
    case = world.open_case(by="rita")
    row = post.send("rita", "Any news?", References=f"<x@y> <case.{case.id.hex}@northwind.localhost>")
    assert (row.fate, row.case_id) == ("comment", case.id)
    foreign = post.send("rita", "Any news here?", References=f"<case.{case.id.hex}@other.localhost>")
    assert foreign.fate == "case"


def test_a_reply_to_the_customers_own_first_mail_joins_too(post, world):
    first = post.send("rita", Cc="mel@acme.example", Message_ID="<first@acme.example>")
    row = post.send("mel", "Same here.", In_Reply_To="<first@acme.example>")
    assert (row.fate, row.case_id) == ("comment", first.case_id)


def test_who_claims_an_address_answers_by_mail_in_the_case_that_names_them(post, world, as_user):
    """Gil of Globex is named by Acme, which may not see him: to Acme he answers as the person that it named."""
    case = world.open_case("olga", account="ACME", person_name="Typed Name", person_email=world.gil.email)
    claimant = world.reload(case).contact_user_id
    assert claimant != world.gil.id
    address = reply_address(world.system(), SUPPORT, case.key, claimant)
    row = post.send(world.gil.email, "It works again", To=address)
    assert fate(row) == ("comment", "reply_address")
    message = world.messages_of(case)[-1]
    assert (message.author_id, message.author_side) == (claimant, "contact")
    text = as_user("olga").get(f"/cases/{case.key}").page.text
    assert "It works again" in text and "Typed Name" in text and world.gil.name not in text
    # A new mail of the same sender is the holder's, in the holder's own account.
    new = post.send(world.gil.email, "The printer of Globex is broken")
    opened = post.case_of(new)
    assert (opened.contact_user_id, opened.account_id) == (world.gil.id, world.globex.id)


def test_the_bound_address_is_for_one_person(post, world):
    case = world.open_case(by="rita")
    address = reply_address(world.system(), SUPPORT, case.key, world.rita.id)
    assert len(address.partition("@")[0]) <= 64
    row = post.send("rita", "By address", To=address)
    assert fate(row) == ("comment", "reply_address")
    stranger = post.send("stranger@nowhere.example", "By address, but whose", To=address)
    assert fate(stranger) == ("quarantine", "via_other")
    assert stranger.facts["via"] == str(world.rita.id)
    colleague = post.send("mel", "By a colleague", To=address)
    assert fate(colleague) == ("quarantine", "via_other")
    assert len(world.messages_of(case)) == 1


def test_a_guessed_address_is_worth_nothing(post, world):
    case = world.open_case(by="rita")
    address = reply_address(world.system(), SUPPORT, case.key, world.rita.id)
    other = world.open_case(by="rita", subject="Another thing")
    wrong = address.replace(case.key.lower(), other.key.lower())
    assert read_reply_address(world.system(), wrong) is None
    last = "a" if address.partition("@")[0][-2] != "a" else "b"
    local, _at, domain = address.partition("@")
    assert read_reply_address(world.system(), f"{local[:-2]}{last}{local[-1]}@{domain}") is None


def test_a_key_in_the_subject_counts_for_people_of_the_case_only(post, world):
    case = world.open_case(by="rita")
    assert post.send("rita", "By subject", Subject=f"Re: Printer [{case.key}]").case_id == case.id
    row = post.send("mel", "Guessed", Subject=f"Re: Printer [{case.key}]")
    assert (row.fate, row.case_id != case.id) == ("case", True)
    globex = post.send("gil@globex.example", "Guessed too", Subject=f"Re: Printer [{case.key}]")
    assert post.case_of(globex).account.key == "GLOBEX"


def test_whoever_may_not_see_the_case_does_not_join_it(post, world):
    case = world.open_case(by="rita", cc=["mel@acme.example"])
    sent = post.sent(case, "mel")
    world.exclude(case, "mel")
    row = post.send("mel", "But I was in copy", In_Reply_To=sent)
    assert fate(row) == ("quarantine", "no_access")
    stranger = post.send("gil@globex.example", "Forwarded to me", In_Reply_To=sent)
    assert fate(stranger) == ("quarantine", "no_access")
    assert not world.messages_of(case)


def test_a_mail_to_a_merged_case_lands_in_its_target(post, world):
    from portal.cases.actions.links import merge

    case, target = world.open_case(by="rita"), world.open_case(by="rita", subject="The older one")
    merge(world.ctx("ana"), world.row(Case, case), world.row(Case, target))
    row = post.send("rita", "To the old number", Subject=f"Re: [{case.key}]")
    assert (row.fate, row.case_id) == ("comment", target.id)


def test_an_agents_mail_is_an_answer_only_if_it_is_certain(post, world):
    case = world.open_case(by="rita")
    sent = post.sent(case, "ana")
    answer = post.send("ana@northwind.example", "Please restart it.", In_Reply_To=sent)
    assert fate(answer) == ("comment", "message_id")
    assert world.messages_of(case)[0].author_side == "staff"
    forged = post.send("ana@northwind.example", "Send me the password.", In_Reply_To=sent, Authentication_Results="")
    assert forged.fate == "quarantine"
    assert post.send("ana@northwind.example", "A new one").reason == "staff_new"
    assert len(world.messages_of(case)) == 1


# -- what a mail does ------------------------------------------------------------------------------------------------


def test_thanks_after_the_solution_do_not_reopen(post, world):
    case = world.case_in("resolved", by="rita")
    post.send("rita", "Thank you very much!\n\n-- \nRita", Subject=f"Re: [{case.key}]")
    assert world.reload(case).state == "resolved"
    post.send("rita", "Thanks, but it still fails.", Subject=f"Re: [{case.key}]")
    assert world.reload(case).state == "open"


def test_a_case_that_is_closed_for_good_says_so_in_the_log(post, world):
    case = world.case_in("closed", by="rita")
    world.system().provider.after_close = "refuse"
    world.session.flush()
    row = post.send("rita", "Once more", Subject=f"Re: [{case.key}]")
    assert fate(row) == ("quarantine", "refused")
    assert row.facts["refusal"]


# -- robots and servers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bounce(), ("bounce", "bounce_unknown")),
        (feedback_report(), ("feedback_report", "feedback_report")),
        (raw("Auto-Submitted: auto-replied"), ("auto_reply", "auto_reply")),
        (raw("Subject: Out of office"), ("auto_reply", "auto_reply")),
        (raw("X-Parley-Provider: other\nAuto-Submitted: auto-generated"), ("auto_reply", "auto_reply")),
        (raw("From: support@northwind.example"), ("own", "own")),
        (raw("List-Id: <news.example>"), ("quarantine", "list")),
        (raw("From: a@x.example\nFrom: b@x.example"), ("quarantine", "several_senders")),
        (raw("From: nobody"), ("quarantine", "no_sender")),
        (nested(300), ("quarantine", "unauthenticated")),
        (enclosing(200), ("quarantine", "unauthenticated")),
        (raw("X-Long: " + "a" * 400_000), ("quarantine", "unauthenticated")),
        (raw("", b"x" * (25 * 1_048_576)), ("rejected", "too_large")),
        (b"", ("quarantine", "no_sender")),
        (b"\x00\xff\xfe" * 100, ("quarantine", "no_sender")),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else None,
)
def test_odd_mails_have_a_fate(post, content, expected):
    assert fate(post.take(content)) == expected


def test_a_bounce_of_our_mail_marks_its_receiver_only(post, world):
    from portal.identity.models import Address

    case = world.open_case(by="rita")
    post.sent(case, "jan", "sent1@northwind.localhost")
    row = post.take(bounce())
    assert (row.fate, row.reason, row.case_id) == ("bounce", "bounce", case.id)
    [address] = world.rows(Address, Address.email_folded == "jan@acme.example")
    assert address.bounced_at is not None
    assert world.reload(case).message_count == 0


def test_a_mail_that_came_back_says_so_with_its_report(post, world, as_user):
    case = world.open_case(by="rita")
    post.sent(case, "jan", "sent1@northwind.localhost")
    [mail] = world.rows(OutgoingMail, OutgoingMail.message_id == "<sent1@northwind.localhost>")
    mail.subject = "Ana replied"
    row = post.take(bounce())
    world.session.refresh(mail)
    assert (mail.state, mail.returned_by_id) == ("bounced", row.id) and mail.returned_at is not None
    ada = as_user("ada")
    assert "Came back" in ada.get("/admin/mail?state=bounced").page.text
    page = ada.get(f"/admin/mail/{mail.id}").page
    assert page.first("a", href=f"/admin/mail-log/{row.id}") and "sent it back" in page.text
    assert ada.submit(page.form(f"/admin/mail/{mail.id}/send-again")).status_code == 303
    world.session.refresh(mail)
    assert (mail.state, mail.returned_by_id) == ("queued", None)


def test_a_delay_does_not_undo_a_return(post, world):
    case = world.open_case(by="rita")
    post.sent(case, "jan", "sent1@northwind.localhost")
    [mail] = world.rows(OutgoingMail, OutgoingMail.message_id == "<sent1@northwind.localhost>")
    delayed = bounce("4.4.1", "delayed")
    assert post.take(delayed).fate == "bounce"
    world.session.refresh(mail)
    assert mail.state == "deferred"
    post.take(bounce())
    post.take(bounce("4.4.2", "delayed"))
    world.session.refresh(mail)
    assert mail.state == "bounced"


def test_a_robot_in_a_case_changes_nothing(post, world):
    case = world.case_in("resolved", by="rita")
    sent = post.sent(case, "rita")
    row = post.send("rita", "I am away", In_Reply_To=sent, Auto_Submitted="auto-replied")
    assert (row.fate, row.case_id) == ("auto_reply", case.id)
    assert world.reload(case).state == "resolved"


def test_the_same_mail_twice_is_one(post, world):
    content = post.mail("rita", Message_ID="<same@acme.example>")
    assert [post.take(content).fate, post.take(b"Received: by another server\r\n" + content).fate] == [
        "case",
        "duplicate",
    ]
    other = post.mail("rita", "Other words under the same id", Message_ID="<same@acme.example>")
    assert post.take(other).fate == "case"


def test_a_poison_message_is_set_aside(post, world, monkeypatch):
    from portal.channels.mail.actions import intake

    def fail(*_args: Any, **_more: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(intake, "submit", fail)
    row = post.send("rita")
    assert fate(row) == ("quarantine", "failed")
    monkeypatch.undo()
    assert post.send("rita", "The next one").fate == "case"


# -- mailboxes --------------------------------------------------------------------------------------------------------


def test_a_mailbox_routes_new_cases(world):
    type_id = world.types["question"].id
    add_mailbox(world.system(), "billing@northwind.example", request_type_id=type_id)
    post = Post(world)
    case = post.case_of(post.send("rita", To="billing@northwind.example"))
    assert case.request_type_id == type_id


@pytest.mark.parametrize("address", ["", "support", "a+b@northwind.example", "support@northwind.example"])
def test_addresses_that_cannot_be_read(post, world, address):
    with pytest.raises(Refused):
        add_mailbox(world.system(), address)


def test_an_address_belongs_to_one_provider(post, world):
    with pytest.raises(Refused):
        add_mailbox(world.system(world.southgate), SUPPORT)


def test_old_mails_do_not_count_for_the_rate(post, world):
    rules = IntakeRules(per_hour=1)
    first = post.take(post.mail("rita", "One"), rules=rules)
    first.received_at -= dt.timedelta(hours=2)
    world.session.flush()
    assert post.take(post.mail("rita", "Two"), rules=rules).fate == "case"


# -- the mails that go out -------------------------------------------------------------------------------------------


def test_an_answer_goes_to_an_address_of_its_reader_alone_and_into_their_thread(post, world):
    row = post.send("rita", Message_ID="<first@acme.example>")
    case = post.case_of(row)
    post.sent(case, "rita")
    [mail] = world.rows(OutgoingMail)
    message = build_message(world.system(), mail, "Rita")
    bound = read_reply_address(world.system(), message["Reply-To"].addresses[0].addr_spec)
    assert (bound.case_key, bound.user_id) == (case.key, world.rita.id)
    assert message["In-Reply-To"] == "<first@acme.example>"
    assert message["References"].split()[0] == "<first@acme.example>"
    assert post.send("rita", "An answer", To=message["Reply-To"].addresses[0].addr_spec).case_id == case.id


def test_without_a_mailbox_answers_go_to_the_address_of_support(world):
    case = world.open_case(by="rita")
    Post(world).sent(case, "rita")
    [mail] = world.rows(OutgoingMail)
    message = build_message(world.system(), mail, "Rita")
    assert "+" not in message["Reply-To"]
    assert message["In-Reply-To"].startswith("<case.")


def test_lines_of_any_length_become_a_case(post):
    """Over 998 bytes a line is against RFC 5322, and programs write such lines all the same."""
    content = (
        b"From: rita@acme.example\r\nTo: support@northwind.example\r\nMessage-ID: <long@acme.example>\r\n"
        b"Authentication-Results: " + PASSED.format(domain="acme.example").encode() + b"\r\n"
        b"Subject: Start " + b"s" * 12_000 + b"\r\n\r\n" + b"Words " * 500 + b"the end\r\n"
    )
    case = post.case_of(post.take(content))
    assert case.subject.startswith("Start ss")
    assert case.description.count("Words") == 500 and "the end" in case.description


def test_support_is_told_that_its_answer_by_mail_was_stopped(post, world, run_outbox):
    case = post.case_of(post.send("rita"))
    reference = post.sent(case, "ana")
    row = post.send("ana@northwind.example", "As we did for Globex.", Subject="Re: Printer", In_Reply_To=reference)
    assert fate(row) == ("quarantine", "refused"), row.facts
    assert not [one for one in world.messages_of(case) if one.author_side == "staff"]
    world.session.commit()
    run_outbox()
    [bell] = world.rows(Notification, Notification.reason == "mail_sender")
    assert bell.user_id == world.ana.id
    told = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.user_id == world.ana.id)
    assert [one for one in told if "was not sent to the customer" in one.text]


def test_the_mailboxes_are_read_once_for_a_mail(post, statements):
    with statements() as seen:
        assert fate(post.send("rita")) == ("case", "new_case")
    assert sum("FROM mailboxes" in one for one in seen) == 1


@pytest.mark.parametrize(("who", "kind"), [("rita", "files_refused"), ("ana@northwind.example", "staff_news")])
def test_the_writer_of_a_reply_is_told_of_files_that_were_not_kept(post, world, run_outbox, who, kind):
    """In the language of the provider in the case, and by mail, because who lives in a mail program reads no page."""
    world.system().provider.locale = "pl"
    case = post.case_of(post.send("rita"))
    mail = message_from_bytes(
        post.mail(who, "It works.", In_Reply_To=post.sent(case, who.split("@")[0])), policy=default
    )
    mail.add_attachment(b"MZ content", maintype="application", subtype="octet-stream", filename="virus.exe")
    row = post.take(mail.as_bytes())
    assert fate(row) == ("comment", "message_id")
    [reply] = world.rows(Message, Message.case_id == case.id)
    [sentence] = row.facts["left_out"]
    assert sentence in reply.body and "Nie możemy przyjąć pliku virus.exe" in sentence
    world.session.commit()
    run_outbox()
    told = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.kind == kind)
    [told] = [one for one in told if "virus.exe" in one.text and one.user_id == row.user_id]
    assert told.subject.startswith("Nie zachowano 1 pliku")

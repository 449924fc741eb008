"""Issue 14.9, "push notifications": to the devices that a person added, as the bell has it, with nothing of a private
case in the text."""

import base64
import datetime as dt
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.cases.actions import conversation, people
from portal.identity import actions as identity
from portal.identity.models import BrowserSession
from portal.kernel.errors import Gone
from portal.kernel.outbox import DueWork
from portal.notifications import push_devices
from portal.notifications.actions import choose_mails
from portal.notifications.models import Notification, PushDevice
from portal.notifications.push_keys import derive_push_keys
from portal.notifications.rules import Topic

POINT = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def plain(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Phone:
    """A browser with a push address: it decrypts by RFC 8291 what its service got."""

    def __init__(self, service, name):
        self.key, self.secret = ec.generate_private_key(ec.SECP256R1()), name.encode().ljust(16, b".")
        self.endpoint = f"{service.url}/{name}"
        self.service, self.name = service, name

    @property
    def fields(self):
        return {
            "endpoint": self.endpoint,
            "p256dh": plain(self.key.public_key().public_bytes(*POINT)),
            "auth": plain(self.secret),
        }

    def read(self, body):
        salt, length = body[:16], body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        mine = self.key.public_key().public_bytes(*POINT)
        drawn = HKDF(hashes.SHA256(), 32, self.secret, b"WebPush: info\0" + mine + theirs).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(drawn)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(drawn)
        return json.loads(AESGCM(key).decrypt(nonce, sealed, None).removesuffix(b"\2"))

    @property
    def shown(self):
        return [self.read(body) for path, _headers, body in self.service.taken if path == f"/{self.name}"]


class Service:
    """A push service on this machine; `answers` by path, else 201."""

    def __init__(self):
        self.taken, self.answers = [], {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = service.answers.get(self.path, 201)
                if status // 100 == 2:
                    service.taken.append((self.path, dict(self.headers), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def service():
    running = Service()
    yield running
    running.server.shutdown()
    running.server.server_close()


def sign_in(ctx):
    """A sign-in of the acting person, in whose browser they are."""
    row = BrowserSession(
        provider_id=ctx.provider_id,
        user_id=ctx.actor.user_id,
        token_hash=secrets.token_bytes(32),
        created_at=ctx.now,
        last_seen_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    ctx.session_id = row.id
    return row


def add(ctx, phone):
    if ctx.session_id is None:
        sign_in(ctx)
    return push_devices.add_device(ctx, **phone.fields, user_agent="Firefox", plain_http=True)


@pytest.fixture
def ritas(world, service):
    phone = Phone(service, "ritas")
    add(world.ctx("rita", "contact"), phone)
    return phone


@pytest.fixture
def case(world):
    return world.open_case("rita", subject="Payroll of Zofia", visibility="shared", environment="Production")


def answer(world, case, text="It works again"):
    conversation.answer(world.ctx("ana"), world.reload(case), body=text)


# -- what is pushed -------------------------------------------------------------------------------------------------


def test_what_the_bell_says_is_pushed_to_every_device_of_the_person(world, service, ritas, case, run_outbox):
    second = Phone(service, "second")
    add(world.ctx("rita", "contact"), second)
    run_outbox()
    service.taken.clear()
    answer(world, case)
    run_outbox()
    for phone in (ritas, second):
        (said,) = phone.shown
        assert said["title"] == "Northwind MSP" and said["path"] == f"/cases/{case.key}"
        assert said["body"].startswith(f"{case.key}: ") and "replied" in said["body"]
        assert "Payroll" not in said["body"] and "It works" not in said["body"]
    run_outbox()
    assert len(service.taken) == 2  # once each


def test_a_push_service_learns_nothing_but_who_pushes(world, service, ritas, case, run_outbox):
    answer(world, case)
    run_outbox()
    _path, headers, body = service.taken[-1]
    with pytest.raises((InvalidTag, ValueError)):
        Phone(service, "other").read(body)
    assert b"replied" not in body and case.key.encode() not in body
    token, key = (part.strip().partition("=")[2] for part in headers["authorization"].partition(" ")[2].split(","))
    keys = derive_push_keys(world.app.config["SECRET_KEY"], str(world.northwind.id))
    assert key == keys.public_key
    claims = jwt.decode(token, keys.public_pem, algorithms=["ES256"], options={"verify_aud": False})
    assert claims["aud"] == "http://127.0.0.1" and claims["sub"].startswith("mailto:")


def test_two_providers_have_keys_of_their_own(world):
    secret = world.app.config["SECRET_KEY"]
    assert derive_push_keys(secret, str(world.northwind.id)) != derive_push_keys(secret, str(world.southgate.id))
    assert derive_push_keys(secret, str(world.northwind.id)) == derive_push_keys(secret, str(world.northwind.id))


@pytest.mark.parametrize("how", ["private", "excluded"])
def test_nothing_of_a_private_case_is_in_the_text(world, service, ritas, run_outbox, how):
    case = world.open_case("rita", subject="Notice for Zofia", visibility="private" if how == "private" else "shared")
    if how == "excluded":
        people.exclude(world.ctx("ada"), world.reload(case), world.person("mel").id)
    run_outbox()
    service.taken.clear()
    answer(world, case)
    run_outbox()
    (said,) = ritas.shown
    assert said["body"] == "There is news in one of your cases."


def test_it_is_said_in_the_readers_language(world, service, ritas, case, run_outbox):
    world.row(type(world.ctx("rita").person), world.person("rita")).locale = "pl"
    run_outbox()
    service.taken.clear()
    answer(world, case)
    run_outbox()
    assert "replied" not in ritas.shown[0]["body"]


# -- who gets none --------------------------------------------------------------------------------------------------


def test_a_topic_that_is_not_wanted_is_not_pushed(world, service, ritas, case, run_outbox):
    push_devices.choose_pushes(world.ctx("rita", "contact"), {Topic.ANSWERS: False})
    run_outbox()
    service.taken.clear()
    answer(world, case)
    run_outbox()
    assert not service.taken
    assert world.rows(Notification, Notification.user_id == world.person("rita").id)


def test_what_was_read_meanwhile_is_not_pushed(world, service, ritas, case, run_outbox):
    service.answers["/ritas"] = 503
    answer(world, case)
    run_outbox()
    service.answers.clear()
    for line in world.rows(Notification):
        line.read_at = line.created_at
    for row in world.rows(DueWork, DueWork.kind == push_devices.PUSH):
        row.due_at -= dt.timedelta(minutes=5)
    run_outbox()
    assert not service.taken and not world.rows(DueWork, DueWork.kind == push_devices.PUSH)


def test_an_ended_sign_in_gets_nothing_and_a_new_one_does(world, service, ritas, case, run_outbox):
    ctx = world.ctx("rita", "contact")
    identity.end_session(ctx, world.rows(BrowserSession, BrowserSession.user_id == ctx.actor.user_id)[0])
    answer(world, case)
    run_outbox()
    assert not ritas.shown
    ctx = world.ctx("rita", "contact")
    sign_in(ctx)
    push_devices.renew_device(ctx, ritas.endpoint)
    answer(world, case, "Again")
    run_outbox()
    assert ritas.shown


def test_who_may_not_see_the_case_any_more_gets_nothing(world, service, case, run_outbox):
    mels = Phone(service, "mels")
    add(world.ctx("mel", "contact"), mels)
    people.subscribe(world.ctx("mel", "contact"), world.reload(case), "follow")
    run_outbox()
    service.taken.clear()
    answer(world, case)
    people.exclude(world.ctx("ada"), world.reload(case), world.person("mel").id)
    run_outbox()
    assert not mels.shown


def test_a_shared_browser_belongs_to_whoever_signed_in_last(world, service, ritas, case, run_outbox):
    gil = world.ctx("gil", "contact")
    add(gil, ritas)
    assert {row.user_id for row in world.rows(PushDevice)} == {world.person("gil").id}
    answer(world, case)
    run_outbox()
    assert not ritas.shown
    with pytest.raises(Gone):
        push_devices.renew_device(world.ctx("rita", "contact"), ritas.endpoint)


def test_quiet_hours_hold_a_push_back_until_they_end(world, service, ritas, case, run_outbox):
    ctx = world.ctx("rita", "contact")
    run_outbox()
    service.taken.clear()
    hour = ctx.now.astimezone(dt.UTC).hour
    choose_mails(ctx, {Topic.ANSWERS: True}, quiet=((hour - 6) % 24, (hour + 6) % 24))
    answer(world, case)
    run_outbox()
    assert not ritas.shown
    (owed,) = world.rows(DueWork, DueWork.kind == push_devices.PUSH)
    assert dt.timedelta(hours=1) < owed.due_at - ctx.now < dt.timedelta(hours=9)


# -- failures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(world, service, ritas, case, run_outbox, status):
    service.answers["/ritas"] = status
    answer(world, case)
    run_outbox()
    assert not world.rows(PushDevice)


@pytest.mark.parametrize("status", [429, 500, 503, 302])
def test_what_cannot_be_pushed_now_is_tried_again_and_the_other_device_has_it_once(
    world, service, ritas, case, run_outbox, status
):
    second = Phone(service, "second")
    add(world.ctx("rita", "contact"), second)
    run_outbox()
    service.taken.clear()
    service.answers["/ritas"] = status
    answer(world, case)
    run_outbox()
    assert len(second.shown) == 1 and not ritas.shown
    assert [row.failed_at is None for row in sorted(world.rows(PushDevice), key=lambda row: row.endpoint)] == [
        False,
        True,
    ]
    owed = world.rows(DueWork, DueWork.kind == push_devices.PUSH)
    assert owed
    service.answers.clear()
    for row in owed:
        row.due_at -= dt.timedelta(minutes=5)
    run_outbox()
    assert len(second.shown) == 1 and len(ritas.shown) == 1
    assert all(row.failed_at is None for row in world.rows(PushDevice))


def test_what_is_refused_for_good_is_not_tried_again(world, service, ritas, case, run_outbox):
    service.answers["/ritas"] = 400
    answer(world, case)
    run_outbox()
    assert not world.rows(DueWork, DueWork.kind == push_devices.PUSH)
    assert world.rows(PushDevice)[0].failed_at is not None


# -- the pages ------------------------------------------------------------------------------------------------------


def test_a_person_adds_tests_and_removes_a_device(client, world, service, run_outbox):
    rita, phone = client("rita"), Phone(service, "ritas")
    assert rita.post("/me/push", data=phone.fields).status_code == 201
    page = rita.get("/me/notifications")
    assert "This browser" in page.text and "by email and on your devices" in page.text
    (row,) = world.rows(PushDevice)
    assert rita.post(f"/me/push/{row.id}/test", data={}).status_code == 303
    run_outbox()
    assert [said["path"] for said in phone.shown] == ["/me/notifications"]
    assert rita.post("/me/push/renew", data={"endpoint": phone.endpoint}).status_code == 204
    assert client("gil").post("/me/push/renew", data={"endpoint": phone.endpoint}).status_code == 410
    for who in ("gil", "mel", "ana"):
        assert client(who).get(f"/me/push/{row.id}/remove").status_code == 404
        assert client(who).post(f"/me/push/{row.id}/test", data={}).status_code == 404
    assert rita.post(f"/me/push/{row.id}/remove", data={}).status_code == 303
    assert not world.rows(PushDevice)


def test_topics_are_chosen_on_the_same_page(client, world, service):
    rita, phone = client("rita"), Phone(service, "ritas")
    rita.post("/me/push", data=phone.fields)
    form = rita.get("/me/notifications").page.form("/me/notifications")
    answer = rita.submit(form, push_answers=[])
    assert answer.status_code == 303
    chosen = push_devices.own_push_choices(world.ctx("rita", "contact"), [Topic.ANSWERS, Topic.STATUS])
    assert chosen == {Topic.ANSWERS: False, Topic.STATUS: True}


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": ""},
        {"endpoint": "ftp://push.example/x"},
        {"endpoint": "https://"},
        {"endpoint": "https://user@push.example/x"},
        {"endpoint": "https://push.example:0/x"},
        {"endpoint": "https://push.example:99999/x"},
        {"endpoint": "https://[::1/x"},
        {"endpoint": "https://push.example/" + "x" * 1000},
        {"endpoint": "https://push.example/\u0142"},
        {"p256dh": ""},
        {"p256dh": "AAAA"},
        {"p256dh": "\u0142" * 87},
        {"p256dh": plain(b"\4" + b"1" * 64)},
        {"auth": ""},
        {"auth": plain(b"1" * 15)},
        {"auth": "x" * 5_000},
    ],
)
def test_what_no_browser_says_is_refused(client, world, service, wrong):
    answer = client("rita").post("/me/push", data={**Phone(service, "ritas").fields, **wrong})
    assert answer.status_code == 422 and answer.get_json()["message"]
    assert not world.rows(PushDevice)


def test_an_internal_address_is_never_reached(world, case, run_outbox, service):
    phone = Phone(service, "ritas")
    phone.endpoint = "http://169.254.169.254/latest"
    add(world.ctx("rita", "contact"), phone)
    answer(world, case)
    run_outbox()
    assert world.rows(PushDevice)[0].failed_at is not None


def test_a_person_has_a_bounded_number_of_devices(client, world, service, monkeypatch):
    monkeypatch.setattr(push_devices, "MOST_DEVICES", 1)
    rita = client("rita")
    assert rita.post("/me/push", data=Phone(service, "one").fields).status_code == 201
    again = rita.post("/me/push", data=Phone(service, "two").fields)
    assert again.status_code == 422 and "at most 1" in again.get_json()["message"]


def test_many_people_with_devices_cost_no_statement_each(world, service, statements):
    from types import SimpleNamespace

    from portal.kernel.actor import Side
    from portal.notifications import push_queue
    from portal.notifications.recipients import Recipient

    counts = []
    for who in (["rita"], ["rita", "mel", "cora", "olga", "jan"]):
        for name in who:
            add(world.ctx(name, "contact"), Phone(service, name))
        told = [Recipient(SimpleNamespace(id=world.person(n).id, zone=""), Side.CONTACT, "contact", None) for n in who]
        lines = {one.user.id: world.person(n).id for one, n in zip(told, who, strict=True)}
        with statements() as seen:
            push_queue.plan_pushes(world.system(), None, told, lines)
        counts.append(len([s for s in seen if "due_work" not in str(s)]))
    assert counts[0] == counts[1] > 0


def test_one_browser_added_twice_at_once_is_added_once(world, service, ritas):
    first, second = world.ctx("rita", "contact"), world.ctx("rita", "contact")
    for ctx in (first, second):
        add(ctx, ritas)
    assert len(world.rows(PushDevice)) == 1

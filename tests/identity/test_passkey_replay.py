"""A passkey made here in software: its answer signs in once, whoever sends it again."""

import base64
import hashlib
import json

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from portal.identity.factor_models import Passkey
from tests.identity.steps import sign_in

UP_AND_VERIFIED = b"\x05"


def spell(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Device:
    """A device that counts no uses, as those that share their keys do: only the question makes an answer new."""

    def __init__(self, world, person) -> None:
        self.host, self.person, self.id = world.northwind.host, person, b"device-1" * 4
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        x, y = (part.to_bytes(32, "big") for part in (numbers.x, numbers.y))
        ctx = world.system()
        ctx.session.add(
            Passkey(
                provider_id=ctx.provider_id,
                user_id=person.id,
                host=self.host,
                name="Phone",
                credential_id=self.id,
                public_key=cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y}),
                sign_count=0,
                transports=[],
                created_at=ctx.now,
            )
        )
        ctx.session.flush()

    def answer(self, question: dict) -> str:
        told = {"type": "webauthn.get", "challenge": question["challenge"], "origin": f"http://{self.host}"}
        client_data = json.dumps(told).encode()
        about = hashlib.sha256(self.host.encode()).digest() + UP_AND_VERIFIED + bytes(4)
        signed = self.key.sign(about + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": spell(client_data),
            "authenticatorData": spell(about),
            "signature": spell(signed),
            "userHandle": spell(self.person.id.bytes),
        }
        return json.dumps({"id": spell(self.id), "rawId": spell(self.id), "type": "public-key", "response": response})


@pytest.fixture
def device(world) -> Device:
    return Device(world, world.rita)


def test_an_answer_signs_in_once(world, device, client):
    host, browser, thief = world.northwind.host, client(), client()
    answer = device.answer(json.loads(browser.get("/sign-in/passkey").get_data()))
    cookie = browser.get_cookie("parley_passkey_sign_in", host).value
    assert browser.post("/sign-in/passkey", data={"credential": answer}).status_code == 303
    assert "_user_id" in browser.cookie
    thief.set_cookie("parley_passkey_sign_in", cookie, domain=host)
    refused = thief.post("/sign-in/passkey", data={"credential": answer})
    assert refused.status_code == 422 and "_user_id" not in thief.cookie


def test_an_answer_confirms_a_password_once(world, device, client):
    host, browser, thief = world.northwind.host, client(), client()
    sign_in(browser, world.rita.email)
    form = browser.get("/sign-in/factor").page.first("form", data_question=True)
    answer = device.answer(json.loads(form.get("data-question")))
    cookie = browser.get_cookie("parley_passkey_step", host).value
    assert browser.post("/sign-in/factor", data={"credential": answer}).status_code == 303
    assert "_user_id" in browser.cookie
    sign_in(thief, world.rita.email)
    thief.set_cookie("parley_passkey_step", cookie, domain=host)
    refused = thief.post("/sign-in/factor", data={"credential": answer})
    assert refused.status_code == 422 and "_user_id" not in thief.cookie

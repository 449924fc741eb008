"""The mails of mailbox tests: the mark that they carry, by which they are known again."""

import hashlib
import hmac
import re
import uuid

from portal.channels.mail.engine.message import InboundMessage
from portal.kernel import tokens
from portal.kernel.actor import Id
from portal.kernel.ids import parse_id

HEADER = "X-Parley-Test"
_TOKEN = re.compile(r"PT-([0-9a-f]{32})-([0-9a-f]{24})", re.IGNORECASE)
# So much of a text is looked at.
_LOOKED_AT = 20_000


def derive_test_token(test_id: uuid.UUID) -> str:
    """What the mail of a test carries. Nobody else can write it."""
    key = tokens.signing_key("test of a mailbox")
    return f"PT-{test_id.hex}-{hmac.digest(key, test_id.bytes, hashlib.sha256).hex()[:24]}"


def find_test_id(message: InboundMessage) -> Id | None:
    """The test that *message* belongs to: as its mail, or as the report of a server about it; None for other mails."""
    texts = (message.header(HEADER.lower()), message.subject, *message.bounced_ids, message.body[:_LOOKED_AT])
    for text in texts:
        for found in _TOKEN.finditer(text):
            test_id = parse_id(found[1])
            if test_id and hmac.compare_digest(derive_test_token(test_id), f"PT-{found[0][3:].lower()}"):
                return test_id
    return None

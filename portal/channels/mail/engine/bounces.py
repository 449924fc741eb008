"""What a returned mail says: whose address failed, for good or for now, and which of our mails it was."""

from email.message import Message

from flufl.bounce import all_failures

from portal.channels.mail.engine.headers import raw_header, read_message_ids


def bounced_addresses(root: Message) -> tuple[list[str], bool]:
    """(addresses that failed, whether for good) of a bounce in any of the forms that servers write."""
    try:
        temporary, permanent = all_failures(root)
    except Exception:  # detectors read what strangers wrote
        temporary, permanent = frozenset(), frozenset()
    found = [_plain(one) for one in permanent or temporary]
    return sorted(filter(None, found))[:20], bool(permanent)


def _plain(address: bytes | str) -> str:
    text = address.decode("ascii", "ignore") if isinstance(address, bytes) else address
    return text.strip().strip("<>").lower()[:254] if "@" in text else ""


def returned_message_ids(root: Message) -> list[str]:
    """The Message-IDs of the mails that come back: of the headers that the bounce encloses."""
    values: list[str] = []
    for count, part in enumerate(root.walk()):
        if count > 50:
            break
        if part is not root:
            values.append(raw_header(part, "Message-ID"))
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
            values += [line.partition(":")[2] for line in text.splitlines() if line.lower().startswith("message-id:")]
    return read_message_ids(values, 20)

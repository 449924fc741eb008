"""The token that another server sends with a request, and the page that shows a new one once."""

from flask import request, session

from portal.kernel import encryption
from portal.kernel.actor import Id

_FRESH = "fresh_token"


def sent_bearer_token() -> str:
    """The token of this request (`Authorization: Bearer …`); '' without one."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def keep_fresh_token(token: str, owner_id: Id) -> None:
    """Keep *token* for the next page of its owner in this browser, encrypted: the cookie can be read there."""
    session[_FRESH] = encryption.encrypt(token, _purpose(owner_id))


def take_fresh_token(owner_id: Id) -> str:
    """The token that was made a moment ago in this browser; the next time ''."""
    try:
        return encryption.decrypt(str(session.pop(_FRESH, "")), _purpose(owner_id))
    except encryption.Undecryptable:
        return ""


def _purpose(owner_id: Id) -> str:
    return f"fresh token of {owner_id}"

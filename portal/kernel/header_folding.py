"""The policy of the mails that go out: headers whose words keep the spaces between them.

Python's own folding (gh-92081, mended in later versions) writes two neighbouring words that are not ASCII as two
encoded words, and the space between those is no part of the text: "Łodzi, Żywcu" arrives as "Łodzi,Żywcu". Here a text
that is not ASCII is encoded as a whole, so that its spaces are inside.
"""

from email.header import Header
from email.policy import EmailPolicy
from typing import Any

_LINE = 76


class WholeTextPolicy(EmailPolicy):
    """The policy of SMTP, with subjects and names that are encoded as a whole."""

    def fold(self, name: str, value: Any) -> str:
        """The header *name* with *value*, in lines."""
        return self._encode_whole(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same, as bytes."""
        folded = self._encode_whole(name, value)
        return folded.encode("ascii") if folded else super().fold_binary(name, value)

    def _encode_whole(self, name: str, value: Any) -> str:
        """'' where nothing is to be encoded, or the server takes UTF-8."""
        if self.utf8 or str(value).isascii():
            return ""
        addresses = getattr(value, "addresses", None)
        if addresses is None:
            return f"{name}: {_encode(str(value), name, self.linesep)}{self.linesep}" if name == "Subject" else ""
        if not all(one.addr_spec.isascii() for one in addresses):
            return ""
        written = [self._encode_address(name, one) for one in addresses]
        return f"{name}: {f',{self.linesep} '.join(written)}{self.linesep}"

    def _encode_address(self, name: str, address: Any) -> str:
        if address.display_name.isascii():
            return str(address)
        encoded = _encode(address.display_name, name, self.linesep)
        return f"{encoded}{self.linesep} <{address.addr_spec}>"


def _encode(text: str, header: str, linesep: str) -> str:
    return Header(text, "utf-8", maxlinelen=_LINE, header_name=header).encode(linesep=linesep)


MAIL_POLICY = WholeTextPolicy(linesep="\r\n")

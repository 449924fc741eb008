"""Which texts of the interface a provider may reword: names of things, of places and of buttons, never a sentence that
states what happened. `web.provider_texts` looks them up before the catalogs.
"""

import re
from typing import Any

from flask_babel import lazy_gettext as _l

LONGEST = 80


_FILLED = re.compile(r"%\(\w+\)[a-z]")


# The texts that can be renamed, by their place. They equal those of the templates and forms; a test compares both.
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _l("Opening"),
        (
            "How can we help, %(name)s?",
            "Open a case",
            "Open case",
            "Open another case",
            "Case %(key)s is open.",
            "We have your case",
            "What is it about?",
            "Request type",
            "All request types",
        ),
    ),
    (
        _l("Fields"),
        (
            "Reported by",
            "Account",
            "Who is affected?",
            "Contact",
            "Environment",
            "Department",
            "Subject",
            "Description",
            "Attachments",
            "Best phone",
            "Email for updates",
            "Copy to",
            "Who can see this?",
            "Private",
            "Shared",
            "Email the contact about this case",
            "Severity",
        ),
    ),
    (
        _l("Lists"),
        (
            "Home",
            "Cases",
            "My cases",
            "See all my cases",
            "Shared with %(name)s",
            "Copied and followed",
            "Number",
            "Opened by",
            "About",
            "Refresh",
            "Not closed",
        ),
    ),
    (
        _l("Case page"),
        (
            "Conversation",
            "Add to conversation",
            "Write to support",
            "Write to support…",
            "Send",
            "Actions",
            "Accept solution",
            "Reject solution",
            "What is still wrong?",
            "Close case",
            "My problem is solved: close the case",
            "Reopen case",
            "Mute notifications",
            "Share…",
            "Shared with",
            "Open the case",
        ),
    ),
)


RENAMABLE = frozenset(text for _title, texts in GROUPS for text in texts)


def placeholders(text: str) -> set[str]:
    """The places in *text* that are filled in: a renamed text must have the same."""
    return set(_FILLED.findall(text))


def fits(text: str, own: str) -> bool:
    """Whether *own* fills in what *text* does and nothing else; a lone percent sign would break the page."""
    return placeholders(own) == placeholders(text) and "%" not in _FILLED.sub("", own)

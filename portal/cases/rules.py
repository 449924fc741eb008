"""Pure rules about cases: no database, no request."""

import re
from dataclasses import dataclass

from portal.kernel.text import fold

# A message that only says thanks neither reopens a case nor asks for anything (DESIGN 3).
_THANKS = re.compile(
    r"(thank(s| you)( (so|very) much| a lot)?|thx|ty|great|perfect|ok(ay)?|cheers|many thanks|all good( now)?|"
    r"it works( now)?|works( now| fine)?|solved|super|dzieki|dziekuje( bardzo)?|cam on|gracias|muchas gracias)"
)
THANKS_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Severity:
    """What the customer chose, what will hold, and the code of the reason why they differ ('' if they do not)."""

    asked: int
    effective: int
    reason: str = ""


def effective_severity(asked: int, environment_kind: str | None, floor: int | None = None) -> Severity:
    """Emergency on a test or development environment is lowered one level (seed S0 3.2); somebody very important
    (*floor*, a rank) is raised to at least that. Both values are kept."""
    raised = min(asked, floor) if floor else asked
    if raised == 1 and environment_kind in ("test", "development"):
        return Severity(asked, 2, "not_production" if asked == 1 else "important_person" if asked > 2 else "")
    return Severity(asked, raised, "important_person" if raised != asked else "")


def is_only_thanks(body: str) -> bool:
    """Whether *body* says nothing but thanks."""
    words = " ".join(re.findall(r"\w+", fold(body)))
    return (
        0 < len(words) <= THANKS_LONGEST
        and re.fullmatch(rf"({_THANKS.pattern})( {_THANKS.pattern})*", words) is not None
    )


def may_close(who_closes: str, side: str) -> bool:
    """Whether people of *side* may end a case that nobody resolved; *who_closes* is the provider's rule."""
    return who_closes in ("both", side) or side not in ("contact", "staff")


def tier_after_rejection(tier: int, rejected_count: int) -> int:
    """The tier after a rejection: the second one raises it (DESIGN 3), never above 3."""
    return min(tier + 1, 3) if rejected_count >= 2 else tier

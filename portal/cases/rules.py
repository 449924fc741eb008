"""Pure rules about cases: no database, no request."""

import re
from dataclasses import dataclass

from portal.kernel.text import fold

# A message of thanks only does not reopen a case and asks for nothing (DESIGN 3).
_THANKS = re.compile(
    r"(thank(s| you)( (so|very) much| a lot)?|thx|ty|great|perfect|ok(ay)?|cheers|many thanks|all good( now)?|"
    r"it works( now)?|works( now| fine)?|solved|super|dzieki|dziekuje( bardzo)?|cam on|gracias|muchas gracias)"
)
THANKS_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Severity:
    """The chosen severity, the effective one, and the code of the reason if they differ ('' if not)."""

    asked: int
    effective: int
    reason: str = ""


def effective_severity(asked: int, environment_kind: str | None, floor: int | None = None) -> Severity:
    """The severity that holds for a chosen one.

    Rank 1 on a test or development environment is lowered one level (seed S0 3.2). *floor*, a rank, raises the severity
    of important people to at least that level. Both values are kept.
    """
    raised = min(asked, floor) if floor else asked
    if raised == 1 and environment_kind in ("test", "development"):
        return Severity(asked, 2, "not_production" if asked == 1 else "important_person" if asked > 2 else "")
    return Severity(asked, raised, "important_person" if raised != asked else "")


def is_only_thanks(body: str) -> bool:
    """Whether *body* consists of thanks only."""
    words = " ".join(re.findall(r"\w+", fold(body)))
    return (
        0 < len(words) <= THANKS_LONGEST
        and re.fullmatch(rf"({_THANKS.pattern})( {_THANKS.pattern})*", words) is not None
    )


def may_close(who_closes: str, side: str) -> bool:
    """Whether people of *side* may close an unresolved case. *who_closes* is the provider's rule."""
    return who_closes in ("both", side) or side not in ("contact", "staff")


def tier_after_rejection(tier: int, rejected_count: int) -> int:
    """The tier after a rejection. The second rejection raises it by one, up to 3 (DESIGN 3)."""
    return min(tier + 1, 3) if rejected_count >= 2 else tier

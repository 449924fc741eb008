"""Wrong passwords are counted: in Redis for all processes, in this one while Redis is away.

A limit belongs to one provider, one account and one place (or one browser in which that person signed in before), so
that nobody's tries count against somebody else. Beyond it a password is not answered any more, neither a right nor a
wrong one; the right one is confirmed by mail. The arithmetic stands in docs/decisions/0017-sign-in-limits.md.
"""

import hashlib
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, current_app
from flask_babel import gettext as _
from limits import (
    RateLimitItem,
    RateLimitItemPerDay,
    RateLimitItemPerHour,
    RateLimitItemPerMinute,
    RateLimitItemPerMonth,
)
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.kernel import clock
from portal.kernel.context import Context
from portal.kernel.errors import TooMany
from portal.kernel.security_events import place_of

log = logging.getLogger(__name__)
T = TypeVar("T")

# Wrong passwords for one account that one place, or one known browser, may send in a day.
FROM_PLACE = RateLimitItemPerDay(100, namespace="from-place")
# The same while the account is under attack, or the place tries many accounts: room for typing errors.
FROM_PLACE_CAREFULLY = RateLimitItemPerDay(3, namespace="from-place-carefully")
# An account is under attack after so many wrong passwords in a day. Each place counts for at most PLACE_SHARE of
# them, so that one place alone cannot bring it about.
ON_ACCOUNT = RateLimitItemPerDay(160, namespace="on-account")
PLACE_SHARE = RateLimitItemPerDay(8, namespace="place-share")
# A place tries many accounts after so many wrong passwords in a day, over all accounts of the provider.
ALL_FROM_PLACE = RateLimitItemPerDay(500, namespace="all-from-place")
MAILS_TO_ADDRESS = RateLimitItemPerHour(5, namespace="mails")
MAILS_FROM_PLACE = RateLimitItemPerHour(50, namespace="mails-place")
# A place that asked for its share of mails may still ask for one an hour to each person.
MAILS_BEYOND_PLACE = RateLimitItemPerHour(1, namespace="mails-beyond")
CONFIRMATIONS = RateLimitItemPerHour(5, namespace="confirmations")
# Wrong codes of an authenticator app, for one account: from one place (or known browser) in a day, in one known browser
# in 30 days, and from all other places together in 30 days (docs/decisions/0026-second-factors.md).
CODES_FROM_PLACE = RateLimitItemPerDay(10, namespace="codes-from-place")
CODES_IN_BROWSER = RateLimitItemPerMonth(30, namespace="codes-in-browser")
CODES_ON_ACCOUNT = RateLimitItemPerMonth(30, namespace="codes-on-account")
# Wrong codes of a mailed link: for one link, and for one address in 30 days. Beyond them the link itself works.
CODES_OF_LINK = RateLimitItemPerHour(5, namespace="codes-of-link")
LINK_CODES_ON_ADDRESS = RateLimitItemPerMonth(30, namespace="link-codes")
# Recovery codes cannot be guessed: nobody can use up somebody else's tries of them.
RECOVERY_FROM_PLACE = RateLimitItemPerDay(100, namespace="recovery-from-place")
# The question to a passkey is answered once while it holds (`passkey_ceremonies.LASTS`).
ANSWERS_TO_QUESTION = RateLimitItemPerMinute(1, 15, namespace="passkey-answers")
# After Redis failed it is left alone for so long, so that a dead one costs one short wait and not one a request.
LEFT_ALONE_SECONDS = 10.0
EXTENSION = "parley_counters"


class Counters:
    """Counters in Redis that go on in memory while Redis does not answer; they never raise and never hang."""

    def __init__(self, redis_url: str) -> None:
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared: MovingWindowRateLimiter | None = None
        self._away_until = 0.0
        if redis_url:
            url = redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix://") else redis_url
            storage = storage_from_string(
                url,
                key_prefix="parley-tries",
                wrap_exceptions=True,
                socket_connect_timeout=0.3,
                socket_timeout=0.5,
                retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type] # handed to redis-py as it is
            )
            self._shared = MovingWindowRateLimiter(storage)

    def count(self, limit: RateLimitItem, key: str) -> bool:
        """Count one more of *key*; False if that was beyond *limit*, which then counts nothing."""
        return self._ask(lambda counters: counters.hit(limit, key))

    def is_full(self, limit: RateLimitItem, key: str) -> bool:
        return not self._ask(lambda counters: counters.test(limit, key))

    def seconds_left(self, limit: RateLimitItem, key: str) -> int:
        """Seconds until *key* is below *limit* again; 0 if it is."""
        if not self.is_full(limit, key):
            return 0
        reset = self._ask(lambda counters: counters.get_window_stats(limit, key).reset_time)
        return max(1, math.ceil(reset - clock.milliseconds() / 1000))

    def forget(self, limit: RateLimitItem, key: str) -> None:
        self._ask(lambda counters: counters.clear(limit, key))

    def _ask(self, question: Callable[[MovingWindowRateLimiter], T]) -> T:
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return question(self._shared)
            except StorageError:
                self._away_until = time.monotonic() + LEFT_ALONE_SECONDS
                log.warning("Redis does not answer; tries are counted in this process only", exc_info=True)
        return question(self._own)


def init_throttle(app: Flask, redis_url: str) -> None:
    """Count the tries of *app* in the Redis at *redis_url*; empty: in this process."""
    app.extensions[EXTENSION] = Counters(redis_url)


def counters() -> Counters:
    """The counters of the current app."""
    found: Counters = current_app.extensions[EXTENSION]
    return found


@dataclass(frozen=True, slots=True)
class Source:
    """Who is tried, from where: keys of counters, hashed, since Redis needs to know nobody."""

    account: str
    # The account from this place, or in this browser.
    pair: str
    place: str
    # The person signed in before in this very browser: what strangers do is no reason for care.
    known: bool


def source_of(ctx: Context, account: str, browser: str = "") -> Source:
    """The source of a try for *account* (a person's id, or the address of nobody); *browser* names one in which the
    person signed in before."""
    place = place_of(ctx)
    return Source(
        account=_hash(f"{ctx.provider_id} {account.casefold()}"),
        pair=_hash(f"{ctx.provider_id} {account.casefold()} {f'browser {browser}' if browser else place}"),
        place=_hash(f"{ctx.provider_id} {place}"),
        known=bool(browser),
    )


def may_answer(source: Source) -> bool:
    """Whether *source* may hear whether a password is right."""
    return not counters().is_full(_limit_of(source), source.pair)


def count_failure(source: Source) -> None:
    """A password was wrong."""
    found = counters()
    found.count(FROM_PLACE, source.pair)
    found.count(FROM_PLACE_CAREFULLY, source.pair)
    if source.known:
        return
    found.count(ALL_FROM_PLACE, source.place)
    if found.count(PLACE_SHARE, source.pair):
        found.count(ON_ACCOUNT, source.account)


def clear_failures(source: Source) -> None:
    """The person proved who they are: their earlier failures from there are forgotten."""
    counters().forget(FROM_PLACE, source.pair)
    counters().forget(FROM_PLACE_CAREFULLY, source.pair)


def may_answer_code(source: Source, *, recovery: bool) -> bool:
    """Whether *source* may hear whether a code of the app, or a *recovery* code, is right."""
    found = counters()
    if recovery:
        return not found.is_full(RECOVERY_FROM_PLACE, source.pair)
    in_total = (CODES_IN_BROWSER, source.pair) if source.known else (CODES_ON_ACCOUNT, source.account)
    return not found.is_full(CODES_FROM_PLACE, source.pair) and not found.is_full(*in_total)


def count_wrong_code(source: Source, *, recovery: bool) -> bool:
    """A code was wrong. Returns whether *source* used up its tries with it."""
    found = counters()
    if recovery:
        return found.count(RECOVERY_FROM_PLACE, source.pair) and found.is_full(RECOVERY_FROM_PLACE, source.pair)
    found.count(CODES_FROM_PLACE, source.pair)
    found.count(*((CODES_IN_BROWSER, source.pair) if source.known else (CODES_ON_ACCOUNT, source.account)))
    return not may_answer_code(source, recovery=False)


def may_answer_link_code(ctx: Context, request_id: str, address: str) -> bool:
    """Whether a code of the mailed link *request_id* to *address* may be answered."""
    found = counters()
    return not found.is_full(CODES_OF_LINK, account_key(ctx, request_id)) and not found.is_full(
        LINK_CODES_ON_ADDRESS, account_key(ctx, address)
    )


def count_wrong_link_code(ctx: Context, request_id: str, address: str) -> None:
    """A code of the mailed link was wrong."""
    counters().count(CODES_OF_LINK, account_key(ctx, request_id))
    counters().count(LINK_CODES_ON_ADDRESS, account_key(ctx, address))


def clear_wrong_codes(source: Source) -> None:
    """A code was right: earlier wrong ones of this place and day are forgotten, those of 30 days are not."""
    counters().forget(CODES_FROM_PLACE, source.pair)


def too_many(source: Source) -> TooMany:
    """The refusal that *source* gets instead of an answer, the same for a right and a wrong password."""
    wait = max(1, counters().seconds_left(_limit_of(source), source.pair))
    return TooMany(
        _(
            "There were too many wrong passwords for this account from here. If yours is right, a link that signs you "
            "in is on its way to your mailbox. You can also ask for a new password"
        ),
        wait,
    )


def _limit_of(source: Source) -> RateLimitItem:
    found = counters()
    careful = not source.known and (
        found.is_full(ON_ACCOUNT, source.account) or found.is_full(ALL_FROM_PLACE, source.place)
    )
    return FROM_PLACE_CAREFULLY if careful else FROM_PLACE


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def account_key(ctx: Context, name: str) -> str:
    """*name* (an address, a person's id) at this provider; hashed, since Redis needs to know nobody."""
    return _hash(f"{ctx.provider_id} {name.casefold()}")


def may_send_mail(ctx: Context, address: str, *, to_strangers: bool = False) -> bool:
    """Whether one more mail that anybody can ask for may go to *address*; asking counts.

    A place that asks for many mails cannot keep one from a person who is known here; with *to_strangers*, where the
    address may be anybody's, it gets none any more.
    """
    key = account_key(ctx, address)
    allowed = counters().count(MAILS_FROM_PLACE, _hash(f"{ctx.provider_id} {place_of(ctx)}"))
    if not allowed and not to_strangers:
        allowed = counters().count(MAILS_BEYOND_PLACE, key)
    return counters().count(MAILS_TO_ADDRESS, key) and allowed


def may_confirm(ctx: Context, account: str) -> bool:
    """Whether one more link that confirms a right password may be mailed to *account*; asking counts."""
    return counters().count(CONFIRMATIONS, account_key(ctx, account))


def may_use_question(challenge: str) -> bool:
    """Whether the question *challenge* to a passkey was not answered before; asking uses it up."""
    return counters().count(ANSWERS_TO_QUESTION, _hash(challenge))

"""Failed tries are counted and make the next one wait: in Redis for all processes, in this one while Redis is away.

Only failures count, so that people who know their password never meet this, however often they sign in.
"""

import hashlib
import ipaddress
import logging
import math
import time
from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app
from flask_babel import ngettext
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.kernel import clock
from portal.kernel.context import Context
from portal.kernel.errors import TooMany

log = logging.getLogger(__name__)
T = TypeVar("T")

# Five failures for one account within 15 minutes; from the fifth on, one try each 30 seconds. Never a lasting lock.
ACCOUNT_FAILURES = RateLimitItemPerMinute(5, 15, namespace="failures")
ACCOUNT_PAUSE = RateLimitItemPerSecond(1, 30, namespace="pause")
# From one network place, whatever the account: a company behind one address still has room for its typing errors.
PLACE_FAILURES = RateLimitItemPerMinute(50, 10, namespace="place")
MAILS_TO_ADDRESS = RateLimitItemPerHour(5, namespace="mails")
MAILS_FROM_PLACE = RateLimitItemPerHour(50, namespace="mails-place")
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


def account_key(ctx: Context, name: str) -> str:
    """*name* (an address, a person's id) at this provider; hashed, since Redis needs to know nobody."""
    return hashlib.sha256(f"{ctx.provider_id} {name.casefold()}".encode("utf-8", "replace")).hexdigest()


def place_key(ctx: Context) -> str:
    """Where the request comes from: its IPv4 address, or its IPv6 /64 (one household owns that many addresses)."""
    try:
        address = ipaddress.ip_address(ctx.ip.partition("%")[0])
    except ValueError:
        return "unknown"
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def check_tries(ctx: Context, name: str) -> None:
    """Raise TooMany while *name*, or the place the request comes from, has failed too often."""
    wait = max(
        counters().seconds_left(ACCOUNT_PAUSE, account_key(ctx, name)),
        counters().seconds_left(PLACE_FAILURES, place_key(ctx)),
    )
    if wait:
        raise TooMany(wait_sentence(wait), wait)


def count_failure(ctx: Context, name: str) -> None:
    """A try for *name* failed: the fifth and each further one starts a pause."""
    key = account_key(ctx, name)
    counters().count(PLACE_FAILURES, place_key(ctx))
    counters().count(ACCOUNT_FAILURES, key)
    if counters().is_full(ACCOUNT_FAILURES, key):
        counters().count(ACCOUNT_PAUSE, key)


def clear_failures(ctx: Context, name: str) -> None:
    """*name* proved who they are: earlier failures for that account are forgotten."""
    key = account_key(ctx, name)
    counters().forget(ACCOUNT_FAILURES, key)
    counters().forget(ACCOUNT_PAUSE, key)


def may_send_mail(ctx: Context, address: str) -> bool:
    """Whether one more mail that anybody can ask for may go to *address*; asking counts."""
    from_place = counters().count(MAILS_FROM_PLACE, place_key(ctx))
    return counters().count(MAILS_TO_ADDRESS, account_key(ctx, address)) and from_place


def wait_sentence(wait: int) -> str:
    """How long to wait, in words."""
    if wait <= 90:
        return ngettext("Too many tries. Wait %(num)d second", "Too many tries. Wait %(num)d seconds", wait)
    minutes = math.ceil(wait / 60)
    return ngettext("Too many tries. Wait %(num)d minute", "Too many tries. Wait %(num)d minutes", minutes)

"""A number for each provider that grows with every commit of its work.

While it stays the same, nothing of the provider has changed, and what an open page asks every few seconds needs no look
at the database (`web.unchanged_polls`). A feature may count the changes of a smaller thing (a chat) by its id likewise.
The numbers are in Redis; without it everybody looks.
"""

from redis import Redis

from portal.kernel.actor import Id
from portal.kernel.jobs import ask_redis

# The number of a smaller thing is forgotten after so many seconds without a change. No answer is believed for as long.
SECONDS_OF_THING = 86_400


def announce_change(provider_id: Id) -> None:
    """Say that work of *provider_id* was committed. What Redis does not hear is noticed when an answer is too old."""
    ask_redis(lambda redis: redis.incr(_key(provider_id)), None, lost="a change is noticed later")


def announce_change_of(thing_id: Id) -> None:
    """Say that the thing with this id changed, after the commit."""

    def count(redis: Redis) -> None:
        with redis.pipeline(transaction=False) as pipe:
            pipe.incr(_key(thing_id))
            pipe.expire(_key(thing_id), SECONDS_OF_THING)
            pipe.execute()

    ask_redis(count, None, lost="a change is noticed later")


def read_stamp(*ids: Id) -> str:
    """The numbers of *ids*, a provider or smaller things, now; '' without Redis."""

    def read(redis: Redis) -> str:
        found = redis.mget([_key(one) for one in ids])
        return ".".join(number.decode() if isinstance(number, bytes) else "0" for number in found)

    return ask_redis(read, "", lost="open pages are looked at in full")


def _key(thing_id: Id) -> str:
    return f"parley:changes:{thing_id}"

"""The context of a request, job or command: actor, time, channel. It is passed as the first argument and never
ambient."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session, scoped_session

from portal.kernel.actor import Actor, Id


@dataclass(slots=True)
class Context:
    """One request, job or command. `now` is read once; `provider` is the tenant's own row (None before a host is
    known)."""

    actor: Actor
    now: dt.datetime
    session: "Session | scoped_session[Any]"
    provider: Any = None
    channel: str = "portal"
    request_id: str = ""
    ip: str = ""
    # The signed-in person's user row, where there is one; identity sets it.
    person: Any = None
    # The id of the browser session, where there is one.
    session_id: Id | None = None
    # The values of `RequestCache` objects. Only `kernel.request_cache` reads them.
    caches: dict[object, dict[Any, Any]] = field(default_factory=dict)

    @property
    def provider_id(self) -> Id:
        """The tenant. Raises an error before the host was resolved, because reading it then is a defect."""
        if self.actor.provider_id is None:
            raise RuntimeError("this work has no provider yet")
        return self.actor.provider_id

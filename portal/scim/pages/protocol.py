"""What all addresses of SCIM share (RFC 7644): the token, the body of a request, and how it is answered, in JSON.

The token is the key: no cookie counts here, so no form token is needed. An answer of 400 and above changes nothing.
"""

import json
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from flask import Response, request
from scim2_models import (
    Error,
    InvalidFilterException,
    InvalidSyntaxException,
    InvalidValueException,
    ListResponse,
    SCIMException,
    ScimFilter,
    UniquenessException,
)

from portal.kernel.errors import Conflict, NotFound, Refused
from portal.kernel.system_context import as_system
from portal.kernel.text import clean_text
from portal.scim.actions import tokens as actions
from portal.scim.engine.resources import InvalidResource, ScimUser
from portal.scim.queries import tokens as queries
from portal.web.bearer_tokens import sent_bearer_token
from portal.web.current import ctx

LONGEST_BODY = 500_000
LONGEST_FILTER = 1_000
MOST_IN_PAGE = 200
View = Callable[..., Response]
Row = TypeVar("Row")


def answers_client(view: Callable[..., Response]) -> View:
    """Call *view* with a context of the system and the identity provider whose token came, and word every refusal as
    SCIM does."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Response:
        token = sent_bearer_token()
        with as_system(ctx(), with_own_rows=True) as system:
            changes = request.method not in ("GET", "HEAD")
            client = queries.find_client(system, token, lock=changes) if token else None
            if client is None:
                answer = refuse(401, "A valid bearer token is needed")
                answer.headers["WWW-Authenticate"] = 'Bearer realm="scim"'
                return answer
            try:
                answer = view(system, client, *args, **kwargs)
                if changes:
                    actions.note_use(system, client)
                return answer
            except InvalidResource as problem:
                return answer_error(problem.error)
            except Refused as refusal:
                return answer_error(InvalidValueException(detail=str(refusal.message)).to_error())
            except Conflict as conflict:
                return answer_error(UniquenessException(detail=str(conflict.message)).to_error())
            except NotFound:
                return refuse(404, "There is no such resource")

    return answered


def read_body() -> Any:
    """The JSON of the request. Raises InvalidResource."""
    raw = request.get_data(cache=False)
    try:
        if len(raw) > LONGEST_BODY:
            raise ValueError
        return json.loads(raw)
    except (ValueError, RecursionError) as problem:
        detail = f"The body must be JSON of at most {LONGEST_BODY} bytes"
        raise InvalidResource(InvalidSyntaxException(detail=detail)) from problem


def read_page() -> tuple[int, int]:
    """The place of the first resource that is asked for, from 1, and how many are."""
    start, count = request.args.get("startIndex", 1, type=int), request.args.get("count", MOST_IN_PAGE, type=int)
    return min(max(1, start), 1_000_000), min(max(0, count), MOST_IN_PAGE)


def read_filter() -> str:
    """The filter of the request, '' for none. Raises InvalidResource for one that is too long."""
    wanted = request.args.get("filter", "")
    if len(wanted) > LONGEST_FILTER:
        raise InvalidResource(InvalidFilterException(detail="The filter is too long"))
    return wanted


def filter_resources(wanted: str, rows: Sequence[Row], make: Callable[[Row], Any], kind: Any) -> list[Row]:
    """Of *rows* those whose resource of *kind*, which *make* makes, the filter matches. Raises InvalidResource."""
    try:
        condition = ScimFilter[kind](wanted)
        return [row for row in rows if condition.match(make(row))]
    except SCIMException as problem:
        raise InvalidResource(problem) from problem


def plain_comparison(wanted: str) -> tuple[str, str]:
    """(attribute in small letters, text) of a filter that compares one attribute with a text; ('', '') for another, and
    for a text that no database holds."""
    name, operator, value = (*wanted.split(" ", 2), "", "")[:3]
    try:
        plain = json.loads(value) if operator.lower() == "eq" else None
    except (ValueError, RecursionError):
        plain = None
    return (name.lower(), plain) if isinstance(plain, str) and clean_text(plain) == plain else ("", "")


def leaves_out(attribute: str) -> bool:
    """Whether the request asks for resources without *attribute* (RFC 7644, 3.9)."""
    wanted, excluded = (
        {part.strip().lower() for part in request.args.get(name, "").split(",") if part.strip()}
        for name in ("attributes", "excludedAttributes")
    )
    return attribute in excluded or (bool(wanted) and not any(one.split(".")[0] == attribute for one in wanted))


def answer_with(body: dict[str, Any], status: int = 200) -> Response:
    answer = Response(json.dumps(body), status, content_type="application/scim+json; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    if status == 201:
        answer.headers["Location"] = body["meta"]["location"]
    return answer


def answer_list(rows: list[dict[str, Any]], *, total: int | None = None, start: int = 1) -> Response:
    return answer_with(
        {
            "schemas": [str(ListResponse[ScimUser].__schema__)],
            "totalResults": len(rows) if total is None else total,
            "startIndex": start,
            "itemsPerPage": len(rows),
            "Resources": rows,
        }
    )


def answer_error(error: Error) -> Response:
    return answer_with(error.model_dump(), int(error.status or 400))


def refuse(status: int, detail: str) -> Response:
    return answer_error(Error(status=status, detail=detail))

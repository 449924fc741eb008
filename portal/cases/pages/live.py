"""The answer to an open page that asks what is new: JSON that browsers compare by its ETag."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, jsonify, request

from portal.cases.pages.list_filters import chosen_account, read_filters
from portal.cases.pages.saved_views import counted_view
from portal.cases.presence import SECONDS, Present, mark_present, presence_key, presence_sentences, present_on
from portal.cases.queries.lists import shape_of, views
from portal.cases.queries.live import ARRIVALS_LIMIT, News, OpenCase, OpenQueue, fetch_news
from portal.cases.queries.saved_views import pinned_views
from portal.kernel.bounded_counts import count_text
from portal.kernel.change_stamps import read_stamp
from portal.kernel.context import Context
from portal.web.unchanged_polls import SECONDS as LONG
from portal.web.unchanged_polls import remember_answer
from portal.web.urls import id_parameter, text_parameter


def answer_tick(context: Context, *, queues: bool) -> Response:
    """The news of the page that the parameters describe; 304 if the browser knows them.

    The browser keeps the answer in memory: no cache may store it.
    """
    queue, open_case = read_open_queue(context) if queues else None, read_open_case()
    # The stamp of a case changes with the colleagues who have it open.
    stamped = [context.provider_id, *([open_case.case_id] if queues and open_case else [])]
    stamp = read_stamp(*stamped)
    # Only a page whose menu holds views asks for their numbers.
    pinned = pinned_views(context) if queues and text_parameter("pinned", 1) else []
    saved = [one for view in pinned if (one := counted_view(context, view))]
    news = fetch_news(context, queues=queues, queue=queue, open_case=open_case, saved=saved)
    present = _tell_presence(context, open_case.case_id) if queues and open_case and news.sees_case else None
    answer = jsonify(_as_json(news) | ({} if present is None else {"present": presence_sentences(present)}))
    tag = hashlib.sha256(answer.get_data()).hexdigest()[:24]
    answer.set_etag(tag)
    answer.make_conditional(request)
    if present is None or open_case is None or context.person is None:
        remember_answer(stamped, stamp, tag)
    else:
        # Who left is noticed soon; that the reader is still there is kept by the polls that are not looked at.
        kept = presence_key(open_case.case_id, context.person.id)
        remember_answer(stamped, stamp, tag, SECONDS if present else LONG, keeps=(kept, SECONDS))
    return answer


def _tell_presence(context: Context, case_id: uuid.UUID) -> Sequence[Present]:
    """Say that the reader has this case open, writing on it with `?writing=`; the colleagues who have it open, too."""
    mark_present(context, case_id, writes=text_parameter("writing", 1) == "1")
    return present_on(context, [case_id]).get(case_id, ())


def _as_json(news: News) -> dict[str, Any]:
    return {
        "counts": {name: str(count_text(number)) if number else "" for name, number in news.counts.items()},
        "cases": sorted(news.cases[:ARRIVALS_LIMIT]),
        "more": len(news.cases) > ARRIVALS_LIMIT,
        "messages": news.messages,
    }


def read_open_queue(context: Context) -> OpenQueue | None:
    """The queue of `?queue=` with its filters, drawn at `?since=` (milliseconds) when `?after=` was the newest id; None
    without one, and for a search by words."""
    view, since, after = text_parameter("queue", 20), text_parameter("since", 15), id_parameter("after")
    if view not in views() or not (since.isdecimal() and since.isascii()) or after is None:
        return None
    chosen = chosen_account(context, ())
    filters = read_filters(context, {chosen.key: chosen.id} if chosen else {})
    if filters.words:
        return None
    drawn_at = dt.datetime.fromtimestamp(min(int(since) / 1000, context.now.timestamp()), dt.UTC)
    return OpenQueue(view, replace(shape_of(filters), sort="", page=1, size=0), drawn_at, after)


def read_open_case() -> OpenCase | None:
    """The case of `?case=` with the newest message that its page shows, `?last=`; both are ids."""
    case_id, last_message = id_parameter("case"), id_parameter("last")
    return OpenCase(case_id, last_message) if case_id and last_message else None

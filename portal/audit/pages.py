"""What the pages of audit share: what they are asked for, and their files."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response

from portal.audit import security_labels as labels
from portal.audit.queries.security_events import (
    GROUPS,
    EventFilter,
    SecurityEventPage,
    exported_security_events,
    security_event_page,
)
from portal.kernel import retention
from portal.tenants.models import Organization
from portal.web.csv_files import csv_response
from portal.web.current import ctx
from portal.web.htmx import page
from portal.web.urls import list_page, number_parameter, search_words, text_parameter

# The times that the pages offer, in days.
SPANS = (1, 7, 30)


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a page shows: the last *days* days (0: any), which begin *since*."""

    days: int
    since: dt.datetime | None


def asked_span() -> Span:
    """The span of the request."""
    days = number_parameter("days", 0, highest=365)
    return Span(days, ctx().now - dt.timedelta(days=days)) if days in SPANS else Span(0, None)


def span_choices() -> list[tuple[str, str]]:
    """What the filter of time offers."""
    return [(str(span), labels.span_label(span)) for span in SPANS]


def utc(moment: dt.datetime) -> str:
    """*moment* as files have it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def events_page(
    template: str, groups: Iterable[str], organization: Organization | None = None, **values: Any
) -> Response:
    """The page of the security events that are asked for, by group, time and person or place; with *organization* those
    that concern it alone."""
    wanted, span = _asked_filter(organization), asked_span()
    return page(
        template,
        found=security_event_page(ctx(), wanted, list_page()),
        q=wanted.q,
        group=wanted.group,
        days=str(span.days or ""),
        groups=[(name, labels.group_label(name)) for name in groups],
        spans=span_choices(),
        kind_label=labels.kind_label,
        detail=labels.detail_sentence,
        is_try=labels.is_try,
        kept_days=retention.days_of("security_events"),
        **values,
    )


def events_file(name: str, organization: Organization | None = None) -> Response:
    """What `events_page` shows, as the file *name*."""
    head = ("kind", "what", "detail", "about", "organization", "by", "from", "times", "first", "last")
    found = exported_security_events(ctx(), _asked_filter(organization))
    return csv_response(name, head, found.page, _event_lines(found))


def _asked_filter(organization: Organization | None) -> EventFilter:
    group = text_parameter("group", 20)
    return EventFilter(organization, group if group in GROUPS else "", search_words(), asked_span().since)


def _event_lines(found: SecurityEventPage) -> Iterator[list[str]]:
    for row in found.page.rows:
        person = found.people.get(row.user_id) if row.user_id is not None else None
        organization = found.organizations.get(str(row.facts.get("organization")))
        yield [
            *(row.kind, labels.kind_label(row.kind), labels.detail_sentence(row)),
            *(person.name if person else "", organization.name if organization else ""),
            *(row.actor_name, row.place, str(row.count), utc(row.first_at), utc(row.last_at)),
        ]

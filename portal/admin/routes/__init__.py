"""The administration's pages. Reading needs PROVIDER_READ, changing PROVIDER_CONFIGURE; the actions ask again."""

from portal.admin.routes import (  # noqa: F401 - views register themselves
    accounts,
    background_jobs,
    branding,
    contacts,
    deletions,
    departments,
    environments,
    get_started,
    mails,
    organizations,
    overview,
    people_import,
    person_details,
    phrases,
    reporting_lines,
    request_types,
    roles,
    services,
    settings,
    severity_levels,
    severity_question,
    staff,
    status_words,
    styleguide,
    tags,
)
from portal.admin.routes.blueprint import admin

__all__ = ["admin"]

"""What cases add to the product."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.cases.actions.contact_cases import hand_over_cases
from portal.cases.pages.answers_column import answers_column
from portal.cases.pages.drafts import CASE_DRAFTS
from portal.cases.pages.sight_of_people import looks_after_people
from portal.cases.pages.tags_column import tags_column
from portal.cases.queries.contact_cases import find_leavers, find_open_cases
from portal.cases.queries.default_accounts import has_several_accounts
from portal.cases.routes.blueprints import cases, desk, form_builder
from portal.tenants.queries.open_cases import ContactCases
from portal.web.feature import Feature, NavigationItem
from portal.web.tabs import Tab

FEATURE = Feature(
    name="cases",
    blueprints=[cases, desk, form_builder],
    drafts=CASE_DRAFTS,
    own_pages={"cases.default_account": has_several_accounts},
    columns=[answers_column, tags_column],
    tabs={"organization": [Tab(lambda: _("Who sees what"), "/access", looks_after_people)]},
    contact_cases=ContactCases(find_open_cases, hand_over_cases, find_leavers),
    navigation=[
        NavigationItem("more", 20, "views", _l("Saved views"), "/desk/views", "star", Permission.CASE_READ),
        NavigationItem("work", 30, "accounts", _l("Accounts"), "/desk/accounts", "building"),
        NavigationItem("design", 10, "request-types", _l("Request types"), "/admin/request-types", "list"),
        NavigationItem("design", 20, "severity", _l("Severity"), "/admin/severity", "sev-2"),
        NavigationItem("design", 30, "statuses", _l("Statuses"), "/admin/statuses", "s-in_progress"),
        NavigationItem("design", 40, "services", _l("Services"), "/admin/services", "briefcase"),
        NavigationItem("design", 50, "tags", _l("Tags"), "/admin/tags", "tag"),
    ],
)

"""The surface of single sign-on in the product."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.identity.sign_in_ways import SignInButton, SignInWays
from portal.kernel.context import Context
from portal.sso import pages
from portal.sso.labels import closed_sentence, state_label
from portal.sso.queries import ways
from portal.sso.queries.linked import has_own_sign_ins
from portal.sso.routes import sso
from portal.sso.rules import list_origins
from portal.web.feature import Feature, NavigationItem
from portal.web.tabs import Tab


def _list_buttons(ctx: Context) -> list[SignInButton]:
    return [
        SignInButton(row.name, row.label, row.kind, list_origins([row], pages.issuers()))
        for row in ways.offered_ways(ctx)
    ]


def _find_way(ctx: Context, email: str) -> tuple[str, bool] | None:
    found = ways.way_of_email(ctx, email)
    return (found.name, found.enforced) if found is not None else None


sso.add_app_template_global(state_label, "way_state")
FEATURE = Feature(
    name="sso",
    blueprints=[sso],
    navigation=[NavigationItem("provider", 43, "sign-in", _l("Sign-in"), "/admin/sign-in", "key")],
    own_pages={"sso.own_sign_ins": has_own_sign_ins},
    tabs={"organization": [Tab(lambda: _("Sign-in"), "/sign-in")]},
    sign_in_ways=SignInWays(_list_buttons, _find_way, closed_sentence),
)

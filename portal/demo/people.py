"""What the organizations of the demo decided about their people."""

from portal.demo.build import BuiltProvider
from portal.demo.specs import ProviderSpec
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.tenants.actions.organizations import change_organization
from portal.tenants.actions.reporting_lines import set_manager


def play_people(ctx: Context, built: BuiltProvider, plan: ProviderSpec) -> None:
    """Set the reporting lines of *plan*, and let managers see cases where it says so; *ctx* is the system's."""
    bind(ctx.session, Tenancy.of(ctx.actor))
    for who, manager in plan.lines.items():
        set_manager(ctx, built.contacts[who], built.contacts[manager].id)
    for name, value in plan.managers_see.items():
        change_organization(ctx, built.organizations[name], managers_see=value)

"""The form that corrects a person, as the administration and an organization's own pages fill, read and check it."""

from flask_babel import gettext as _

from portal.identity.locale_choices import zone_choices
from portal.identity.models import User
from portal.identity.queries import primary_email
from portal.kernel.context import Context
from portal.web.edit_conflict import fingerprint
from portal.web.person_form import PersonForm


def filled_form(ctx: Context, person: User) -> PersonForm:
    """The form as *person* stands, with an address that waits for its proof."""
    form = PersonForm(
        formdata=None,
        name=person.name,
        email=person.new_email or primary_email(ctx, person.id),
        phone=person.phone,
        zone=person.zone,
        version=person_version(ctx, person),
    )
    return _offer_zones(ctx, form)


def sent_form(ctx: Context) -> PersonForm:
    """The form as it was sent."""
    return _offer_zones(ctx, PersonForm())


def person_version(ctx: Context, person: User) -> str:
    """The version of what the form corrects."""
    return fingerprint(person.name, person.phone, person.zone, primary_email(ctx, person.id), person.new_email)


def _offer_zones(ctx: Context, form: PersonForm) -> PersonForm:
    own = ctx.provider.zone.replace("_", " ")
    form.zone.choices = zone_choices(ctx.now, _("That of the portal: %(zone)s", zone=own))
    return form

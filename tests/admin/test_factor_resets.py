"""Second factors of somebody who lost them: an administrator resets them, or the operator."""

from portal.identity.factor_models import Authenticator, RecoveryCode
from portal.identity.models import User
from portal.kernel.security_events import SecurityEvent
from portal.notifications.models import OutgoingMail
from portal.tenants.actions.factors import reset_factors_of
from tests.identity.second_factors import set_up_app
from tests.identity.steps import sign_in


def test_an_administrator_resets_the_factors_of_a_contact_who_is_told(world, as_user, client, run_outbox):
    set_up_app(world, "rita")
    path = f"/admin/organizations/acme/people/{world.rita.contact_id}/reset"
    ada = as_user("ada")
    assert path in ada.get(path.removesuffix("/reset")).text
    assert ada.submit(ada.get(path).page.form(path)).status_code == 303
    assert not world.rows(Authenticator) and not world.rows(RecoveryCode)
    assert sign_in(client(), world.rita.email).headers["Location"] == "/"
    run_outbox()
    mail = world.rows(OutgoingMail, OutgoingMail.kind == "factor_changed")[-1]
    assert mail.recipient == world.rita.email and "Ada" in mail.text
    [event] = world.rows(SecurityEvent, SecurityEvent.kind == "person.factors_reset")
    assert (event.user_id, event.actor_name) == (world.rita.id, world.row(User, world.ada).name)
    again = ada.post(path)
    assert again.status_code == 409 and "has no second factor" in again.page.text


def test_staff_are_reset_too_and_nobody_resets_their_own(world, as_user):
    set_up_app(world, "tom")
    set_up_app(world, "ada")
    ada = as_user("ada")
    path = f"/admin/staff/{world.person('tom').staff_id}/reset"
    assert ada.submit(ada.get(path).page.form(path)).status_code == 303
    own = f"/admin/staff/{world.ada.staff_id}/reset"
    refused = ada.post(own)
    assert refused.status_code == 422 and "on your own page" in refused.page.text
    assert [row.user_id for row in world.rows(Authenticator)] == [world.ada.id]
    for who in ("ana", "aud", "lee"):
        assert as_user(who).post(path).status_code == 403


def test_the_operator_resets_even_the_last_administrator(world, client):
    set_up_app(world, "ada")
    reset_factors_of(world.system(), world.row(User, world.ada))
    assert sign_in(client(), world.ada.email).headers["Location"] != "/sign-in/factor"
    assert [e.user_id for e in world.rows(SecurityEvent, SecurityEvent.kind == "person.factors_reset")] == [
        world.ada.id
    ]

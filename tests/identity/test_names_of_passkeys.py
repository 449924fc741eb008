"""One's own passkeys get other names; what administrators learn of the factors of others."""

from portal.identity.factor_models import Passkey
from tests.identity.second_factors import set_up_app
from tests.support import acting


def test_a_passkey_is_renamed_by_its_person_only(world, client):
    passkey_id = acting.leave_passkey(world.northwind, world.rita)
    path = f"/me/passkeys/{passkey_id}/rename"
    browser = client("rita")
    assert path in browser.get("/me/passkeys").page.links
    form = browser.get(path).page.form(path)
    refused = browser.submit(form, name=" ")
    assert refused.status_code == 422 and "Write a name" in refused.page.text
    assert browser.submit(form, name="Phone <b>").status_code == 303
    assert world.rows(Passkey, Passkey.id == passkey_id)[0].name == "Phone <b>"
    assert "Phone <b>" in browser.get("/me/passkeys").page.text
    for who in ("mel", "ada"):
        assert client(who).get(path).status_code == 404
        assert client(who).post(path, data={"name": "Mine"}).status_code == 404


def test_administrators_see_whether_somebody_has_a_factor_and_nothing_of_it(world, client):
    ada = client("ada")
    contact, staff = f"/admin/organizations/acme/people/{world.rita.contact_id}", f"/admin/staff/{world.tom.staff_id}"
    for path in (contact, staff):
        page = ada.get(path).page
        assert "not set up" in page.text and f"{path}/reset" not in page.links
    set_up_app(world, "rita")
    acting.leave_passkey(world.northwind, world.tom)
    assert "authenticator app" in ada.get(contact).page.text and f"{contact}/reset" in ada.get(contact).page.links
    assert "2 passkeys" in ada.get(staff).page.text and f"{staff}/reset" in ada.get(staff).page.links
    names = [row.name for row in world.rows(Passkey)]
    # The menu has a "Phone" of its own.
    shown = ada.get(staff).page.first("main").text
    assert not any(name in shown for name in names)
    # Whoever reads the administration sees it too, and resets nothing.
    seen = client("aud").get(staff).page
    assert "2 passkeys" in seen.text and f"{staff}/reset" not in seen.links

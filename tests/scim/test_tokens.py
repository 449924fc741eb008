"""The page on which an administrator makes the token of an organization's identity provider."""

from portal.scim.models import ScimClient


def test_a_token_is_made_shown_once_and_ended(world, client):
    ada = client("ada")
    path = "/admin/organizations/acme/scim"
    assert path in ada.get("/admin/organizations/acme").page.links
    page = ada.get(path).page
    assert "/scim/v2" in page.text and "There is no token yet" in page.text
    refused = ada.submit(page.form(path), account="x")
    assert refused.status_code == 422
    assert ada.submit(page.form(path), role="member").headers["Location"] == path
    shown = ada.get(path).page
    token = shown.all("button", **{"data-copy": True})[-1].get("data-copy")
    assert len(token) == 43 and token not in ada.get(path).text
    (row,) = world.rows(ScimClient)
    assert (row.role, token.encode() in row.token_hash) == ("member", False)
    headers = {"Authorization": f"Bearer {token}"}
    assert client().get("/scim/v2/Users", headers=headers).status_code == 200
    # A new one ends the old one.
    assert ada.submit(ada.get(path).page.form(path)).status_code == 303
    assert client().get("/scim/v2/Users", headers=headers).status_code == 401
    end = f"{path}/end"
    assert ada.submit(ada.get(end).page.form(end)).status_code == 303
    assert world.rows(ScimClient) == [] and ada.post(end).status_code == 409


def test_only_those_who_connect_make_one(world, client, travel):
    path = "/admin/organizations/acme/scim"
    for who in ("aud", "pat", "ana", "lee"):
        assert client(who).post(path, data={}).status_code == 403, who
        assert client(who).get(f"{path}/end").status_code == 403, who
    assert client("aud").get(path).status_code == 200 and client("ana").get(path).status_code == 403
    ada = client("ada")
    travel(minutes=11)
    assert ada.post(path, data={}).headers["Location"].startswith("/me/proof")


def test_addresses_and_methods_that_are_not_there_are_refused_in_json_too(acme, client):
    for method, path, status in (
        ("GET", "Me", 404),
        ("POST", "Bulk", 404),
        ("GET", "users", 404),
        ("PUT", "Users", 405),
        ("DELETE", "Schemas", 405),
    ):
        answer = acme.ask(method, path, {} if method in ("POST", "PUT") else None)
        assert answer.status_code == status, (method, path)
        assert answer.json["status"] == str(status) and answer.json["detail"], (method, path)
    assert client().get("/scim/v2/Nowhere", checked=False).mimetype == "application/scim+json"
    assert client().get("/nowhere/scim/v2", checked=False).mimetype == "text/html"

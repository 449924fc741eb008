"""The mailed link in place of a password: by its button in the browser that asked, or by its code."""

from portal.identity import actions
from portal.identity.models import BrowserSession, LinkRequest
from portal.kernel import tokens
from tests.identity.steps import masked
from tests.support import acting


def ask(browser, email, **more):
    answer = browser.post("/sign-in/link", data={"email": email, **more})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/link/sent")


def token_of(world, who):
    acting.run_outbox(world)
    purpose = tokens.TokenHash.purpose == actions.SIGN_IN_CODE
    rows = world.rows(tokens.TokenHash, purpose, tokens.TokenHash.subject_id == world.person(who).id)
    return rows[-1].id


def test_the_button_signs_in_where_the_link_was_asked_for_and_once(world, client):
    browser = client()
    ask(browser, world.rita.email, next="/cases")
    path = f"/sign-in/link/{tokens.derive_token(token_of(world, 'rita'))}"
    for _ in range(10):
        client().get(path)
        browser.get(path)
    form = browser.get(path).page.form(path)
    assert browser.submit(form).headers["Location"] == "/cases"
    assert browser.get("/me").status_code == 200
    assert client().get(path).status_code == 410


def test_the_code_signs_in_where_it_was_asked_for(world, client):
    browser = client()
    ask(browser, world.rita.email, next="/cases")
    code = tokens.derive_code(token_of(world, "rita"))
    page = browser.get("/sign-in/link/sent").page
    assert browser.submit(page.form("/sign-in/link/sent"), code="000000").status_code == 422
    typed = f" {code[:3]}-{code[3:]} "
    assert browser.submit(page.form("/sign-in/link/sent"), code=typed).headers["Location"] == "/cases"


def test_another_browser_needs_the_code_beside_the_link(world, client):
    ask(client(), world.rita.email)
    request_id = token_of(world, "rita")
    path, other = f"/sign-in/link/{tokens.derive_token(request_id)}", client()
    assert "asked for in another browser" in other.get(path).page.text
    assert other.post(path).status_code == 422
    assert other.post(path, data={"code": "000000"}).status_code == 422
    assert "_user_id" not in other.cookie
    assert other.post(path, data={"code": tokens.derive_code(request_id)}).status_code == 303


def test_five_wrong_codes_close_the_code_and_not_the_link(world, client):
    browser = client()
    ask(browser, world.rita.email)
    request_id = token_of(world, "rita")
    for _ in range(5):
        assert browser.post("/sign-in/link/sent", data={"code": "000000"}).status_code == 422
    code = tokens.derive_code(request_id)
    assert browser.post("/sign-in/link/sent", data={"code": code}).status_code == 429
    path = f"/sign-in/link/{tokens.derive_token(request_id)}"
    assert browser.submit(browser.get(path).page.form(path)).status_code == 303


def test_known_and_unknown_addresses_cost_and_say_the_same(world, client, statements):
    seen, costs = set(), set()
    for email in [world.rita.email, world.jan.email, *(f"nobody{n}@acme.example" for n in range(3))]:
        browser = client()
        browser.get("/sign-in")
        with statements() as ran:
            answer = browser.post("/sign-in/link", data={"email": email})
        costs.add(len(ran))
        seen.add(masked(answer, email))
        seen.add(masked(browser.get("/sign-in/link/sent"), email, email.replace("@", "%40")))
        wrong = browser.post("/sign-in/link/sent", data={"code": "000000"})
        seen.add((wrong.status_code, masked(wrong, email, email.replace("@", "%40"))))
    assert len(costs) == 1 and len(seen) == 3
    assert len(world.rows(LinkRequest)) == 5


def test_a_sensitive_form_waits_for_a_proof_and_keeps_its_text(world, client, travel):
    browser = client("ada")
    form = browser.get("/admin/organizations/acme").page.form("/admin/organizations/acme")
    travel(minutes=11)
    answer = browser.submit(form, name="Acme Renamed")
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/me/proof?next=/unsent/")
    page = browser.get(answer.headers["Location"]).page
    assert browser.submit(page.form("/me/proof"), password="wrong").status_code == 422
    kept = browser.submit(page.form("/me/proof"), password="parley-demo").headers["Location"]
    again = browser.get(kept).page.form("/admin/organizations/acme")
    assert again["name"] == "Acme Renamed"
    assert browser.submit(again).status_code == 303
    row = world.rows(BrowserSession, BrowserSession.user_id == world.ada.id)[-1]
    assert row.proved_at > row.created_at

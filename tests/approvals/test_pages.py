"""The pages of approvals: the form that announces it, the question, the link of a mail, the rules."""

import datetime as dt

from portal.approvals.actions import answers
from portal.approvals.actions.answers import HandAsking
from portal.approvals.models import ApprovalRule
from portal.cases.engine.request_fields import RequestField
from portal.cases.models import Case, RequestType
from portal.notifications.models import OutgoingMail
from tests.support.approvals import make_rule, request_of, step


def test_m2_the_form_says_what_it_needs_before_submit(world, as_user):
    make_rule(world, environment_kind="production")
    rita, production = as_user("rita"), world.environments["ACME", "Production"]
    asked = f"/new/outage/promise?account=ACME&environment={production.id}&severity=3"
    text = rita.get(asked).get_data(as_text=True)
    assert "This needs a yes" in text and world.olga.name in text
    assert "no figures yet" in text and "rest meanwhile" in text
    test = world.environments["ACME", "Test"]
    assert "This needs a yes" not in rita.get(asked.replace(str(production.id), str(test.id))).get_data(as_text=True)


def test_m2_an_approver_answers_in_two_touches(world, as_user):
    make_rule(world)
    case = world.open_case("rita", visibility="private")
    olga = as_user("olga")
    assert "1" in olga.get("/cases?tab=approve").get_data(as_text=True)
    assert "waits for your yes" in olga.get("/").get_data(as_text=True)
    assert "Your yes is needed" in olga.get(f"/cases/{case.key}").get_data(as_text=True)
    form = olga.get(f"/cases/{case.key}/approval").page.form(f"/cases/{case.key}/approval")
    refused = olga.post(f"/cases/{case.key}/approval", data=form.filled(decision="no"))
    assert refused.status_code == 422 and "Write why you refuse" in refused.get_data(as_text=True)
    assert olga.post(f"/cases/{case.key}/approval", data=form.filled(decision="yes")).status_code == 303
    assert world.reload(case).approval == "approved"
    again = olga.post(f"/cases/{case.key}/approval", data=form.filled(decision="yes"))
    assert again.status_code == 409 and "has answered already" in again.get_data(as_text=True)


def test_m2_what_is_asked_stands_before_the_buttons(world, as_user, client, run_outbox):
    make_rule(world)
    case = world.open_case("rita", visibility="private", description="Open the port of the scanner, please.")
    run_outbox()
    link = link_of(world, world.rows(OutgoingMail, OutgoingMail.kind == "approval_asked")[0])
    for page in (as_user("olga").get(f"/cases/{case.key}/approval"), client().get(link)):
        text = page.get_data(as_text=True)
        assert text.index("Open the port of the scanner") < text.index('value="yes"')
        assert text.index("What is asked") < text.index('value="yes"') < text.index("Who says yes")


def test_m2_whoever_is_not_asked_reads_and_cannot_answer(world, as_user):
    make_rule(world, step(world.olga.email))
    case = world.open_case("rita", visibility="shared")
    mel = as_user("mel")
    page = mel.get(f"/cases/{case.key}/approval")
    assert page.status_code == 200 and 'value="yes"' not in page.get_data(as_text=True)
    assert world.olga.name in page.get_data(as_text=True)
    assert mel.post(f"/cases/{case.key}/approval", data={"decision": "yes"}).status_code in (403, 422)
    assert as_user("gil").get(f"/cases/{case.key}/approval").status_code == 404
    assert as_user("rita").get(f"/cases/{world.open_case('rita', type='question').key}/approval").status_code == 200


def test_m2_a_mail_asks_and_its_link_acts_by_post_only(world, as_user, client, run_outbox):
    make_rule(world)
    case = world.open_case("rita", visibility="private")
    run_outbox()
    mail = world.rows(OutgoingMail, OutgoingMail.kind == "approval_asked")[0]
    assert (mail.user_id, mail.case_id) == (world.olga.id, case.id)
    assert not world.rows(OutgoingMail, OutgoingMail.kind == "added"), "one mail for one question"
    link = link_of(world, mail)
    stranger = client()
    page = stranger.get(link)
    assert page.status_code == 200 and "Do you say yes?" in page.get_data(as_text=True)
    assert request_of(world, case).state == "asked", "opening the link does nothing"
    form = page.page.form(link)
    assert stranger.post(link, data=form.filled(decision="yes")).status_code == 303
    assert request_of(world, case).state == "approved"
    assert "Approved" in stranger.get(link).get_data(as_text=True)
    run_outbox()
    decided = world.rows(OutgoingMail, OutgoingMail.kind == "approval_decided")
    assert {row.user_id for row in decided} == {world.rita.id}


def test_m2_a_link_tells_what_is_asked_only_for_whoever_is_asked(world, client, run_outbox):
    case = world.open_case("rita", visibility="private")
    run_outbox()
    wish = HandAsking("May we restart the ledger?", [world.olga.id])
    answers.ask_by_hand(world.ctx("ana", "staff"), case, wish)
    run_outbox()
    for kind, shown in (("opened", False), ("approval_asked", True)):
        mail = world.rows(OutgoingMail, OutgoingMail.kind == kind)[0]
        text = client().get(link_of(world, mail)).get_data(as_text=True)
        assert ("restart the ledger" in text) is shown, kind


def link_of(world, mail):
    """The address of the link in *mail*, as it goes out."""
    from portal.notifications.mail_links import Purpose, derive_link_token

    return f"/a/{derive_link_token(world.northwind.id, mail.id, Purpose.APPROVE)}"


def test_m2_the_receipt_shows_why_promises_rested(world, as_user, travel):
    make_rule(world)
    case = world.open_case("rita", severity=3)
    travel(hours=5)
    answers.answer(world.ctx("olga"), case, approves=True)
    receipt = as_user("rita").get(f"/cases/{case.key}/promises").get_data(as_text=True)
    assert "the case waited for a yes on your side" in receipt


def test_m2_staff_ask_by_hand_on_the_desk(world, as_user):
    case = world.open_case("rita")
    ana, here = as_user("ana"), f"/desk/cases/{case.key}/approval"
    assert f"{here}/ask" in ana.get(f"/desk/cases/{case.key}").get_data(as_text=True)
    form = ana.get(f"{here}/ask").page.form(f"{here}/ask")
    empty = ana.post(f"{here}/ask", data=form.filled(question="May we?"))
    assert empty.status_code == 422 and "Choose who must say yes" in empty.get_data(as_text=True)
    sent = ana.post(f"{here}/ask", data=form.filled(question="May we?", people=[str(world.olga.id)]))
    assert sent.status_code == 303
    assert world.olga.name in ana.get(here).get_data(as_text=True)
    assert "May we?" in as_user("olga").get(f"/cases/{case.key}/approval").get_data(as_text=True)
    form = ana.get(f"{here}/withdraw").page.form(f"{here}/withdraw")
    assert ana.submit(form).status_code == 303
    assert request_of(world, case).state == "withdrawn"


def test_m2_colleagues_answer_on_the_desk_and_customers_see_nothing(world, as_user):
    case = world.open_case("rita")
    wish = HandAsking("May I change the firewall?", [world.lee.id], internal=True)
    answers.ask_by_hand(world.ctx("ana", "staff"), case, wish)
    lee, here = as_user("lee"), f"/desk/cases/{case.key}/approval"
    form = lee.get(here).page.form(here)
    rita = as_user("rita")
    for path in (f"/cases/{case.key}", "/cases", "/"):
        assert "firewall" not in rita.get(path).get_data(as_text=True)
        assert "Waits for a yes" not in rita.get(path).get_data(as_text=True)
    assert rita.get(f"/cases/{case.key}/approval").status_code == 404
    assert lee.post(here, data=form.filled(decision="yes")).status_code == 303
    assert request_of(world, case).state == "approved"


def test_m2_administrators_make_rules(world, as_user):
    ada = as_user("ada")
    form = ada.get("/admin/approvals/new").page.form("/admin/approvals/new")
    bad = ada.post("/admin/approvals/new", data=form.filled(name="X", people_1="nobody@example.com", roles_1=[]))
    assert bad.status_code == 422 and "Nobody of the client has the address" in bad.get_data(as_text=True)
    sent = ada.post(
        "/admin/approvals/new",
        data=form.filled(name="Production", environment_kind="production", client="ACME", people_2=world.mel.email),
    )
    assert sent.status_code == 303
    row = world.rows(ApprovalRule)[0]
    assert (row.account_id, len(row.steps), row.environment_kind) == (world.acme.id, 2, "production")
    text = ada.get("/admin/approvals").get_data(as_text=True)
    assert "Production" in text and "Administrators of the client" in text and world.mel.name in text
    page = ada.get(f"/admin/approvals/{row.id}")
    assert world.mel.email in page.get_data(as_text=True)
    assert ada.submit(page.page.form(f"/admin/approvals/{row.id}"), name="Changes").status_code == 303
    assert world.rows(ApprovalRule)[0].name == "Changes"


def test_m2_the_figure_is_the_median_of_the_last_answers(world, as_user, travel):
    make_rule(world)
    for number in range(5):
        case = world.open_case("rita", subject=f"Change {number}")
        travel(seconds=dt.timedelta(hours=number + 1).total_seconds())
        answers.answer(world.ctx("olga"), case, approves=True)
    text = as_user("rita").get("/new/outage/promise?account=ACME&severity=3").get_data(as_text=True)
    assert "In the median an answer took 3 hours" in text


def test_m2_the_preview_of_readers_names_whoever_is_asked(world, as_user):
    make_rule(world, step(world.piotr.email))
    page = as_user("rita").get("/new/outage?account=ACME")
    readers = page.page.text.partition("Who will read it")[2]
    assert f"{world.piotr.name} it was shared with them by name" in " ".join(readers.split())


def test_m2_administrators_of_the_client_read_the_rules(world, as_user):
    make_rule(world, step(world.gil.email, world.mel.email), name="For everybody")
    make_rule(world, name="For Globex", client="GLOBEX")
    page = as_user("olga").get("/org/acme/approvals")
    text = page.get_data(as_text=True)
    assert "For everybody" in text and world.mel.name in text
    assert "For Globex" not in text and world.gil.name not in text, "people of other clients are nobody's business"
    assert as_user("mel").get("/org/acme/approvals").status_code == 403


def test_m2_a_number_over_an_amount_needs_a_yes(world, as_user):
    kind = world.row(RequestType, world.types["outage"])
    kind.own_fields = [RequestField("amount", "number", {"en": "Amount"}).to_stored()]
    world.session.flush()
    ada, value = as_user("ada"), f"{world.types['outage'].id}:amount"
    form = ada.get("/admin/approvals/new").page.form("/admin/approvals/new")
    wrong = ada.post("/admin/approvals/new", data=form.filled(name="Orders", amount_field=value, over="a lot"))
    assert wrong.status_code == 422 and "Write the amount as a number" in wrong.get_data(as_text=True)
    sent = ada.post("/admin/approvals/new", data=form.filled(name="Orders", amount_field=value, over="5000"))
    assert sent.status_code == 303
    assert "“Amount” over 5,000" in ada.get("/admin/approvals").get_data(as_text=True)
    page = ada.get(f"/admin/approvals/{world.rows(ApprovalRule)[0].id}")
    assert page.page.form(f"/admin/approvals/{world.rows(ApprovalRule)[0].id}")["over"] == "5000"
    text = as_user("rita").get("/new/outage/promise?account=ACME&severity=3").get_data(as_text=True)
    assert "This may need a yes" in text and "“Amount” over 5,000" in text
    fields = {"account": "ACME", "severity": "3", "subject": "A new switch", "description": "For hall 2, please."}
    rita = as_user("rita")
    for amount, state in (("4,000", ""), ("6,000", "asked")):
        form = rita.get("/new/outage").page.form("/new/outage")
        opened = rita.post("/new/outage", data=form.filled(**{**fields, "subject": f"Of {amount}"}, own_amount=amount))
        assert opened.status_code == 303, opened.get_data(as_text=True)[:3000]
        assert world.rows(Case, Case.subject == f"Of {amount}")[0].approval == state
    asked = world.rows(Case, Case.approval == "asked")[0]
    assert "Amount" in as_user("olga").get(f"/cases/{world.reload(asked).key}/approval").get_data(as_text=True)


def test_m2_what_was_refused_is_asked_again_from_its_page_on_both_sides(world, as_user):
    make_rule(world)
    case = world.open_case("rita", visibility="shared")
    for who, here in (("rita", f"/cases/{case.key}/approval"), ("ana", f"/desk/cases/{case.key}/approval")):
        answers.answer(world.ctx("olga"), world.reload(case), approves=False, reason="Not now")
        person = as_user(who)
        assert f"{here}/again" in person.get(here).page.links
        form = person.get(f"{here}/again").page.form(f"{here}/again")
        assert person.submit(form).status_code == 303
        assert world.reload(case).approval == "asked"
        assert person.submit(form).status_code in (303, 409)


def test_m2_whoever_is_asked_already_is_refused_beside_the_field(world, as_user):
    case = world.open_case("rita")
    answers.ask_by_hand(world.ctx("ana", "staff"), case, HandAsking("May we?", [world.olga.id]))
    ana, here = as_user("ana"), f"/desk/cases/{case.key}/approval/name"
    refused = ana.submit(ana.get(here).page.form(here), approver=str(world.olga.id))
    assert refused.status_code == 422 and "That person is asked already" in refused.page.first(id="approver-error").text


def test_m2_lists_of_rules_name_deputies_to_both_sides(world, as_user):
    make_rule(world, step(f"{world.olga.email} / {world.cora.email}"), client="ACME")
    said = f"{world.olga.name} (deputy: {world.cora.name})"
    assert said in as_user("ada").get("/admin/approvals").page.text
    assert said in as_user("olga").get("/org/acme/approvals").page.text

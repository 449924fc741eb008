"""(account, contact, environment, request type): checked by the server for every channel, whatever the form offered."""

import pytest

from portal.authz.roles import ContactRole
from portal.cases.actions import opening
from portal.cases.actions.opening import Opening
from portal.cases.models import Case, RequestType
from portal.kernel import ids
from portal.kernel.errors import Forbidden, Refused
from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions import environments as environment_actions
from portal.tenants.models import Account, Contact, Environment

WORDS = {"subject": "The list stays empty", "description": "Since nine.", "severity": "3"}


def portal(as_user, who, kind="outage", **data):
    return as_user(who).post(f"/new/{kind}", data={"account": "ACME", **WORDS, **data})


def desk(as_user, who, **data):
    return as_user(who).post(
        "/desk/new", data={"account": "ACME", "type": "outage", "channel": "phone", **WORDS, **data}
    )


def act(world, who, *, side=None, account="ACME", kind="outage", **facts):
    """The action itself, as mail, chat and API call it."""
    ctx = world.ctx(who, side)
    given = {"subject": "Words", "description": "More words", "severity": 3, **facts}
    account_row = world.row(Account, world.northwind.accounts.get(account) or world.southgate.accounts[account])
    return opening.submit(ctx, account_row, world.row(RequestType, world.types[kind]), Opening(**given))


def refused(answer, *words):
    """422, with the sentence and what was typed."""
    assert answer.status_code == 422, answer.status_code
    text = answer.get_data(as_text=True)
    assert WORDS["subject"] in text and WORDS["description"] in text
    for word in words:
        assert word in answer.page.text, f"{word} is not on the page"


def none_opened(world):
    assert not world.rows(Case)


# -- accounts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["GLOBEX", "ACMEPL", "NOSUCH", "", "acme'--", "\u0410CME"])
def test_an_account_that_one_has_no_access_to_reads_like_none(world, as_user, account):
    """Foreign, of the same organization, missing, nonsense: one sentence."""
    answers = {portal(as_user, "mel", account=a).page.first(role="alert").text for a in (account or "NOSUCH", "NOSUCH")}
    assert len(answers) == 1
    none_opened(world)


def test_the_action_refuses_a_foreign_account(world):
    for who, account in (("rita", "GLOBEX"), ("rita", "ACMEPL"), ("gil", "ACME")):
        with pytest.raises(Forbidden):
            act(world, who, account=account)
    none_opened(world)


def test_staff_open_only_in_their_accounts(world, as_user):
    refused(desk(as_user, "tom", contact=str(world.rita.contact_id)), "Choose an account")
    with pytest.raises(Forbidden):
        act(world, "tom", contact_id=world.rita.contact_id)
    assert desk(as_user, "tom", account="GLOBEX", contact=str(world.gil.contact_id)).status_code == 303


def test_a_suspended_account_says_so(world, as_user):
    account = world.row(Account, world.acme)
    account_actions.change_account(
        world.system(),
        account,
        key="ACME",
        name="Acme",
        suspended="Please call accounting.",
        services=[world.northwind.services["colocation"].id],
    )
    world.session.commit()
    refused(portal(as_user, "rita"), "Please call accounting.")
    with pytest.raises(Refused):
        act(world, "rita")
    none_opened(world)


# -- contacts -------------------------------------------------------------------------------------------------------


def people(world):
    """Contacts that are no contacts of ACME, by why."""
    return {
        "other account": world.piotr.contact_id,
        "other organization": world.gil.contact_id,
        "other provider": world.rob.contact_id,
        "nobody": ids.new_id(),
        "a user, no contact": world.mel.id,
        "an agent": world.ana.staff_id,
    }


@pytest.mark.parametrize(
    "why", ["other account", "other organization", "other provider", "nobody", "a user, no contact", "an agent"]
)
def test_a_contact_must_belong_to_the_account(world, as_user, why):
    wrong = people(world)[why]
    refused(portal(as_user, "cora", contact=str(wrong)), "That person has no access to this part of")
    refused(desk(as_user, "ana", contact=str(wrong)), "That person has no access to this part of")
    for who in ("cora", "ana"):
        with pytest.raises(Refused) as problem:
            act(world, who, contact_id=wrong)
        assert problem.value.field == "contact"
    none_opened(world)


def test_a_contact_who_left_is_no_contact(world, as_user):
    contact_actions.end_contact(world.system(), world.row(Contact, world.mel.contact_id))
    world.session.commit()
    refused(portal(as_user, "cora", contact=str(world.mel.contact_id)), "That person has no access to this part of")
    refused(desk(as_user, "ana", contact=str(world.mel.contact_id)), "That person has no access to this part of")
    none_opened(world)


@pytest.mark.parametrize("contact", ["nonsense", "-1", "00000000-0000-0000-0000-00000000000g", "9" * 60])
def test_a_contact_that_is_no_id_asks_for_one(world, as_user, contact):
    refused(portal(as_user, "cora", contact=contact))
    refused(desk(as_user, "ana", contact=contact))
    none_opened(world)


@pytest.mark.parametrize("who", ["rita", "mel"])
def test_only_coordinators_open_for_others(world, as_user, who):
    answer = portal(as_user, who, contact=str(world.jan.contact_id))
    assert answer.status_code == 403 and "for yourself" in answer.page.text
    with pytest.raises(Forbidden):
        act(world, who, contact_id=world.jan.contact_id)
    none_opened(world)


def test_a_new_person_may_be_named_by_coordinators_and_staff_only(world, as_user):
    new = {"person_name": "New Person", "person_email": "new@acme.example"}
    assert portal(as_user, "rita", **new).status_code == 403
    assert portal(as_user, "mel", **new).status_code == 403
    assert len(world.rows(Contact)) == len([p for p in world.northwind.people.values() if p.contact_id])
    refused(portal(as_user, "cora", person_email="new@acme.example"), "Write the name")
    assert portal(as_user, "cora", **new).status_code == 303


def test_a_new_person_is_nobody_whom_another_client_knows(world, as_user):
    """Naming the address of a stranger must neither pull them in nor say that they exist."""
    answer = portal(as_user, "cora", person_name="Gil", person_email="gil@globex.example")
    assert answer.status_code in (303, 422)
    for case in world.rows(Case):
        assert case.contact_user_id != world.gil.id
    assert "Okafor" not in answer.get_data(as_text=True)


def test_staff_have_to_name_a_contact(world, as_user):
    refused(desk(as_user, "ana"), "Choose the person who is affected")
    with pytest.raises(Refused):
        act(world, "ana")
    none_opened(world)


# -- environments ---------------------------------------------------------------------------------------------------


def environments(world):
    return {
        "other account": world.environments["ACMEPL", "Production"].id,
        "other organization": world.environments["GLOBEX", "Test"].id,
        "other provider": world.southgate.environments["ACME", "Production"].id,
        "nothing": ids.new_id(),
    }


@pytest.mark.parametrize("why", ["other account", "other organization", "other provider", "nothing"])
def test_an_environment_must_belong_to_the_account(world, as_user, why):
    wrong = environments(world)[why]
    for answer in (
        portal(as_user, "cora", environment=str(wrong)),
        desk(as_user, "ana", contact=str(world.rita.contact_id), environment=str(wrong)),
    ):
        refused(answer, "Choose an environment")
    for who, contact in (("cora", None), ("ana", world.rita.contact_id)):
        with pytest.raises(Refused) as problem:
            act(world, who, contact_id=contact, environment_id=wrong)
        assert problem.value.field == "environment"
    none_opened(world)


def test_a_retired_environment_is_none(world, as_user):
    row = world.row(Environment, world.environments["ACME", "Test"])
    environment_actions.change_environment(world.system(), row, name=row.name, kind=row.kind, active=False)
    world.session.commit()
    refused(portal(as_user, "mel", environment=str(row.id)), "Choose an environment")
    none_opened(world)


@pytest.fixture
def limited(world):
    """Mel may work in the Test environment of ACME only."""
    test = world.environments["ACME", "Test"].id
    contact_actions.change_access(
        world.system(),
        world.row(Contact, world.mel.contact_id),
        grants=[contact_actions.Grant(world.acme.id, test, ContactRole.MEMBER)],
    )
    world.session.commit()
    return test


def test_access_to_one_environment_opens_cases_there_only(world, as_user, limited):
    production = world.environments["ACME", "Production"].id
    assert portal(as_user, "mel", environment=str(limited)).status_code == 303
    assert portal(as_user, "mel", environment=str(production)).status_code in (403, 422)
    assert portal(as_user, "mel", environment="").status_code in (403, 422)
    for environment in (production, None):
        with pytest.raises((Forbidden, Refused)):
            act(world, "mel", environment_id=environment)
    assert [c.environment_id for c in world.rows(Case)] == [limited]


def test_a_contact_limited_to_one_environment_is_no_contact_of_another(world, as_user, limited):
    production = world.environments["ACME", "Production"].id
    refused(
        portal(as_user, "cora", contact=str(world.mel.contact_id), environment=str(production)),
        "That person has no access to this part of",
    )
    refused(
        desk(as_user, "ana", contact=str(world.mel.contact_id), environment=str(production)),
        "That person has no access to this part of",
    )
    assert desk(as_user, "ana", contact=str(world.mel.contact_id), environment=str(limited)).status_code == 303


def test_a_coordinator_of_one_environment_opens_for_nobody_elsewhere(world, as_user):
    test, production = (world.environments["ACME", name].id for name in ("Test", "Production"))
    role = ContactRole
    contact_actions.change_access(
        world.system(),
        world.row(Contact, world.mel.contact_id),
        grants=[
            contact_actions.Grant(world.acme.id, test, role.COORDINATOR),
            contact_actions.Grant(world.acme.id, production, role.MEMBER),
        ],
    )
    world.session.commit()
    rita = str(world.rita.contact_id)
    assert portal(as_user, "mel", contact=rita, environment=str(production)).status_code == 403
    assert portal(as_user, "mel", contact=rita, environment=str(test)).status_code == 303


# -- request types --------------------------------------------------------------------------------------------------


def test_a_type_needs_the_service_that_it_requires(world, as_user):
    """A visit needs colocation, which ACMEPL has not bought."""
    refused(portal(as_user, "piotr", "visit", account="ACMEPL"), "nie ma usługi")
    refused(
        desk(as_user, "ana", account="ACMEPL", type="visit", contact=str(world.piotr.contact_id)), "needs a service"
    )
    with pytest.raises(Refused):
        act(world, "piotr", account="ACMEPL", kind="visit")
    none_opened(world)
    assert portal(as_user, "rita", "visit").status_code == 303


def test_a_type_that_is_no_longer_offered(world, as_user):
    row = world.row(RequestType, world.types["question"])
    row.active = False
    world.session.commit()
    missing = as_user("rita").post("/new/nothing-like-that", data=WORDS)
    gone = portal(as_user, "rita", "question")
    assert gone.status_code == missing.status_code == 404
    refused(desk(as_user, "ana", type="question", contact=str(world.rita.contact_id)), "Choose a request type")
    with pytest.raises(Refused):
        act(world, "rita", kind="question")
    none_opened(world)


@pytest.mark.parametrize("severity", ["", "0", "5", "-1", "99999999999", "high", "²", "1 OR 1"])
def test_a_severity_that_the_provider_does_not_have(world, as_user, severity):
    refused(portal(as_user, "rita", severity=severity), "Choose how your work is affected" if len(severity) < 5 else "")
    refused(desk(as_user, "ana", severity=severity, contact=str(world.rita.contact_id)))
    none_opened(world)


def test_a_department_of_somebody_else(world, as_user):
    wrong = world.southgate.departments["business"].id
    refused(portal(as_user, "rita", department=str(wrong)), "Choose one of the departments")
    with pytest.raises(Refused):
        act(world, "rita", department_id=wrong)
    none_opened(world)


# -- who reports, and how bad it is -----------------------------------------------------------------------------------


def test_the_reporter_is_who_pressed_the_button_whatever_the_form_says(world, as_user):
    as_user("cora").post(
        "/new/outage",
        data={
            "account": "ACME",
            **WORDS,
            "contact": str(world.jan.contact_id),
            "reported_by": str(world.jan.id),
            "reported_by_id": str(world.olga.id),
            "reported_side": "staff",
            "provider_id": str(world.southgate.id),
            "state": "closed",
        },
    )
    (case,) = world.rows(Case)
    assert (case.reported_by_id, case.reported_side, case.contact_user_id, case.state) == (
        world.cora.id,
        "contact",
        world.jan.id,
        "new",
    )
    assert case.provider_id == world.northwind.id


@pytest.mark.parametrize(("road", "who"), [("portal", "rita"), ("desk", "ana")])
def test_an_emergency_on_a_test_environment_is_lowered_and_says_why(world, as_user, road, who):
    test = str(world.environments["ACME", "Test"].id)
    data = {"environment": test, "severity": "1"}
    if road == "portal":
        form = as_user(who).get("/new/outage")
        assert "never an emergency" in form.page.text  # known before it is sent
        answer = portal(as_user, who, **data)
    else:
        answer = desk(as_user, who, contact=str(world.rita.contact_id), **data)
    assert answer.status_code == 303
    case = world.case("ACME-1")
    assert (case.severity_asked, case.severity, case.severity_reason) == (1, 2, "not_production")
    for reader, path in (("rita", f"/cases/{case.key}"), ("ana", f"/desk/cases/{case.key}")):
        page = as_user(reader).get(path).page.text
        assert "2 High" in page and "Lowered one level" in page, path
        assert reader == "rita" or "1 Emergency" in page


def test_an_emergency_in_production_stays_one(world, as_user):
    assert (
        portal(as_user, "rita", severity="1", environment=str(world.environments["ACME", "Production"].id)).status_code
        == 303
    )
    (case,) = world.rows(Case)
    assert (case.severity_asked, case.severity, case.severity_reason) == (1, 1, "")


@pytest.mark.check(42, "two forms of one person, sent in the other order")
def test_two_tabs_on_two_accounts_send_each_to_its_own(as_user):
    cora = as_user("cora")
    pages = {key: cora.get(f"/new/question?account={key}").page for key in ("ACME", "ACMEPL")}
    for key in ("ACMEPL", "ACME"):
        form = pages[key].form("/new/question")
        answer = cora.submit(form, subject=f"A printer of {key}", description="It is dark.", severity="3")
        assert answer.status_code == 303 and answer.location.startswith(f"/cases/{key}-")

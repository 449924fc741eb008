"""Every screen, in light and dark and at 390 px: axe finds nothing, nothing scrolls sideways, nothing breaks the
policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.kernel import tokens
from portal.surveys import actions as surveys
from portal.surveys.actions import configuring
from portal.surveys.models import Survey
from portal.surveys.queries import open_survey

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

OUTSIDE = [
    "/s/{asked_link}?r=4",
    "/s/{low_link}?thanks=1",
    "/s/{low_link}/call",
    "/sign-in",
    "/sign-in/password?email=rita@acme.example",
    "/password",
    "/password/sent",
]
PORTAL = [
    "/",
    "/new",
    "/new/outage",
    "/new/question?account=ACME",
    "/cases",
    "/cases?tab=shared&status=any",
    "/cases?q=nothing-like-that",
    "/cases/{open}",
    "/cases/{waiting}",
    "/cases/{resolved}",
    "/cases/{closed}",
    "/cases/{on_hold}",
    "/cases/{resolved}/resolution",
    "/cases/{open}/close",
    "/cases/{closed}/reopen",
    "/cases/{open}/sharing",
    "/cases/{open}/people",
    "/cases/{open}/exclusions",
    "/cases/{open}/mute",
    "/cases/{open}/print",
    "/cases/{open}/replies",
    "/cases/{closed}/survey",
    "/cases/{low}",
    "/cases/{low}/survey",
    "/cases/{low}/survey/call",
    "/search?q=printer",
    "/notifications",
    "/support",
    "/me",
    "/me/preferences",
    "/me/security",
    "/me/sessions",
    "/nowhere",
]
ORGANIZATION = [
    "/org/acme",
    "/org/acme/people",
    "/org/acme/people/invite",
    "/org/acme/environments",
    "/org/acme/sharing",
]
DESK = [
    "/desk/queue/mine",
    "/desk/queue/all",
    "/desk/queue/unassigned",
    "/desk/cases/{open}",
    "/desk/cases/{waiting}",
    "/desk/cases/{resolved}",
    "/desk/cases/{closed}",
    "/desk/cases/{open}/reply",
    "/desk/cases/{open}/note",
    "/desk/cases/{open}/status",
    "/desk/cases/{open}/assign",
    "/desk/cases/{open}/severity",
    "/desk/cases/{open}/escalate",
    "/desk/cases/{open}/edit",
    "/desk/cases/{open}/merge",
    "/desk/cases/{open}/move",
    "/desk/cases/{open}/history",
    "/desk/cases/{open}/as-customer",
    "/desk/new",
    "/desk/surveys",
    "/desk/surveys?show=open",
    "/desk/surveys?score=5",
    "/desk/surveys/{low_survey}",
    "/desk/cases/{low}",
    "/desk/accounts",
    "/desk/accounts/ACME",
    "/desk/search?q=printer",
    "/notifications",
]
ADMIN = [
    "/admin",
    "/admin/organizations",
    "/admin/accounts",
    "/admin/accounts/new",
    "/admin/environments",
    "/admin/staff",
    "/admin/departments",
    "/admin/services",
    "/admin/request-types",
    "/admin/severity",
    "/admin/severity/question",
    "/admin/statuses",
    "/admin/branding",
    "/admin/languages",
    "/admin/preset",
    "/admin/settings",
    "/admin/roles",
    "/admin/surveys",
    "/admin/surveys/questions",
    "/admin/surveys/questions/new",
    "/admin/surveys/questions/q1",
    "/admin/surveys/questions/q1/move",
    "/admin/surveys/questions/q1/remove",
    "/admin/surveys/versions/0?language=pl",
    "/admin/surveys/versions/1",
    "/admin/surveys/publish",
    "/admin/surveys/discard",
    "/admin/mail",
    "/admin/jobs",
    "/admin/styleguide",
]
LEAD = ["/desk/surveys/{low_survey}/take", "/desk/surveys/{low_survey}/done", "/desk/surveys?show=mine"]
WHO = {"lee": LEAD, "rita": PORTAL, "olga": ORGANIZATION, "ana": DESK, "ada": ADMIN, None: OUTSIDE}


@pytest.fixture(scope="module")
def keys(live):
    """A case of rita's in each state that has a look of its own."""
    with live.inside() as world:
        found = {
            state: world.case_in(state, by="rita", visibility="shared").key
            for state in ("open", "waiting", "resolved", "closed", "on_hold")
        }
        case = world.case(found["open"])
        world.note(case, "Only for us")
        world.reply(case, "Any **news**? See https://example.com")
        found |= surveyed(world)
    return found


def surveyed(world):
    """A low answer that waits for somebody, an invitation of every kind of question, a draft."""
    ada = world.ctx("ada")
    ctx, low = world.ctx("rita", "contact"), world.case_in("closed", by="rita", visibility="shared")
    survey = surveys.answer(ctx, open_survey(ctx, low), low, answers={"q1": 1, "q2": "Too slow\nand too late"})
    for kind in ("yes_no", "choice", "text"):
        choices = [{"en": "By mail", "pl": "Poczta"}, "By phone"] if kind == "choice" else []
        configuring.add_question(ada, {"kind": kind, "text": f"A question of {kind}", "choices": choices})
    configuring.publish(ada)
    closed = world.case_in("closed", by="rita")
    [asked] = world.rows(Survey, Survey.case_id == closed.id)
    configuring.add_question(ada, {"kind": "text", "text": "And one more?"})
    return {
        "low": low.key,
        "low_survey": survey.id,
        "low_link": tokens.spell(survey.token_id),
        "asked_link": tokens.spell(asked.token_id),
    }


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
@pytest.mark.parametrize("who", list(WHO), ids=str)
def test_screens(visit, keys, who, scheme, width):
    page = visit(who, scheme=scheme, width=width, height=844 if width == 390 else 900)
    found = []
    for path in WHO[who]:
        answer = page.goto(path.format(**keys))
        assert answer.status in (200, 404) and (answer.status == 200 or path == "/nowhere"), f"{path}: {answer.status}"
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if sideways > 0:
            found.append(f"{path} scrolls sideways by {sideways} px")
        if width == 390:
            continue  # the same markup; at this width it is the layout that can break
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
        for violation in results.response["violations"]:
            nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            found.append(f"{path}: {violation['id']} ({violation['help']}): {nodes}")
    assert not found, "\n".join(found)


def test_the_first_tab_shows_the_skip_link_on_both_sides(visit):
    for who, path in (("rita", "/"), ("ana", "/desk/queue/all")):
        page = visit(who)
        page.goto(path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_after_a_refusal_the_summary_has_the_focus_and_leads_to_the_field(visit):
    page = visit("rita")
    page.goto("/new/question")
    page.click("main form button:has-text('Open case')")
    page.wait_for_selector(".error-summary")
    assert page.title().startswith("Error:")
    assert "error-summary" in page.evaluate("document.activeElement.className")
    page.click(".error-summary a >> nth=-1")
    assert page.evaluate("document.activeElement.name") in ("description", "subject", "severity")


def test_a_phone_reaches_everything_from_the_bottom_bar(visit):
    page = visit("rita", width=390, height=844)
    page.goto("/")
    page.click(".bottom-bar a:has-text('Cases')")
    page.wait_for_url("**/cases")
    for link in page.locator(".bottom-bar a").all():
        box = link.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44


def test_filters_change_the_list_in_place_and_back_returns(visit):
    page = visit("rita")
    page.goto("/cases")
    page.fill("#q", "zzz")
    page.press("#q", "Enter")
    page.wait_for_selector("text=No case matches these filters")
    assert "q=zzz" in page.url
    page.go_back()
    page.wait_for_load_state()
    assert "q=zzz" not in page.url

"""Every form takes one way (web.form_flow); what does not says why."""

import ast

from tests.architecture.source import entry_modules

# Routes that validate by themselves, and why.
BY_THEMSELVES = {
    "portal.identity.routes.sign_in": "the request goes on as another person, and counts tries",
    "portal.identity.routes.sign_in_links": "as above",
    "portal.identity.routes.invitations": "as above",
    "portal.identity.routes.password_resets": "as above",
    "portal.identity.routes.passwords": "counts tries, which a refusal must not roll back",
    "portal.identity.routes.sessions": "ends the session of the request itself",
    "portal.identity.routes.factor_steps": "as above",
    "portal.identity.routes.passkeys": "as above",
    "portal.identity.routes.proof": "counts tries, which a refusal must not roll back",
    "portal.sso.routes.round_trips": "the request goes on as another person",
    "portal.scim.pages.protocol": "answers JSON to identity providers; it has no form",
    "portal.attachments.routes": "answers JSON to the script; it has no text of a person",
}
# Refusals caught to be raised again under the name of the form's field, or to draw a color.
TRANSLATES = {"portal.admin.routes.phrases", "portal.admin.routes.branding", "portal.sla.routes.disputes"}


def caught(tree):
    """(line, names) of every `except` clause."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            yield node.lineno, {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}


def test_no_route_validates_or_catches_a_refusal_by_itself():
    """Five hand-written ways lost text in five ways: on a conflict, on a second error, after a half-done action."""
    wrong = []
    for module in entry_modules():
        if module.part not in ("routes", "pages") or module.name in BY_THEMSELVES:
            continue
        wrong += [f"{module}:{n} {name}" for n, name in module.calls() if name.endswith(".validate_on_submit")]
        if module.name not in TRANSLATES:
            wrong += [f"{module}:{n} catches {c}" for n, c in caught(module.tree) if c & {"Refused", "Conflict"}]
    assert not wrong, "\n".join(wrong)


def test_the_exceptions_are_needed():
    names = {module.name for module in entry_modules()}
    assert set(BY_THEMSELVES) | TRANSLATES <= names

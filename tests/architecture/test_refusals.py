"""What is refused is heard in the reader's language: rules raise codes, everything else whole sentences of `_()`.

A sentence that is raised in plain English would stand so on a Polish page, in a mail or in an answer of the API.
"""

import ast
from collections.abc import Iterator
from functools import cache

from tests.architecture.source import Module, dotted, modules

GETTEXT = frozenset(["_", "_l", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext", "pgettext", "lazy_pgettext"])
# Errors whose text people read: those of the kernel, and those of the library of forms.
SHOWN = ("PortalError", "ValidationError", "StopValidation")

# Sentences for whoever runs or writes the program, by module and class; none of them reaches a page.
FOR_OPERATORS = {
    ("portal.cli", "click.ClickException"): "the operator's command line speaks English",
    ("portal.mail_commands", "click.ClickException"): "the operator's command line speaks English",
    ("portal.sign_in_commands", "click.ClickException"): "the operator's command line speaks English",
    ("portal.mailbox_commands", "click.ClickException"): "the operator's command line speaks English",
    ("portal.backups.cli", "click.ClickException"): "the operator's command line speaks English",
    **{
        (f"portal.backups.{name}", "BackupError"): "the operator reads it on the command line"
        for name in ("archive", "connection", "creation", "programs", "restoration", "verification")
    },
    ("portal.demo.time_travel", "click.ClickException"): "the operator's command line speaks English",
    ("portal.demo.phone", "LookupError"): "the author of the demo's data reads it on the command line",
    ("portal.demo.preset_worlds", "PresetError"): "the author of a data file reads it on the command line",
    ("portal.demo.case_histories", "ValueError"): "the author of the demo's data reads it on the command line",
    ("portal.presets.queries", "PresetError"): "the author of a data file reads it on the command line",
    ("portal.presets.schema", "ValueError"): "the author of a data file reads it on the command line, in a PresetError",
    ("portal.config", "SettingsError"): "the operator reads it where a process does not start",
    ("portal.factory", "SettingsError"): "the operator reads it where a process does not start",
    ("portal.kernel.jobs", "RuntimeError"): "a wrong configuration ends the start",
    ("portal.kernel.storage", "RuntimeError"): "a wrong configuration ends the start",
    ("portal.kernel.clock", "RuntimeError"): "a mistake in the code: only the demo travels",
    ("portal.kernel.context", "RuntimeError"): "a mistake in the code: work without a provider asks for one",
    ("portal.kernel.cache", "ValueError"): "a mistake in the code: a cache without one bound",
    ("portal.kernel.call_key", "TypeError"): "a mistake in the code: a value that cannot be part of a key",
    ("portal.kernel.retention", "ValueError"): "a mistake in the code, found at the start",
    ("portal.admin.actions.providers", "RuntimeError"): "a mistake in the code: the administrator was just invited",
    ("portal.channels.mail.servers.address", "ValueError"): "the command line and forms say it in words of their own",
    ("portal.channels.mail.servers.imap", "imaplib.IMAP4.abort"): "becomes a MailServerFailure with a code",
    ("portal.navigation", "ValueError"): "a mistake in the code, found at the start",
    ("portal.web.feature", "ValueError"): "a mistake in the code, found at the start",
    ("portal.web.guards", "RuntimeError"): "a mistake in the code, found at the start",
    ("portal.notifications.mime", "ValueError"): "ends in the log and the state of the mail, for the operator",
    ("portal.channels.mail.engine.outlook_reader", "ValueError"): "ends the process that reads a file; nobody reads it",
    **dict.fromkeys(
        (
            ("portal.scim.engine.resources", "InvalidResource"),
            ("portal.scim.engine.groups", "InvalidResource"),
            ("portal.scim.actions.people", "Conflict"),
            ("portal.scim.actions.people", "Refused"),
            ("portal.scim.actions.groups", "Conflict"),
            ("portal.scim.actions.groups", "Refused"),
            ("portal.scim.pages.protocol", "InvalidResource"),
            ("portal.scim.routes.people", "InvalidResource"),
            ("portal.scim.routes.groups", "InvalidResource"),
        ),
        "JSON for identity providers, which RFC 7644 words in English",
    ),
    ("portal.sla.engine.calendar", "ValueError"): "a mistake in the code: time is counted backwards",
    ("portal.sla.engine.clocks", "LookupError"): "a mistake in the code, found at the start",
}
# Texts of an error that are no call of `_()`, by module and expression: where their words come from.
WORDED_ELSEWHERE = {
    ("portal.cases.actions.opening", "account.suspended"): "the provider wrote it for its client",
    ("portal.cases.pages.form_values", "sentence"): "the callers pass `_()`",
    **{
        ("portal.scim.actions.people", repr(words)): "JSON for identity providers, which RFC 7644 words in English"
        for words in (
            "This address cannot be added",
            "Somebody has this userName already",
            "The access of this person was ended by the provider",
            "The address is in no domain of this organization",
        )
    },
    **{
        ("portal.scim.actions.groups", words): "JSON for identity providers, which RFC 7644 words in English"
        for words in (
            repr("A group has this displayName already"),
            "f'An organization has at most {MOST_GROUPS} groups'",
            "f'A group holds at most {MOST_MEMBERS} people'",
            "f'There is no person {str(missing[0])!r}'",
        )
    },
    ("portal.surveys.routes.answers", "form.conflict"): "the sentence of a Conflict",
    ("portal.web.form_flow", "changed_by and changed_by() or someone_else_changed_it()"): "the callers pass `_()`",
    ("portal.web.forms", "str(message)"): "the callers pass `_l()`",
    ("portal.web.pairs_field", "str(self.wrong)"): "the callers pass `_l()`",
    ("portal.web.pairs_field", "str(self.twice)"): "the callers pass `_l()`",
}


def name_of(node: ast.expr) -> str:
    """The last part of a dotted name; '' for what is no name."""
    return dotted(node).rpartition(".")[2] if isinstance(node, ast.Name | ast.Attribute) else ""


def is_translated(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and name_of(node.func) in GETTEXT


def untranslated(node: ast.AST) -> Iterator[str]:
    """The English sentences in *node* outside `_()`: texts of more than one word."""
    if is_translated(node):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value.split()) > 1:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        words = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        if " " in words and any(letter.isalpha() for letter in words):
            yield words
    else:
        for child in ast.iter_child_nodes(node):
            yield from untranslated(child)


def raises(module: Module) -> Iterator[ast.Call]:
    """The errors that *module* makes where it raises them."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield node.exc


@cache
def classes_under(*bases: str) -> frozenset[str]:
    """*bases* and the classes of Parley that descend from them, by name."""
    found, before = set(bases), 0
    while len(found) > before:
        before = len(found)
        for module in modules():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.ClassDef) and any(name_of(base) in found for base in node.bases):
                    found.add(node.name)
    return frozenset(found)


@cache
def worded_functions() -> frozenset[str]:
    """Functions that return a text and hold no English outside `_()`, by name."""
    clean, dirty = set(), set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and node.returns is not None and ast.unparse(node.returns) == "str":
                body = node.body[1:] if ast.get_docstring(node) else node.body
                (dirty if any(list(untranslated(part)) for part in body) else clean).add(node.name)
    return frozenset(clean - dirty)


def is_worded(module: Module, text: ast.expr) -> bool:
    """Whether *text*, the first argument of an error, is in the language of the reader."""
    match text:
        case ast.Constant(value=""):
            return True
        case ast.Attribute(attr="message"):  # of another PortalError
            return True
        case ast.IfExp():
            return is_worded(module, text.body) and is_worded(module, text.orelse)
        case ast.Call() if name_of(text.func) == "str" and isinstance(text.args[0], ast.BoolOp):
            return all(is_translated(one) or isinstance(one, ast.Name) for one in text.args[0].values)
        case ast.Call() if is_translated(text) or name_of(text.func) in worded_functions():
            return True
    return (module.name, ast.unparse(text)) in WORDED_ELSEWHERE


def test_an_engine_raises_codes_and_no_sentences():
    """Rules that speak would speak one language, or need a request; the module `refusals` of the feature has words."""
    coded, wrong = classes_under("RuleProblem"), []
    for module in (m for m in modules() if m.part == "engine"):
        for error in raises(module):
            operators = (module.name, dotted(error.func)) in FOR_OPERATORS
            if name_of(error.func) in coded:
                code = error.args[0]
                if not isinstance(code, ast.Name) and "Fault" not in ast.unparse(code):
                    wrong.append(f"{module}:{error.lineno} {ast.unparse(error)}: the first argument is no Fault")
            elif not operators:
                wrong.append(f"{module}:{error.lineno} {ast.unparse(error)}: not a RuleProblem")
    assert not wrong, "\n".join(wrong)


def test_every_refusal_is_raised_in_the_readers_language():
    """Whatever a person reads of an error is in `_()`, or comes from where it is."""
    wrong, shown = [], classes_under(*SHOWN)
    for module in modules():
        for node in ast.walk(module.tree):
            text = node.args[0] if isinstance(node, ast.Call) and name_of(node.func) in shown and node.args else None
            if text is not None and not is_worded(module, text):
                wrong.append(f"{module}:{node.lineno} {ast.unparse(node)}")
    assert not wrong, "\n".join(wrong)


def test_no_error_says_an_english_sentence_to_a_person():
    """An error with a sentence of its own may end on a page by `str(error)`: it carries a code, or is named above."""
    wrong = []
    for module in modules():
        for error in raises(module):
            if (module.name, dotted(error.func)) not in FOR_OPERATORS:
                wrong += [f"{module}:{error.lineno} {sentence}" for sentence in untranslated(error)]
    assert not wrong, "\n".join(wrong)


def test_no_exception_above_is_left_over():
    """A line that nothing needs any more would excuse the next mistake."""
    operators = {(m.name, dotted(e.func)) for m in modules() for e in raises(m) if list(untranslated(e))}
    texts = {
        (module.name, ast.unparse(node.args[0]))
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and name_of(node.func) in classes_under(*SHOWN) and node.args
    }
    assert not set(FOR_OPERATORS) - operators
    assert not set(WORDED_ELSEWHERE) - texts

"""Route → action → model: one writer, one commit place, one clock, one reader of the environment (DESIGN 6)."""

import ast
from dataclasses import fields

from portal.kernel.context import Context
from tests.architecture.source import MIGRATIONS, ROOT, entry_modules, modules

# Who may end a unit of work: requests, jobs, commands, what is noted about a GET after its answer, and the staging of
# files, which a rejected form must not lose.
ENDS_WORK = (
    *("portal.kernel.uow", "portal.kernel.jobs", "portal.web.application", "portal.web.deferred_writes"),
    "portal.web.plain_uploads",
    "portal.web.current",  # a form that came without a session is stored before the sign-in page answers
    "portal.kernel.retention",  # a periodic job: each batch of a provider is a piece of work of its own
    "portal.web.oauth_state",  # another site leads back by a GET, with the state that a form of this browser made
    "portal.kernel.system_context",  # `system_work`, for those of this list
    "portal.channels.mail.",  # each message of a mailbox is a piece of work of its own
    "portal.rules.jobs",  # each case of a time rule is a piece of work of its own
    *("portal.cli", "portal.mail_commands", "portal.mailbox_commands", "portal.sign_in_commands", "portal.demo.cli"),
)
ENDINGS = ("unit_of_work", "system_work", "separate_work")
CLOCK_CALLS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns")


def test_no_entry_point_queries_by_itself():
    """A select in a route, form or job is a list that starts at no scope: that is how one tenant sees another."""
    wrong = []
    for module in entry_modules():
        wrong += [
            f"{module}:{n} {name}"
            for n, name in module.imports()
            if name.startswith("sqlalchemy.")
            and name.rpartition(".")[2] in ("select", "text", "update", "delete", "insert")
        ]
        wrong += [
            f"{module}:{n} {name}" for n, name in module.calls() if name.rpartition(".")[2] in ("select", "execute")
        ]
    assert not wrong


def test_no_entry_point_holds_the_session():
    """Reads are queries, writes are actions; an entry point with a session would be a third way."""
    wrong = []
    for module in entry_modules():
        wrong += [
            f"{module}:{n} {name}"
            for n, name in module.attributes()
            if ".session" in name + "."
            and name.split(".")[0] in ("ctx", "db", "context", "self", "current")
            and "session" in name.split(".")[1:]
        ]
        wrong += [f"{module}:{n} {name}" for n, name in module.imports() if name == "portal.kernel.database.db"]
    assert not wrong


def test_one_commit_place():
    """A 422 never half-saves and a job never half-works, because nobody else says commit."""
    wrong = []
    for module in modules():
        for line, name in module.calls():
            if name.endswith(".commit") and name != "uow.commit" and module.name != "portal.kernel.uow":
                wrong.append(f"{module}:{line} {name}")
            ends = name == "uow.commit" or name.rpartition(".")[2] in ENDINGS
            if ends and not module.name.startswith(ENDS_WORK):
                wrong.append(f"{module}:{line} {name}")
    assert not wrong


def test_one_clock():
    """Whoever reads the clock cannot be moved through time: promises, timers and stories would not be testable."""
    wrong = [
        f"{m}:{n} {name}"
        for m in modules()
        if m.name != "portal.kernel.clock"
        for n, name in m.calls()
        if name.endswith(CLOCK_CALLS)
    ]
    assert not wrong


def test_one_reader_of_the_environment():
    """What is not in config.py is in no documentation, and is read at a moment nobody chose."""
    wrong = [
        f"{m}:{n} {name}"
        for m in modules()
        if m.name != "portal.config"
        for n, name in [*m.attributes(), *m.imports()]
        if name in ("os.environ", "os.getenv", "os.environb")
    ]
    assert not wrong


def test_no_mailbox_travels_with_the_context():
    """A value that one module leaves for another under a key is an argument that nobody declared: it needs an order of
    calls that nothing states. Contexts carry typed fields and the values of `RequestCache` objects, which only their
    owner can read."""
    owners = ("portal.kernel.request_cache", "portal.kernel.context")
    wrong = [
        f"{m}:{n} {name}"
        for m in modules()
        if m.name not in owners
        for n, name in m.attributes()
        if name.endswith(".caches")
    ]
    assert not wrong
    untyped = [f.name for f in fields(Context) if "dict" in str(f.type) and f.name != "caches"]
    assert not untyped


def test_a_request_cache_belongs_to_one_module():
    """A cache that another module imports is a mailbox again."""
    owners = {
        f"{m.name}.{target.id}"
        for m in modules()
        for node in ast.walk(m.tree)
        if isinstance(node, ast.AnnAssign)
        and isinstance(target := node.target, ast.Name)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "RequestCache"
    }
    assert owners
    assert not [f"{m}:{n} {name}" for m in modules() for n, name in m.imports() if name in owners]
    assert not [name for name in owners if not name.rpartition(".")[2].startswith("_")]


def test_migrations_know_nothing_of_the_product():
    """A migration must do in three years what it does today, whatever the models say by then."""
    wrong = []
    for path in MIGRATIONS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            wrong += [f"{path.name}:{node.lineno} {n}" for n in names if n.partition(".")[0] == "portal"]
    assert not wrong


def test_requirements_name_no_address():
    """Where a package comes from is the business of the machine that installs it (a mirror, a proxy), not ours."""
    files = [*(ROOT / "requirements").glob("*.txt"), ROOT / "pyproject.toml"]
    assert files and not [f.name for f in files if "://" in f.read_text()]


def test_public_functions_say_what_they_promise():
    """These are called from places their author will never see; the name alone does not say what is refused."""
    wrong = []
    for module in modules():
        if module.home not in ("kernel", "authz") and module.part not in ("actions", "queries", "policies", "rules"):
            continue
        for node in module.tree.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None and not self_explaining(node):
                wrong.append(f"{module}:{node.lineno} {node.name}")
    assert not wrong


def self_explaining(node: ast.stmt) -> bool:
    """A function of a single return says it itself."""
    return isinstance(node, ast.FunctionDef) and len(node.body) <= 2 and isinstance(node.body[-1], ast.Return)

"""What a process keeps is bounded, and keyed by what shapes it: `kernel.cache` and nothing made by hand."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, Module, dotted, modules

CONTAINERS = ("dict", "list", "set", "OrderedDict", "defaultdict", "deque", "Counter", "WeakKeyDictionary")
CHANGES = (
    *("add", "append", "appendleft", "clear", "discard", "extend", "insert", "move_to_end", "pop", "popitem", "remove"),
    *("setdefault", "sort", "update"),
)
# Registries: filled once by the code itself, before the first request, through functions of these names.
FILLS = ("register_", "set_")
# Functions that change a container of a module otherwise.
EXCEPTIONS = {
    "portal.kernel.tenancy.exempt_table": "fills the registry of policies, as set_policy does",
}
# What a function with `lru_cache` may take: values that say nothing of who asks, and that nobody can change.
PLAIN = ("str", "int", "bool", "Locale", "dt.date", "Sequence[str]")
# What it may not return: whoever changed it would change it for everybody.
CHANGEABLE = ("dict", "list", "set", "Any")


def containers(module: Module) -> set[str]:
    """The names that *module*, or a class of it, binds to something that can be changed."""
    found = set()
    for body in (module.tree.body, *(node.body for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef))):
        for node in body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if isinstance(node, ast.Assign | ast.AnnAssign) and is_container(node.value):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def is_container(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return dotted(value.func).rpartition(".")[2] in CONTAINERS
    return isinstance(value, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp)


def changes(function: ast.AST) -> Iterator[str]:
    """The last name of everything that *function* changes in place, or binds anew as a global."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            yield last_name(node.func.value)
        elif isinstance(node, ast.Global):
            yield from node.names
        elif isinstance(node, ast.Assign | ast.Delete | ast.AugAssign):
            targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
            yield from (last_name(target.value) for target in targets if isinstance(target, ast.Subscript))


def last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def own_names(function: ast.AST) -> set[str]:
    """The names that *function* binds for itself: parameters and variables."""
    names = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    bound = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    shared = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
    return (names | bound) - shared


def writers(module: Module, foreign: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """(function, container) for each function of *module* that changes a container of a module: its own, or one of
    *foreign*, reached through an import or an object."""
    own = containers(module)
    for function in ast.walk(module.tree):
        if not isinstance(function, ast.FunctionDef | ast.Lambda):
            continue
        name = getattr(function, "name", "lambda")
        hidden = own_names(function)
        for changed in set(changes(function)):
            if changed in own - hidden or changed in foreign:
                yield f"{module.name}.{name}", changed


def test_no_module_keeps_things_in_a_container_of_its_own():
    """A dict that a function fills grows until the process ends, or is emptied by a rule of its own; and its key is
    what somebody thought of. What is kept for longer than a request is in a `Cache`."""
    private = frozenset(name for module in modules() for name in containers(module) if name.startswith("_"))
    found: dict[str, set[str]] = {}
    for module in modules():
        for function, container in writers(module, private - attributes_of_objects(module)):
            found.setdefault(function, set()).add(container)
    wrong = {function: names for function, names in found.items() if not is_registry(function)}
    assert not set(wrong) - set(EXCEPTIONS), "use kernel.cache, or name the function register_… if it fills a registry"
    assert not set(EXCEPTIONS) - set(wrong), "no longer there: take them out of the list"


def attributes_of_objects(module: Module) -> set[str]:
    """The names that objects of *module* carry (`self._values`), which are no containers of a module."""
    return {
        node.attr
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }


def is_registry(function: str) -> bool:
    return function.rpartition(".")[2].startswith(FILLS)


def fault_of_lru_cache(function: ast.FunctionDef, decorator: ast.expr) -> str:
    """What is wrong with `lru_cache` or `cache` over *function*; '' if nothing is."""
    arguments = function.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    if arguments.vararg or arguments.kwarg:
        return "takes anything"
    taken = [ast.unparse(one.annotation) if one.annotation else "?" for one in every]
    if not set(taken) <= set(PLAIN):
        return f"takes {', '.join(taken)}"
    given = ast.unparse(function.returns) if function.returns else "Any"
    if given.partition("[")[0] in CHANGEABLE:
        return f"returns {given}"
    bound = [word.value for word in getattr(decorator, "keywords", []) if word.arg == "maxsize"]
    if every and not (bound and isinstance(bound[0], ast.Constant) and isinstance(bound[0].value, int)):
        return "has no bound"
    return ""


def faults_of_functools(module: Module) -> Iterator[str]:
    names = ("lru_cache", "cache", "functools.lru_cache", "functools.cache")
    imported = {name for _line, name in module.imports() if name in ("functools.lru_cache", "functools.cache")}
    if not imported and "functools" not in {name for _line, name in module.imports()}:
        return
    used = {
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name | ast.Attribute) and dotted(node) in names and isinstance(node.ctx, ast.Load)
    }
    for function in ast.walk(module.tree):
        for decorator in getattr(function, "decorator_list", []):
            name = decorator.func if isinstance(decorator, ast.Call) else decorator
            if name in used and isinstance(function, ast.FunctionDef):
                used.discard(name)
                if fault := fault_of_lru_cache(function, decorator):
                    yield f"{module}:{function.lineno} {function.name} {fault}"
    yield from (f"{module}:{node.lineno} is no decorator of a function" for node in used)


def test_lru_cache_is_for_pure_functions_of_plain_values():
    """It has the same rule as `Cache`, and its key is the arguments. So they must be all that the answer depends on,
    and cannot be a context, an actor, or an id that stands for a row; and nobody may change what all share."""
    assert not [fault for module in modules() for fault in faults_of_functools(module)]


def test_a_cache_stands_in_its_module_and_belongs_to_it():
    """Another module that reads a cache would have to write its keys too."""
    calls, owners = 0, set()
    for module in modules():
        calls += sum(name == "Cache" for _line, name in module.calls())
        for node in module.tree.body:
            value = getattr(node, "value", None)
            if isinstance(node, ast.AnnAssign) and isinstance(value, ast.Call) and dotted(value.func) == "Cache":
                owners.add(f"{module.name}.{dotted(node.target)}")
    assert len(owners) == calls > 5
    assert not [name for name in owners if not name.rpartition(".")[2].startswith("_")]
    assert not [f"{m}:{n} {name}" for m in modules() for n, name in m.imports() if name in owners]


# Functions that cache what a builder makes: the position of the builder among their arguments.
CACHING = {
    "cached_select": 1,
    "fetch_rows": 1,
    "fetch_counts": 1,
    "fetch_cached_page": 1,
    "fetch_cached_case_rows": 1,
    "cached_config": 2,
}
# What a builder could read without being given it.
AMBIENT = ("request", "session", "g", "current", "current_app", "db", "clock", "os", "random")


def builders(module: Module) -> Iterator[tuple[int, ast.expr]]:
    """(line, builder) of each call that caches what the builder makes."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and (at := CACHING.get(dotted(node.func).rpartition(".")[2])):
            yield node.lineno, node.args[at]


def fault_of_builder(module: Module, builder: ast.expr) -> str:
    """What is wrong with *builder*; '' if nothing is."""
    functions = {node.name: node for node in module.tree.body if isinstance(node, ast.FunctionDef)}
    function = functions.get(builder.id) if isinstance(builder, ast.Name) else None
    if function is None:
        return "is no function of this module"
    first = function.args.args[0].arg if function.args.args else ""
    if first not in ("actor", "ctx", "context"):
        return "is not given the actor first"
    read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} & set(AMBIENT)
    read |= {"ctx()" for node in ast.walk(function) if isinstance(node, ast.Call) and dotted(node.func) == "ctx"}
    return f"reads {', '.join(sorted(read))}" if read else ""


def test_what_builds_a_cached_value_stands_alone():
    """The key holds what a builder is given and closes over; it cannot hold what the builder looks up elsewhere. A
    function of the module closes over nothing, and these look up nothing that changes."""
    found = [
        (f"{module}:{line} {ast.unparse(builder)}", fault_of_builder(module, builder))
        for module in modules()
        for line, builder in builders(module)
        # The parts that hand a builder on, as an argument of their own.
        if module.name not in ("portal.kernel.bounded_counts", "portal.cases.queries.rows")
    ]
    assert len(found) > 20
    assert not [f"{place} {fault}" for place, fault in found if fault]


HAND_MADE = (
    "_kept = {}\ndef read(key):\n    _kept[key] = 1",
    "_kept: dict[str, int] = {}\ndef read(key):\n    return _kept.setdefault(key, 1)",
    "_kept = OrderedDict()\ndef read(key):\n    _kept.popitem(last=False)",
    "_kept = []\nclass Reader:\n    def read(self, key):\n        _kept.append(key)",
    "class Reader:\n    kept = {}\n    def read(self, key):\n        self.kept[key] = 1",
    "_kept = {}\ndef read(key):\n    global _kept\n    _kept = {**_kept, key: 1}",
    "_kept = defaultdict(int)\ndef read(key):\n    _kept[key] += 1",
    "_kept = {}\nread = lambda key: _kept.setdefault(key, 1)",
)
UNFIT = (
    "from functools import lru_cache\n@lru_cache(maxsize=4)\ndef read(ctx: Context) -> str: ...",
    "from functools import lru_cache\n@lru_cache(maxsize=4)\ndef read(row: Id) -> str: ...",
    "from functools import lru_cache\n@lru_cache(maxsize=4)\ndef read(key) -> str: ...",
    "from functools import lru_cache\n@lru_cache(maxsize=4)\ndef read(key: str) -> dict[str, int]: ...",
    "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef read(key: str) -> str: ...",
    "from functools import lru_cache\n@lru_cache\ndef read(key: str) -> str: ...",
    "from functools import cache\n@cache\ndef read(key: str) -> str: ...",
    "from functools import cache\n@cache\ndef read(*keys: str) -> str: ...",
    "import functools\n@functools.cache\ndef read(key: str) -> str: ...",
    "from functools import lru_cache\nread = lru_cache(maxsize=4)(make)",
)
FIT = (
    "from functools import lru_cache\n@lru_cache(maxsize=4)\ndef read(key: str, number: int) -> str: ...",
    "from functools import cache\n@cache\ndef read() -> frozenset[str]: ...",
    "def read(rows):\n    kept = {}\n    kept[1] = rows\n    return kept",
    "_lines = {}\ndef register_lines(lines):\n    _lines.update(lines)",
)


def module_of(text: str) -> Module:
    return Module(Path(ROOT / "portal/sample.py"), ast.parse(text))


@pytest.mark.parametrize("text", (*HAND_MADE, *UNFIT))
def test_these_are_found(text):
    module = module_of(text)
    assert [function for function, _name in writers(module) if not is_registry(function)] or [
        *faults_of_functools(module)
    ]


@pytest.mark.parametrize("text", FIT)
def test_these_are_not(text):
    module = module_of(text)
    assert not [function for function, _name in writers(module) if not is_registry(function)]
    assert not [*faults_of_functools(module)]


def test_a_container_of_another_module_is_found():
    for text in ("def read(key):\n    other._kept[key] = 1", "def read(key):\n    _kept.update(key=1)"):
        assert [*writers(module_of(text), frozenset(["_kept"]))] == [("portal.sample.read", "_kept")]


@pytest.mark.parametrize(
    "text",
    (
        "def read(ctx):\n    return fetch_rows(ctx, lambda actor: 1)",
        "def read(ctx):\n    def build(actor): ...\n    return cached_select(ctx, build)",
        "def build(actor):\n    return request.args\ndef read(ctx):\n    return fetch_rows(ctx, build)",
        "def build(context):\n    return ctx().ip\ndef read(ctx):\n    return cached_config(ctx, for_side, build)",
        "def build(case):\n    return 1\ndef read(ctx):\n    return fetch_counts(ctx, build)",
        "def read(ctx):\n    return cached_config(ctx, for_side, partial(build, 1))",
    ),
)
def test_these_builders_are_found(text):
    module = module_of(text)
    assert [fault_of_builder(module, builder) for _line, builder in builders(module)] != [""]

"""No parameter against a partial index.

Plans are generic (`connections.SERVER_SETTINGS`): PostgreSQL plans a statement once for all values of its parameters.
An index on `state = 'new'` is used only where the statement says so in literals; `state = $1` reads the table instead,
and nothing but the speed shows it. `tests/statements/test_pages.py` looks at the statements of pages in the same way.
"""

import ast
import re
from collections.abc import Iterator

import portal.wiring  # noqa: F401 - every model
from portal.cases.queries.status_filter import status_condition
from portal.kernel.database import Base
from tests.architecture.source import Module, modules
from tests.support.acting import bound_columns

# Function → why its parameter is right: it meets no partial index.
REASONS = {
    "portal.cases.queries.status_filter.status_row_condition": "compares with columns of another row",
    "portal.kernel.outbox.is_in_state": "literal_execute writes the value into the statement",
}


def constants() -> dict[tuple[str, str], str]:
    """(class, attribute) of each column that the condition of a partial index compares with a constant → that index."""
    found = {}
    for mapper in Base.registry.mappers:
        for index in mapper.local_table.indexes:
            where = index.dialect_options["postgresql"].get("where")
            for part in re.split(r"\bAND\b", str(where)) if where is not None else ():
                if re.search(r"IS (NOT )?NULL", part):
                    continue  # SQLAlchemy writes NULL into the statement
                for column in mapper.local_table.columns:
                    if re.search(rf"\b{column.name}\b", part):
                        key = mapper.get_property_by_column(column).key
                        found[mapper.class_.__name__, key] = str(index.name)
    return found


def comparisons(node: ast.AST) -> Iterator[tuple[ast.Attribute, list[ast.expr]]]:
    """(column, what it is compared with) for each comparison and each `in_` inside *node*."""
    for one in ast.walk(node):
        match one:
            case ast.Compare():
                sides = [one.left, *one.comparators]
                for side in sides:
                    if isinstance(side, ast.Attribute):
                        yield side, [other for other in sides if other is not side]
            case ast.Call(func=ast.Attribute(value=ast.Attribute() as column, attr="in_" | "not_in")):
                yield column, one.args


def found_in(module: Module, columns: dict[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    """(dotted function, comparison) with a parameter against one of *columns* in *module*."""
    for node in module.tree.body:
        name = f"{module.name}.{getattr(node, 'name', '')}".rstrip(".")
        for column, others in comparisons(node):
            owner = column.value.id if isinstance(column.value, ast.Name) else ""
            if (owner, column.attr) in columns and not all("literal" in ast.unparse(one).lower() for one in others):
                yield name, f"{ast.unparse(column)}: {', '.join(map(ast.unparse, others))}"


def test_no_column_of_a_partial_index_is_compared_with_a_parameter():
    columns = constants()
    assert {("Case", "state"), ("Case", "tier"), ("Delivery", "state"), ("MailboxTest", "state")} <= columns.keys()
    found = {name: said for module in modules() for name, said in found_in(module, columns) if name not in REASONS}
    assert not found, "write the constant as a literal (cases.queries.status_filter), or say here why not"


def test_the_law_sees_a_parameter():
    tree = ast.parse("def waiting():\n    return rows.where(Case.state == 'waiting', Case.tier.in_((2, 3)))")
    module = next(iter(modules()))
    sample = Module(module.path, tree)
    assert len(list(found_in(sample, constants()))) == 2
    statement = "SELECT 1 FROM cases WHERE cases.state = %(state_1)s AND cases.tier > 1 AND cases.state NOT IN ('new')"
    assert bound_columns(statement, {"cases.state", "cases.tier"}) == {"cases.state"}
    assert not bound_columns("SELECT 1 FROM cases WHERE cases.state = 'new'", {"cases.state"})


def test_a_filter_by_status_is_written_in_literals():
    said = str(status_condition(["open", "open.answered", "waiting", "x' OR 1=1"]).compile())
    assert "'open'" in said and "'waiting'" in said and ":state" not in said and "x'" not in said

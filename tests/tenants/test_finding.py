"""Names are found however they are typed: the database folds as Python does."""

import pytest
from sqlalchemy import String, literal, select

from portal.kernel import text
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries.name_search import fold_column


@pytest.mark.parametrize(
    "name",
    (
        "Acme",
        "ZIELIŃSKI",
        "Łódź",
        "Đặng Văn",
        "Ærø & Øster",
        "Straße 5",
        "ﬁrma",
        "Ünïcødé",
        "Þór ðe",
        "100% _x_",
        "Œuvre",
        "Ⅷ",
        "é",
        "ＦＵＬＬ",
    ),
)
def test_the_database_folds_like_the_kernel(world, name):
    assert world.session.scalar(select(fold_column(literal(name, String)))) == text.fold(name)


def test_names_stand_in_the_order_of_the_alphabet(world, as_user):
    """Not in that of their bytes, where "Łódź" stands behind "Zebra" and "beta" behind "Zebra" too."""
    ada = as_user("ada")
    for name in ("Zebra", "Łódź", "beta", "Ärger", "Lublin"):
        assert ada.post("/admin/departments/new", data={"name": name}).status_code == 303
    wanted = ["Ärger", "beta", "Łódź", "Lublin", "Zebra"]

    ada.get("/admin/departments")  # says what was added
    shown = ada.get("/admin/departments").page.first("main").text
    assert sorted(wanted, key=shown.index) == wanted
    names = [row.name for row in department_queries.active_departments(world.ctx("ana"))]
    assert [name for name in names if name in wanted] == wanted

"""Names are found however they are typed: the database folds as Python does."""

import pytest
from sqlalchemy import String, literal, select

from portal.kernel import text
from portal.tenants.queries.finding import folded


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
    assert world.session.scalar(select(folded(literal(name, String)))) == text.fold(name)

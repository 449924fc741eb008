"""Ways to put tags on cases in tests, through the actions that people use."""

from typing import Any

from portal.cases.actions.tags import add_tags
from portal.cases.models import Case, CaseLocation, CaseTag, Tag
from portal.cases.rules import fold_tag
from portal.kernel.context import Context


def add_tag(world: Any, name: str = "printer fleet", *, by: str = "ada") -> Tag:
    """A tag on the list of the provider of *by*, or the one that is there."""
    from portal.cases.actions.tags import add_tag as put_on_list

    ctx = world.ctx(by, "staff")
    found = ctx.session.query(Tag).filter(Tag.provider_id == ctx.provider_id, Tag.folded == fold_tag(name)).first()
    if found is None:
        put_on_list(ctx, name=name)
        found = ctx.session.query(Tag).filter(Tag.provider_id == ctx.provider_id, Tag.folded == fold_tag(name)).one()
    return found


def tag_case(world: Any, case: Case, line: str, *, by: str = "ana") -> None:
    """Put tags on a case."""
    add_tags(world.ctx(by, "staff"), case, line)


def leave_tag(ctx: Context, case: Case, tag: Tag) -> None:
    """Put *tag* on *case*, past the actions."""
    ctx.session.add(CaseTag(**CaseLocation.of(case).columns(), tag_id=tag.id, added_at=ctx.now))
    ctx.session.flush()

"""Tags: putting them on cases and taking them off, and the provider's list of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions.transitions import check_not_redirected
from portal.cases.models import Case, CaseLocation, CaseTag, Tag
from portal.cases.rules import fold_tag, split_tags
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.ids import new_id

TAG_LETTERS = 40
# On one case, and on the list of a provider.
MOST_ON_CASE = 20
MOST_TAGS = 500


def add_tags(ctx: Context, case: Case, line: str) -> list[str]:
    """Put the tags named in *line*, separated by commas, on *case*; new names join the provider's list. Returns the
    names that were added, and records `case.tagged` (facts: tags) if any was.

    A tag is for staff: it changes neither the version of the case nor its date. Raises Refused for nothing, a name that
    is too long or retired, and too many.
    """
    require(ctx.actor, Permission.CASE_NOTE, case)
    check_not_redirected(case)
    names = split_tags(line)
    if not names:
        raise Refused(_("Write a tag"), "tag")
    present = _tag_ids(ctx, case)
    tags = [tag for tag in _find_or_add(ctx, names) if tag.id not in present]
    if len(present) + len(tags) > MOST_ON_CASE:
        raise Refused(_("A case has at most %(most)d tags", most=MOST_ON_CASE), "tag")
    for tag in tags:
        _put(ctx, case, tag.id)
    ctx.session.flush()
    if tags:
        record(ctx, "case.tagged", case, case=case, tags=[tag.name for tag in tags])
    return [tag.name for tag in tags]


def remove_tags(ctx: Context, case: Case, line: str) -> list[str]:
    """Take the tags named in *line* off *case*, as far as it has them. Returns their names, and records `case.untagged`
    (facts: tags) if any was taken off. Raises Refused for nothing."""
    names = split_tags(line)
    if not names:
        raise Refused(_("Write a tag"), "tag")
    folded = [fold_tag(name) for name in names]
    found = ctx.session.scalars(select(Tag).where(Tag.provider_id == ctx.provider_id, Tag.folded.in_(folded)))
    return _take_off(ctx, case, found.all())


def remove_tag(ctx: Context, case: Case, tag_id: Id) -> list[str]:
    """Take one tag off *case*, as `remove_tags`; nothing for one that it does not have."""
    found = ctx.session.scalars(select(Tag).where(Tag.provider_id == ctx.provider_id, Tag.id == tag_id))
    return _take_off(ctx, case, found.all())


def carry_tags(ctx: Context, case: Case, target: Case) -> None:
    """Put the tags of *case* on *target*, in which it continues; as many as one case may have."""
    present = _tag_ids(ctx, target)
    own = select(CaseTag.tag_id).where(CaseTag.case_id == case.id)
    kept = select(Tag.id).where(Tag.provider_id == ctx.provider_id, Tag.id.in_(own)).order_by(Tag.id)
    found = ctx.session.scalars(
        kept.with_for_update(read=True, key_share=True).execution_options(populate_existing=True)
    )
    missing = [tag_id for tag_id in found if tag_id not in present]
    for tag_id in missing[: MOST_ON_CASE - len(present)]:
        _put(ctx, target, tag_id)


def add_tag(ctx: Context, *, name: str) -> None:
    """Put a tag on the provider's list; records `tag.added` (facts: name). Raises Refused for a name that is there."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check_free(ctx, name, None)
    _add(ctx, name)


def change_tag(ctx: Context, tag: Tag, *, name: str, active: bool) -> None:
    """Rename, retire or restore a tag; cases keep it. Records `tag.changed` (facts: changed)."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check_free(ctx, name, tag.id)
    facts: dict[str, list[Any]] = {"name": [tag.name, name], "active": [tag.active, active]}
    tag.name, tag.folded, tag.active = name, fold_tag(name), active
    ctx.session.flush()
    record(ctx, "tag.changed", tag, changed={key: pair for key, pair in facts.items() if pair[0] != pair[1]})


def merge_tags(ctx: Context, tag: Tag, target: Tag) -> None:
    """Put *target* in place of *tag* on every case, and take *tag* off the list. Records `tag.merged` (facts: name,
    into). The statements change cases that the actor does not see too, and tell nothing of them."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    # In the order of their ids, so that two who merge the same two wait for each other.
    both = select(Tag).where(Tag.provider_id == ctx.provider_id, Tag.id.in_([tag.id, target.id])).order_by(Tag.id)
    if len(ctx.session.scalars(both.with_for_update().execution_options(populate_existing=True)).all()) < 2:
        raise Refused(_("Choose another tag"), "target")
    here = (CaseTag.provider_id == ctx.provider_id, CaseTag.tag_id == tag.id)
    twice = select(CaseTag.case_id).where(CaseTag.provider_id == ctx.provider_id, CaseTag.tag_id == target.id)
    gone = delete(CaseTag).where(*here, CaseTag.case_id.in_(twice))
    ctx.session.execute(gone.execution_options(synchronize_session=False))
    moved = update(CaseTag).where(*here).values(tag_id=target.id)
    ctx.session.execute(moved.execution_options(synchronize_session=False))
    record(ctx, "tag.merged", target, name=tag.name, into=target.name)
    ctx.session.delete(tag)
    ctx.session.flush()


def _find_or_add(ctx: Context, names: Sequence[str]) -> list[Tag]:
    """The tags with *names*; those that are not on the list are added. Raises Refused for a retired one."""
    folded = {fold_tag(name): name for name in names}
    for name in names:
        _check_name(name)
    known = _lock_known(ctx, folded)
    missing = {key: name for key, name in folded.items() if key not in known}
    if missing:
        for name in missing.values():
            _add(ctx, name)
        known = _lock_known(ctx, folded)
    retired = [tag.name for tag in known.values() if not tag.active]
    if retired:
        raise Refused(_("This tag is no longer in use: %(names)s", names=", ".join(retired)), "tag")
    return list(known.values())


def _lock_known(ctx: Context, folded: Iterable[str]) -> dict[str, Tag]:
    """The tags with these folded names, which nobody merges before this unit of work has ended."""
    rows = select(Tag).where(Tag.provider_id == ctx.provider_id, Tag.folded.in_(list(folded))).order_by(Tag.id)
    found = ctx.session.scalars(
        rows.with_for_update(read=True, key_share=True).execution_options(populate_existing=True)
    )
    return {tag.folded: tag for tag in found}


def _add(ctx: Context, name: str) -> None:
    """Put *name* on the list, unless somebody else just did."""
    number = ctx.session.scalar(select(func.count()).select_from(Tag).where(Tag.provider_id == ctx.provider_id)) or 0
    if number >= MOST_TAGS:
        raise Refused(_("There are %(most)d tags. Merge some of them first.", most=MOST_TAGS), "tag")
    row = {"id": new_id(), "provider_id": ctx.provider_id, "name": name, "folded": fold_tag(name), "active": True}
    added = ctx.session.scalars(insert(Tag).values(row).on_conflict_do_nothing().returning(Tag)).one_or_none()
    if added is not None:
        record(ctx, "tag.added", added, name=name)


def _check_name(name: str, field: str = "tag") -> None:
    if not fold_tag(name):
        raise Refused(_("Write a tag"), field)
    if len(name) > TAG_LETTERS or len(fold_tag(name)) > 2 * TAG_LETTERS:
        raise Refused(_("A tag has at most %(most)d letters", most=TAG_LETTERS), field)
    if '"' in name or "," in name:
        raise Refused(_("A tag has no comma and no quotation marks"), field)


def _check_free(ctx: Context, name: str, own: Id | None) -> None:
    _check_name(name, "name")
    same = select(Tag.id).where(
        Tag.provider_id == ctx.provider_id, Tag.folded == fold_tag(name), Tag.id != (own or new_id())
    )
    if ctx.session.scalar(same) is not None:
        raise Refused(_("%(name)s is already on the list", name=name), "name")


def _tag_ids(ctx: Context, case: Case) -> set[Id]:
    return set(ctx.session.scalars(select(CaseTag.tag_id).where(CaseTag.case_id == case.id)))


def _put(ctx: Context, case: Case, tag_id: Id) -> None:
    place = CaseLocation.of(case).columns()
    ctx.session.add(CaseTag(**place, tag_id=tag_id, added_by_id=ctx.actor.user_id, added_at=ctx.now))


def _take_off(ctx: Context, case: Case, tags: Sequence[Tag]) -> list[str]:
    require(ctx.actor, Permission.CASE_NOTE, case)
    check_not_redirected(case)
    present = _tag_ids(ctx, case)
    taken = [tag for tag in tags if tag.id in present]
    if taken:
        ids = [tag.id for tag in taken]
        ctx.session.execute(delete(CaseTag).where(CaseTag.case_id == case.id, CaseTag.tag_id.in_(ids)))
        record(ctx, "case.untagged", case, case=case, tags=[tag.name for tag in taken])
    return [tag.name for tag in taken]

"""Forms that came after the session of their person had ended."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, or_, select

from portal.identity.models import UnsentForm
from portal.kernel import outbox, text
from portal.kernel.context import Context

# Letters of names and values together; texts of forms are at most 50,000 letters each.
UNSENT_LIMIT = 200_000
UNSENT_MOST = 5
UNSENT_HOURS = 24
# The kind of due work that deletes an unsent form whose time is over.
UNSENT_FORM_EXPIRY = "unsent_form_expiry"


def keep_unsent_form(
    ctx: Context, user_id: uuid.UUID, path: str, fields: Mapping[str, list[str]], lost_files: Sequence[str] = ()
) -> uuid.UUID | None:
    """Store a form that came after the session of *user_id* had ended, for its person to find after signing in.
    *lost_files*: a sentence for each of its files that could not be kept.

    Returns its id; None where the form is empty or larger than UNSENT_LIMIT. The caller has left secrets out. A person
    has at most UNSENT_MOST of them, each for UNSENT_HOURS: storing one deletes what is over, the worker deletes what
    nobody came back for. An observation, so no event.
    """
    size = sum(len(name) + sum(map(len, values)) for name, values in fields.items())
    if not fields or size > UNSENT_LIMIT:
        return None
    newest = (
        select(UnsentForm.id).where(UnsentForm.user_id == user_id).order_by(UnsentForm.id.desc()).limit(UNSENT_MOST - 1)
    )
    stale = or_(UnsentForm.expires_at <= ctx.now, UnsentForm.id.not_in(newest))
    ctx.session.execute(delete(UnsentForm).where(UnsentForm.user_id == user_id, stale))
    row = UnsentForm(
        provider_id=ctx.provider_id,
        user_id=user_id,
        path=path,
        lost_files=[text.clean_line(sentence) for sentence in lost_files],
        fields={text.clean_text(name): [text.clean_text(value) for value in sent] for name, sent in fields.items()},
        expires_at=ctx.now + dt.timedelta(hours=UNSENT_HOURS),
    )
    ctx.session.add(row)
    ctx.session.flush()
    outbox.schedule(ctx.session, ctx.provider_id, UNSENT_FORM_EXPIRY, row.id, row.expires_at)
    return row.id


def delete_expired_form(ctx: Context, form_id: uuid.UUID) -> None:
    """Delete the unsent form *form_id*, whose time is over; nothing where it is gone already. An observation's end, so
    no event."""
    expired = (UnsentForm.provider_id == ctx.provider_id, UnsentForm.id == form_id, UnsentForm.expires_at <= ctx.now)
    ctx.session.execute(delete(UnsentForm).where(*expired))

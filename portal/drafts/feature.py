"""What drafts add to the product."""

from portal.drafts.actions import delete_old, end_draft
from portal.drafts.queries import find_draft, has_drafts
from portal.drafts.routes import drafts
from portal.web.drafts import DraftStore
from portal.web.feature import Feature

FEATURE = Feature(
    name="drafts",
    blueprints=[drafts],
    counts={"drafts": has_drafts},
    draft_store=DraftStore(find_draft, end_draft),
    retention={"drafts": delete_old},
)

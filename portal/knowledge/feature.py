"""The surface of the knowledge base in the product."""

from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.knowledge.actions.reads import delete_old_misses, delete_old_reads
from portal.knowledge.pages import ARTICLE_DRAFTS
from portal.knowledge.panels import alike_panel, case_panel, helpful_panel
from portal.knowledge.routes import knowledge
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="knowledge",
    blueprints=[knowledge],
    drafts=ARTICLE_DRAFTS,
    panels={70: case_panel},
    slots={"alike": [alike_panel], "survey_results": [helpful_panel]},
    retention={"help_reads": delete_old_reads, "help_misses": delete_old_misses},
    navigation=[
        NavigationItem(
            "more", 50, "help", _l("Help articles"), "/desk/help", "book", permission=Permission.ARTICLE_READ
        )
    ],
)

"""The surface of canned replies in the product."""

from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.canned_replies.actions.uses import use_replies
from portal.canned_replies.panels import composer_panel, insert_reply
from portal.canned_replies.routes import canned_replies
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="canned_replies",
    blueprints=[canned_replies],
    slots={"composer": [composer_panel]},
    reply_steps=[use_replies],
    composer_insert=insert_reply,
    navigation=[
        NavigationItem(
            "more", 55, "own-replies", _l("Canned replies"), "/desk/replies", "reply", Permission.CASE_ANSWER
        ),
        NavigationItem(
            "design", 50, "replies", _l("Canned replies"), "/admin/replies", "reply", Permission.CANNED_REPLY_SHARE
        ),
    ],
)

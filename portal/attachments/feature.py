"""What attachments add to the product."""

from portal.attachments.actions import discard_old
from portal.attachments.routes import attachments
from portal.web.feature import Feature

FEATURE = Feature(name="attachments", blueprints=[attachments], retention={"staged_files": discard_old})

"""The surface of mail that arrives in the product."""

from portal.channels.mail.queries.mailboxes import reads_mail
from portal.web.feature import Feature

FEATURE = Feature(name="mail", reads_mail=reads_mail)

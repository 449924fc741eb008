"""Writes on announcements, by intention."""

from portal.announcements.actions.claims import move_joins as move_joins
from portal.announcements.actions.joins import answer as answer
from portal.announcements.actions.joins import follow as follow
from portal.announcements.actions.joins import join as join
from portal.announcements.actions.joins import may_join as may_join
from portal.announcements.actions.life import DUE as DUE
from portal.announcements.actions.life import act_when_due as act_when_due
from portal.announcements.actions.life import change as change
from portal.announcements.actions.life import discard as discard
from portal.announcements.actions.life import end as end
from portal.announcements.actions.life import publish as publish
from portal.announcements.actions.life import write_draft as write_draft
from portal.announcements.actions.life import write_update as write_update
from portal.announcements.actions.rights import AnnouncementFacts as AnnouncementFacts
from portal.announcements.actions.rights import may_write as may_write
from portal.announcements.actions.rights import require_writing as require_writing
from portal.announcements.actions.status_page import require_public_writing as require_public_writing
from portal.announcements.actions.status_page import show_in_public as show_in_public
from portal.announcements.actions.status_page import take_from_public as take_from_public
from portal.announcements.actions.subscribers import ask_subscription as ask_subscription
from portal.announcements.actions.subscribers import confirm_subscription as confirm_subscription
from portal.announcements.actions.subscribers import end_subscription as end_subscription
from portal.announcements.actions.subscribers import remove_subscriber as remove_subscriber

"""Reads of announcements, by intention. Every read starts at a scope."""

from portal.announcements.queries.joins import follow_modes as follow_modes
from portal.announcements.queries.joins import is_asked as is_asked
from portal.announcements.queries.joins import join_counts as join_counts
from portal.announcements.queries.joins import joins_of as joins_of
from portal.announcements.queries.joins import muted_announcements as muted_announcements
from portal.announcements.queries.joins import own_mode as own_mode
from portal.announcements.queries.lists import LISTS as LISTS
from portal.announcements.queries.lists import announcement as announcement
from portal.announcements.queries.lists import current_announcements as current_announcements
from portal.announcements.queries.lists import find_announcements as find_announcements
from portal.announcements.queries.lists import has_announcements as has_announcements
from portal.announcements.queries.lists import has_any as has_any
from portal.announcements.queries.lists import live_announcements as live_announcements
from portal.announcements.queries.lists import past_page as past_page
from portal.announcements.queries.lists import places_of as places_of
from portal.announcements.queries.lists import staff_page as staff_page
from portal.announcements.queries.lists import updates_of as updates_of
from portal.announcements.queries.reach import count_reached_people as count_reached_people
from portal.announcements.queries.reach import count_targets as count_targets
from portal.announcements.queries.reach import reach_of as reach_of
from portal.announcements.queries.reach import reached_organizations as reached_organizations
from portal.announcements.queries.reach import reached_people as reached_people
from portal.announcements.queries.reach import targets_of as targets_of
from portal.announcements.queries.status_page import has_status_posts as has_status_posts
from portal.announcements.queries.status_page import post_of as post_of
from portal.announcements.queries.status_page import status_posts as status_posts

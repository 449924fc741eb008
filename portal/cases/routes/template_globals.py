"""Template globals about cases and queues."""

from typing import Any

from portal.cases import labels
from portal.cases.models import Case, Message
from portal.cases.pages import queue_trail, saved_views
from portal.cases.pages.in_reply_to import answered_message
from portal.cases.pages.message_pictures import draw_message, draw_words, name_message_pictures
from portal.cases.presence import present_markers
from portal.cases.queries.answer_lines import AnswerLine, answer_lines
from portal.cases.queries.severity_levels import level_name
from portal.cases.routes.blueprints import cases, desk
from portal.cases.vocabulary import vocabulary
from portal.web.current import ctx
from portal.web.times import full_time


def state_label(subject: Case | str, side: str) -> str:
    """The status word of a case, or of a state by its key, for one side."""
    words = vocabulary(ctx(), side)
    return words.word(subject) if isinstance(subject, str) else words.of(subject)


def markers(case: Case, side: str) -> list[tuple[str, str]]:
    """The markers beside the status of *case*."""
    return labels.markers(ctx(), case, side)


def state_sentence(case: Case) -> str:
    """What the provider tells customers about the state of *case*, or ''."""
    return vocabulary(ctx(), "contact").sentence(case)


def answers_of(case: Case) -> list[AnswerLine]:
    """What *case* was answered in the own fields of its type."""
    return answer_lines(ctx(), case.answers, full_time)


def severity_word(rank: int) -> str:
    """The provider's name of a severity level."""
    return level_name(ctx(), rank)


def answered_by(case: Case, form: Any) -> Message | None:
    """The message that *form*, the composer of *case*, answers."""
    return answered_message(ctx(), case, form)


for template_global in (state_label, state_sentence, markers, present_markers, answers_of, severity_word):
    cases.add_app_template_global(template_global)
for message_global in (draw_message, draw_words, answered_by):
    cases.add_app_template_global(message_global)
cases.add_app_template_filter(name_message_pictures, "name_pictures")
desk.add_app_template_global(queue_trail.queue_trail_query, "desk_trail")
desk.add_app_template_global(queue_trail.case_link_query, "desk_from_list")
desk.add_app_template_global(saved_views.list_to_save)
desk.add_app_template_global(queue_trail.live_query)
desk.add_app_template_global(queue_trail.queue_url, "desk_list_url")
desk.add_app_template_global(queue_trail.view_label)
desk.add_app_template_global(labels.hue, "hue_of")

"""Reads about surveys: answering, the stream of answers, the rules and sets of questions."""

from portal.surveys.engine.questions import wording as wording
from portal.surveys.queries.answers import IS_OF_CASE as IS_OF_CASE
from portal.surveys.queries.answers import LASTS as LASTS
from portal.surveys.queries.answers import PURPOSE as PURPOSE
from portal.surveys.queries.answers import AnsweredQuestion as AnsweredQuestion
from portal.surveys.queries.answers import answer_for as answer_for
from portal.surveys.queries.answers import answer_label as answer_label
from portal.surveys.queries.answers import answered_questions as answered_questions
from portal.surveys.queries.answers import load_by_token as load_by_token
from portal.surveys.queries.answers import not_asked as not_asked
from portal.surveys.queries.answers import open_survey as open_survey
from portal.surveys.queries.answers import unanswered_survey as unanswered_survey
from portal.surveys.queries.results import survey_with_follow_up as survey_with_follow_up

"""Reads about surveys: answering, the stream of answers, the rules and sets of questions."""

from portal.surveys.queries.answering import LASTS as LASTS
from portal.surveys.queries.answering import PURPOSE as PURPOSE
from portal.surveys.queries.answering import Said as Said
from portal.surveys.queries.answering import answer_for as answer_for
from portal.surveys.queries.answering import by_token as by_token
from portal.surveys.queries.answering import in_words as in_words
from portal.surveys.queries.answering import not_asked as not_asked
from portal.surveys.queries.answering import open_survey as open_survey
from portal.surveys.queries.answering import said as said
from portal.surveys.queries.stream import with_task as with_task
from portal.surveys.rules.sets import wording as wording

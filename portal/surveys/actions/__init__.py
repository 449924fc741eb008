"""Writes on surveys: answering, following up low answers, configuring."""

from portal.surveys.actions.answers import answer as answer
from portal.surveys.actions.answers import say_about_call as say_about_call
from portal.surveys.actions.follow_ups import finish as finish
from portal.surveys.actions.follow_ups import take as take

"""What is done with surveys: answering, following a low answer up, configuring."""

from portal.surveys.actions.answering import answer as answer
from portal.surveys.actions.answering import say_about_call as say_about_call
from portal.surveys.actions.following import finish as finish
from portal.surveys.actions.following import take as take

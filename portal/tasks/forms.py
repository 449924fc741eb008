"""Forms of tasks."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.kernel.errors import Refused
from portal.kernel.ids import parse_id
from portal.kernel.local_times import read_date
from portal.tasks.actions import TASK_LETTERS, TaskFacts
from portal.web.forms import PressForm, flag_field, line_field


class TaskForm(PressForm):
    """`POST /desk/cases/<KEY>/tasks`: a new task, or `verb` (`change`, `done`, `open`, `up`, `remove`) for `task`."""

    verb = line_field(_l("Action"), limit=20)
    task = line_field(_l("Task"), limit=40)
    text = line_field(_l("What is to be done"), limit=TASK_LETTERS)
    assignee = line_field(_l("Who does it"), limit=40)
    due = line_field(_l("Until"), limit=20)
    mandatory = flag_field(_l("Must be done before the case is resolved"))

    def facts(self) -> TaskFacts:
        """What the form says. Raises Refused for a day that is none and a person that is none."""
        assignee = parse_id(self.assignee.data)
        if self.assignee.data and assignee is None:
            raise Refused(_("Choose somebody who looks after this account"), "assignee")
        due = read_date(self.due.data or "")
        if self.due.data and due is None:
            raise Refused(_("Write the day like 2027-01-31"), "due")
        return TaskFacts(self.text.data or "", bool(self.mandatory.data), assignee, due)

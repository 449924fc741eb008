"""Labels of the codes, times and states of promises, in the language of the reader.

Pages draw with these functions (`labels` in a template). `names` and `durations` do not depend on the web; `statuses`
and `opening_hours` use the time zone of the reader.
"""

from portal.sla.labels.durations import (
    amount_label,
    counted_duration,
    duration,
    rhythm_label,
    short_duration,
    stored_target_label,
    target_label,
)
from portal.sla.labels.names import (
    breach_reason_choices,
    breach_reason_label,
    kind_description,
    kind_label,
    kind_name,
    pause_label,
    pause_reason_label,
    source_label,
)
from portal.sla.labels.statuses import (
    chip,
    chip_text,
    next_news_label,
    opening_label,
    promise_label,
    promise_state,
    remaining_label,
    status_sentence,
    time_label,
)

__all__ = [
    "amount_label",
    "breach_reason_choices",
    "breach_reason_label",
    "chip",
    "chip_text",
    "counted_duration",
    "duration",
    "kind_description",
    "kind_label",
    "kind_name",
    "next_news_label",
    "opening_label",
    "pause_label",
    "pause_reason_label",
    "promise_label",
    "promise_state",
    "remaining_label",
    "rhythm_label",
    "short_duration",
    "source_label",
    "status_sentence",
    "stored_target_label",
    "target_label",
    "time_label",
]

"""How much of everything there may be: pure."""

# Rules of a provider, phrases of a condition, and hours of a time rule.
MOST_RULES, MOST_PHRASES, MOST_HOURS = 60, 20, 2000
NAME_LIMIT, PHRASES_LIMIT, NOTE_LIMIT, REASON_LIMIT = 80, 500, 2000, 500
# The days that a trial looks back, the cases it reads and those it lists.
TRIAL_DAYS, TRIAL_CASES, TRIAL_SHOWN = 30, 500, 50
# The days that a time rule may be late: what became due before a longer failure of workers is left alone.
CATCH_UP_DAYS = 3
# The cases of one time rule in one run.
BATCH = 100
EVENT = "case_rule.fired"

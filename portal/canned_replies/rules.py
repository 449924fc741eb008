"""Limits of canned replies."""

TITLE_LIMIT, TEXT_LIMIT, LINE_LIMIT = 100, 5_000, 500
# How many shared ones a provider has, and own ones a person, ended ones included.
MOST_SHARED, MOST_OWN = 500, 200
# How many replies of one draft are counted: the field with their ids is as long as any answer of a panel.
MOST_USED_AT_ONCE = 12

"""Severity levels and request types of Northwind."""

from portal.demo.specs import LevelSpec, RequestTypeSpec

# The four answers of ux.md P-03; the words come from the severity tables of the seeds.
LEVELS = (
    LevelSpec(1, "Emergency", "The service is down or a key function cannot be used. There is no workaround."),
    LevelSpec(2, "High", "Part of the service is down, with serious impact."),
    LevelSpec(3, "Medium", "The service works, but with problems. There may be a workaround."),
    LevelSpec(4, "Low", "The service works: a question or a request."),
)

# The five kinds of request of seed S1 (000 and 001 of the seeds folder), in English.
TYPES = (
    RequestTypeSpec(
        "outage",
        "Report an outage",
        "Something is down or does not work as it should.",
        "warning",
        department="service-desk",
        template="What does not work, and since when?\n\nWhat did you see (message, screen)?\n\nWhat did you try?\n",
    ),
    RequestTypeSpec(
        "question",
        "Technical question",
        "About a service you use, or a change of configuration within remote hands.",
        "question",
        department="service-desk",
    ),
    RequestTypeSpec(
        "support",
        "Support task",
        "A task for our engineers: an account, a change, an installation.",
        "tool",
        department="infrastructure",
    ),
    RequestTypeSpec(
        "business",
        "Business question",
        "Order a new service, extend one you have, or ask about an invoice.",
        "briefcase",
        department="business",
        asks_severity=False,
        default_rank=4,
    ),
    RequestTypeSpec(
        "visit",
        "Data-centre visit",
        "Announce who comes to your rack, when, and what they bring.",
        "building",
        department="infrastructure",
        requires="colocation",
        asks_severity=False,
        default_rank=4,
        template="Who comes (names as in the ID)?\n\nWhen, and for how long?\n\nWhat do you bring or take away?\n",
    ),
)

"""What the customers of Northwind ask each other: solved, answered by support, and one that waits too long."""

import datetime as dt

from portal.demo.specs import SpaceSpec, TopicSpec

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)

SPACES = (
    SpaceSpec(
        "Working with our services",
        "Questions and tricks around the VPN, the shop profiles and the portal.",
        by="ada",
        due_hours=8,
        topics=(
            TopicSpec(
                "Can I rename a shop profile without losing its history?",
                "Our shop got a new name. I would like to rename the profile, but the runs of the last year should "
                "stay with it. Has anybody done this?",
                by="gil",
                ago=9 * DAY,
                answers=(
                    (3 * HOUR, "mel", "We did in March. The history stays, only old links stop working.", ""),
                    (
                        20 * HOUR,
                        "tom",
                        "Yes. Open **Profile › Settings**, change the name and save:\n\n1. the history stays,\n"
                        "2. links in old emails lead to the new name for 90 days.",
                        "official",
                    ),
                    (2 * HOUR, "gina", "Confirmed, it took a minute.", "accepted"),
                ),
            ),
            TopicSpec(
                "Export to CSV loses commas",
                "When I open the export in our spreadsheet, each line is one cell. Which setting am I missing?",
                by="cora",
                ago=4 * DAY,
                answers=(
                    (5 * HOUR, "gil", "Choose `;` as the separator when you open the file. Ours works since then.", ""),
                ),
            ),
            TopicSpec(
                "Who else prints labels from the warehouse tablets?",
                "We look for a label printer that works with the tablets. What do you use?",
                by="gil",
                ago=3 * HOUR,
            ),
        ),
    ),
    SpaceSpec(
        "Acme: our way of working",
        "Only for people of Acme.",
        by="ada",
        organizations=("Acme",),
        topics=(
            TopicSpec(
                "Which form do we use for new laptops?",
                "The one for hardware or the one for new employees?",
                by="mel",
                ago=2 * DAY,
                answers=((HOUR, "olga", "New employees, if somebody starts. Otherwise hardware.", "accepted"),),
            ),
        ),
    ),
)

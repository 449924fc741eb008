"""What Northwind announced: planned work for Acme, and an outage that is over."""

import datetime as dt

from portal.demo.specs import AnnouncementSpec

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)

ANNOUNCEMENTS = (
    AnnouncementSpec(
        "outage",
        "VPN Warsaw is not reachable",
        "Nobody can connect to the VPN gateway in Warsaw. The gateway in Berlin works: choose it in the list of the "
        "client if you need the VPN now.",
        by="lee",
        ago=12 * DAY,
        rhythm=60,
        updates=(
            (50 * MINUTE, "A line of the carrier is cut. They are on site and expect to be done within two hours."),
            (55 * MINUTE, "The carrier is splicing the line. The gateway in Berlin carries everybody without trouble."),
            (48 * MINUTE, "The line works again, and so does the VPN. You can go back to the gateway in Warsaw."),
        ),
        ended=True,
        public=(
            "VPN gateway Warsaw",
            "The VPN gateway in Warsaw is not reachable. The gateway in Berlin works.",
            "The line of the carrier works again, and so does the gateway.",
        ),
    ),
    AnnouncementSpec(
        "maintenance",
        "New core switch",
        "We replace the core switch of the production network. Connections break twice for about five minutes. "
        "Please save your work before.",
        by="lee",
        ago=2 * DAY,
        begins=3 * DAY,
        lasts=2 * HOUR,
        environments=(("ACME", "Production"),),
    ),
)

"""The phone of Northwind: who waits for a call, who called, and the telephone system of the office."""

import datetime as dt

from portal.demo.specs import CallBackSpec, LoggedCallSpec, PhoneSpec

PHONE = PhoneSpec(
    system="Office",
    extensions={"ana": "101", "tom": "102", "lee": "201"},
    # Rita, and somebody whom nobody knows.
    missed=(
        ("+48600100200", "101", dt.timedelta(minutes=50)),
        ("+48221234567", "", dt.timedelta(hours=3)),
    ),
    call_backs=(
        CallBackSpec(
            "gil",
            "GLOBEX",
            "outage",
            "EDI messages to the carrier are refused",
            "It is refused again. Please call me, the carrier's technician is with me and can look at the same time.",
            passed=True,
        ),
        CallBackSpec(
            "rita",
            "ACME",
            "question",
            "Two invoices with the same number",
            "I have both on the screen in the afternoon. Please call, it is hard to explain by email.",
            slot=1,
        ),
        CallBackSpec(
            "mel",
            "ACME",
            "question",
            "Price list for the new shop",
            "I would like to know what a second shop costs before I talk to Cora.",
            slot=3,
            owner="ana",
        ),
    ),
    calls=(
        LoggedCallSpec(
            "ana",
            "Badge reader at gate 2 beeps but does not open",
            dt.timedelta(minutes=35),
            6,
            "Mel asks when the locksmith comes. The night shift still walks around.",
        ),
        LoggedCallSpec(
            "lee",
            "Second approval for invoices above 5,000",
            dt.timedelta(minutes=20),
            12,
            "Rita wants the second approval for two suppliers first, then for everybody.",
            direction="out",
        ),
    ),
    checked=("lee", "Second approval for invoices above 5,000"),
)

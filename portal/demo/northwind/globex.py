"""What happened at Globex over the last weeks; one of the cases is long."""

from portal.demo.case_histories import CaseHistory
from portal.demo.case_steps import (
    CaseStep,
    accepts,
    answers,
    asks,
    assigns,
    closes,
    copies,
    notes,
    picture,
    plans,
    rates,
    rejects,
    resolves,
    starts,
    tags,
    takes,
    takes_up,
    text,
    wants_call,
    writes,
)

SCREEN = picture("stock.png", 60, 120, 60)

# The stores of the long case: each is one exchange.
STORES = (
    "Aachen",
    "Bremen",
    "Cologne",
    "Dresden",
    "Erfurt",
    "Freiburg",
    "Görlitz",
    "Hamburg",
    "Ingolstadt",
    "Jena",
    "Kassel",
    "Leipzig",
    "Mainz",
    "Nuremberg",
    "Oldenburg",
    "Potsdam",
    "Rostock",
    "Stuttgart",
)


def roll_out() -> list[tuple[str, CaseStep]]:
    """Eighteen stores, two messages each, and what stands around them: forty messages."""
    then = [
        ("2h", takes("tom")),
        ("10m", answers("tom", "Happy to. Let us go one store after the other, so that a fault stays small.")),
        ("1h", writes("gil", "Good. I will say when each is ready.")),
    ]
    for number, store in enumerate(STORES, start=1):
        then.append(("5h", writes("gil", f"{store} is ready, the tills are closed.")))
        then.append(("1h", answers("tom", f"{store} is done ({number} of {len(STORES)}). Prices and stock are right.")))
    then += [
        ("3h", notes("tom", "Freiburg needed a second run: the till had no time server.")),
        ("20m", asks("tom", "All eighteen are done. Shall we switch the old import off?")),
    ]
    return then


GLOBEX = [
    CaseHistory(
        "Roll out the new price import to all stores",
        "We want the new price import in all eighteen stores, one after the other.",
        by="gil",
        account="GLOBEX",
        ago="8d",
        type="support",
        severity=4,
        environment="Production",
        visibility="shared",
        then=tuple(roll_out()),
    ),
    CaseHistory(
        "Stock levels differ between shop and warehouse",
        "Article 4711 shows 12 in the shop and 3 in the warehouse. It is not the only one.",
        by="gil",
        account="GLOBEX",
        ago="9h",
        severity=2,
        environment="Production",
        visibility="shared",
        files=(SCREEN,),
        then=(
            ("15m", takes("tom")),
            ("1m", tags("tom", "web shop, stock")),
            ("1m", plans("tom", "Compare the reservations of March", by="tom", mandatory=True)),
            ("5m", answers("tom", "I compare both sides now and write again before noon.")),
            ("1h", starts("tom")),
            ("2h", notes("tom", "Reservations of cancelled orders are never released. Looks like our job of March.")),
        ),
    ),
    CaseHistory(
        "EDI messages to the carrier are refused",
        "Since last night the carrier refuses all our messages with code 87.",
        by="gil",
        account="GLOBEX",
        ago="5d 3h",
        severity=1,
        environment="Production",
        visibility="shared",
        then=(
            ("6m", takes("tom")),
            ("10m", answers("tom", "Code 87 is an expired certificate. I am renewing it with the carrier.")),
            (
                "1h",
                resolves(
                    "tom",
                    "The new certificate works; all 212 waiting messages went out.",
                    "Look at the list “Sent today”.",
                ),
            ),
            ("2h", rejects("gil", "Seven messages still wait, all with a customs number.")),
            ("20m", starts("tom")),
            ("2h", resolves("tom", "The seven needed the old format and are out.", "Look at “Waiting”: it is empty.")),
            ("1h", rejects("gil", "Three of them came back an hour later.")),
            ("20m", copies("gil", "gina@globex.example", "edi@carrier.example")),
            ("3h", assigns("lee", "tom", "integrations")),
            ("1h", answers("tom", "The carrier cut the customs number at ten digits. Their fix comes tonight.")),
        ),
    ),
    CaseHistory(
        "Dashboard for the board meeting",
        "Could you build a page with revenue, margin and returns per month?",
        by="gina",
        account="GLOBEX",
        ago="24d",
        type="business",
        severity=None,
        then=(
            ("1d", assigns("lee", "ada", "business")),
            (
                "1d",
                answers(
                    "ada",
                    "We can. Two days of work; the offer is attached.",
                    text("offer.txt", "Dashboard, 2 days, delivery within two weeks.\n"),
                ),
            ),
            ("2d", writes("gina", "Please go ahead.")),
            ("9d", resolves("ada", "The dashboard is under Reports, Board.")),
            ("1d", accepts("gina")),
            ("2h", rates("gina", 5)),
        ),
    ),
    CaseHistory(
        "Test environment cannot be reached",
        "The Test environment answers with a blank page.",
        by="gil",
        account="GLOBEX",
        ago="2d 6h",
        severity=3,
        environment="Test",
        then=(
            ("2h", takes("tom")),
            ("3h", resolves("tom", "The Test environment slept after the update; it is awake.", "Sign in to Test.")),
            ("4h", accepts("gil")),
            ("5m", rates("gil", 2, "I needed to ask twice what “asleep” means.")),
            ("2m", wants_call("gil", "+49 421 100 310")),
            ("1h", takes_up("lee")),
        ),
    ),
    CaseHistory(
        "Questions about the audit of next month",
        "Our auditors want to know who can read our data at your side. Do you have a paper on that?",
        by="gina",
        account="GLOBEX",
        ago="18h",
        type="question",
        severity=4,
        cc=("audit@globex.example",),
    ),
    CaseHistory(
        "Mistyped customer number cannot be corrected",
        "I typed a customer number with one digit too many and cannot delete it any more.",
        by="gil",
        account="GLOBEX",
        ago="4h",
        severity=4,
        environment="Production",
    ),
    CaseHistory(
        "Contract for the German branch",
        "The branch in Bremen needs a contract of its own. Is that another account?",
        by="gil",
        account="GLOBEX",
        ago="40d",
        type="business",
        severity=None,
        then=(
            ("1d", answers("ada", "It can stay within your account; I add the branch as an environment.")),
            ("1d", closes("ada", "Answered; the branch is listed as an environment.")),
            ("3h", rates("gil", 4, "Quick. An address for such questions would be good.")),
        ),
    ),
]

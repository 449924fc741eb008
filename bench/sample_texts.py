"""Sample texts about common problems with devices and programs. ASCII only, so folding is lower().

A text is put together from sentences of its topic, a few sentences that fit anywhere, and names of machines that are
rare: a search has common words (thousands of hits), rare ones (a handful) and everything between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


def _several(words: str) -> tuple[str, ...]:
    return tuple(words.split())


FIRST = _several(
    "Anna Ben Clara David Elena Felix Greta Hugo Ines Jakub Karin Liam Maria Nadia Oscar Petra Quentin Rosa Samuel "
    "Tessa Umar Vera Walter Xenia Yusuf Zoe Marta Pavel Olivia Ivan Sofia Noah Emil Dana Bruno Alice Tomas Lena Aaron "
    "Judith Milan Teresa Viktor Hannah Simon Laura Adrian Nora Philip Eva"
)
LAST = _several(
    "Adler Brandt Costa Dupont Eriksen Fischer Garcia Horvath Ivanov Jansen Keller Larsen Moreau Novak Olsen Peters "
    "Quinn Rossi Schmidt Tanaka Ulrich Vargas Weber Young Ziegler Berger Conti Dvorak Engel Fontaine Gruber Hansen "
    "Ibsen Jovanovic Kovacs Lindgren Marino Nowak Ortiz Pavlov Richter Santos Toth Urban Vogel Winkler Baker Carter "
    "Foster Hughes"
)
COMPANY = _several(
    "Alder Amber Anchor Atlas Aurora Beacon Birch Blue Bridge Canyon Cedar Cobalt Copper Coral Crest Delta Ember "
    "Falcon Fern Flint Forge Garnet Glacier Granite Harbor Hazel Heron Horizon Indigo Iron Ivory Jade Juniper Kestrel "
    "Lark Laurel Linden Lotus Maple Marble Meadow Mercury Mint Nova Oak Ocean Olive Onyx Opal Orchid Orion Osprey "
    "Pearl Pine Pioneer Polar Quartz Raven Ridge River Ruby Sable Saffron Sage Sierra Silver Slate Solar Spruce "
    "Sterling Summit Sycamore Thistle Timber Topaz Tundra Umber Valley Vega Violet Walnut Willow Zenith"
)
TRADE = _several("Foods Logistics Media Medical Motors Textiles Energy Finance Travel Optics Press Steel Tools")
TITLES = _several("Accounting Sales Purchasing Production Warehouse Reception Marketing Finance Logistics Quality")
SITES = ("Headquarters", "Warehouse", "Plant", "Branch office")


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of trouble: how its subject begins, what its owner says, what solves it."""

    subjects: Sequence[str]
    says: Sequence[str]
    solved: str


TOPICS = (
    Topic(
        ("Printer {m} prints blank pages", "Printer {m} does not answer", "Paper jam on printer {m}"),
        (
            "The printer on the second floor prints blank pages since this morning.",
            "We changed the toner cartridge, but nothing changed.",
            "Labels for the shipping desk come out shifted by half a page.",
            "The queue on {m} shows documents that nobody can remove.",
        ),
        "The print spooler on {m} was restarted and the driver replaced by the current version.",
    ),
    Topic(
        ("VPN drops every few minutes", "No VPN connection from home", "VPN client asks for a certificate"),
        (
            "The tunnel comes up and is gone after five or ten minutes.",
            "It happens from home and from the hotel, with cable and with wireless.",
            "The client says that the gateway {m} did not answer in time.",
            "A colleague with the same notebook has no trouble.",
        ),
        "The gateway {m} had an old idle timeout; it follows the keep-alive of the client now.",
    ),
    Topic(
        ("Mailbox is full", "Mail to customers comes back", "Shared mailbox missing in Outlook"),
        (
            "Messages to two of our customers are returned with a relay error.",
            "The shared mailbox of the sales team disappeared from Outlook after the update.",
            "The archive folder does not open; it says the file is in use.",
            "We need the invoices of last week, so this is urgent for us.",
        ),
        "The SPF record was missing the new relay {m}; mail is delivered again.",
    ),
    Topic(
        ("Backup of {m} failed", "Restore a folder from last Tuesday", "Backup report shows warnings"),
        (
            "The report of last night shows that the job for {m} did not finish.",
            "Please restore the folder with the contracts as it was on Tuesday.",
            "The repository has less than five percent of free space.",
            "Nothing was changed on the server that we know of.",
        ),
        "The repository was extended and the chain for {m} started anew; last night's job is complete.",
    ),
    Topic(
        ("New employee starts on Monday", "Account for a new colleague", "Please remove access of a former colleague"),
        (
            "A new colleague starts on Monday in the accounting department.",
            "She needs a notebook, a telephone number and access to the ledger.",
            "The same groups as her predecessor, but without the payroll folder.",
            "The former colleague's mailbox should be forwarded for three months.",
        ),
        "Account, groups, mailbox and telephone are ready; the first sign-in asks for a new password.",
    ),
    Topic(
        ("ERP is slow since the update", "Error when posting an invoice", "Report {m} takes ten minutes"),
        (
            "Posting an invoice takes a minute instead of two seconds.",
            "The error window says that the database {m} is locked by another user.",
            "Everybody in the office sees it, at the same time.",
            "It began after the update on the weekend.",
        ),
        "A missing index made the posting slow; it was added and the statistics renewed on {m}.",
    ),
    Topic(
        ("Wireless is weak in the warehouse", "Scanner {m} loses its connection", "Guest network does not work"),
        (
            "The scanners lose their connection between the third and the fourth aisle.",
            "The access point {m} blinks orange.",
            "Guests reach the sign-in page, but the code is not accepted.",
            "We had the same trouble in spring.",
        ),
        "The access point {m} was replaced and the channels were planned anew.",
    ),
    Topic(
        ("Certificate of the website expires", "Website shows an error", "Domain should point to a new server"),
        (
            "The browser says that the certificate of our shop is not valid any more.",
            "Customers call us because they cannot order.",
            "The address should point to the new server {m} from Friday on.",
            "Please tell us before you switch.",
        ),
        "The certificate was renewed on {m}, and the renewal is automatic from now on.",
    ),
    Topic(
        ("Disk of {m} is almost full", "Server {m} does not answer", "High load on {m}"),
        (
            "The monitoring says that the disk of {m} is at ninety-eight percent.",
            "The server does not answer to ping since ten minutes.",
            "Users cannot sign in to the terminal server.",
            "The fans are loud and the console shows memory errors.",
        ),
        "Old logs on {m} were rotated and the volume extended by two hundred gigabytes.",
    ),
    Topic(
        ("Telephone has no dial tone", "Call forwarding for the holidays", "Headset is not recognized"),
        (
            "The telephone at the reception has no dial tone.",
            "Please forward the hotline to the mobile number during the holidays.",
            "Callers hear us, but we do not hear them.",
            "It works after a restart, but only for an hour.",
        ),
        "The extension was registered twice; the old device {m} was removed from the exchange.",
    ),
    Topic(
        ("Question about our invoice", "Order ten additional licenses", "Quote for a second firewall"),
        (
            "The invoice names a service that we do not know.",
            "We need ten more licenses until the end of the month.",
            "Please send a quote for a second firewall like {m}.",
            "Our contract number is on the attached page.",
        ),
        "The position was explained and the licenses are booked; the quote was sent by mail.",
    ),
    Topic(
        ("Suspicious mail", "Password was entered on a strange page", "Antivirus found something on {m}"),
        (
            "A colleague opened an attachment that looked like an invoice.",
            "The antivirus program found something on {m} and moved it to quarantine.",
            "The password was changed at once.",
            "Is there anything else that we should do?",
        ),
        "The device {m} was scanned and is clean; sessions were ended and the sender is blocked.",
    ),
)
OPENERS = (
    "Hello,", "Good morning,", "Dear support team,", "Hi all,", "Good afternoon,",
)  # fmt: skip
ANYWHERE = (
    "It worked without trouble until last week.",
    "Several people are affected, but there is a way around it.",
    "You can call me any time before four o'clock.",
    "I restarted the computer twice.",
    "There was a thunderstorm in the night, perhaps that matters.",
    "A screenshot would not show more than I wrote.",
    "My colleague will be here if I am in a meeting.",
    "Please let us know how long it will take.",
)
ANSWERS = (
    "Thank you for the report. We look into it and come back to you today.",
    "We could reproduce it here and found a first trace in the log of {m}.",
    "The vendor confirmed the behavior and sends us a corrected version.",
    "A colleague of the network team has taken over and checks {m} next.",
    "We changed the setting on {m}; please try again and tell us what you see.",
)
QUESTIONS = (
    "Can you tell us the exact time and the name of the user?",
    "Does it also happen with another account?",
    "May we restart {m} tonight after eight o'clock?",
)
REPLIES = (
    "It happened again at twenty past nine.",
    "Yes, with another account too.",
    "You may restart it tonight.",
    "It is better now, but not good yet.",
    "Here is what the window says: error {e}.",
)
NOTES = (
    "Same symptom as with another client in spring, see the runbook for {m}.",
    "Called the vendor, reference {e}.",
    "Firmware of {m} is two versions behind; plan a window.",
    "Customer is nervous about this one, keep them informed.",
)
CHECKS = ("Try it once more and watch for ten minutes.", "Print a test page.", "Sign in again.")
REJECTIONS = ("It still happens, error {e}.", "Half of it works, the rest does not.")
HOLDS = ("the vendor sends a spare part", "the maintenance window on the weekend", "a decision of your management")
SEVERITY_REASONS = ("Only one place is affected", "More people are affected than we knew")


def machine(rng: Random) -> str:
    """The name of a device: rare, but not unique."""
    return f"{rng.choice(('srv', 'prn', 'sw', 'fw', 'nb', 'ap', 'db'))}{rng.randrange(1000, 9999)}"


def error(rng: Random) -> str:
    """A code that some window shows."""
    return f"e{rng.randrange(10000, 99999)}"


def filled(text: str, name: str, rng: Random) -> str:
    """*text* with the machine and an error code put in."""
    if "{" not in text:
        return text
    return text.replace("{m}", name).replace("{e}", error(rng))


def description(topic: Topic, name: str, rng: Random) -> str:
    """Two or three short paragraphs."""
    said = rng.sample(topic.says, 3)
    also = rng.sample(ANYWHERE, 2)
    text = f"{rng.choice(OPENERS)}\n\n{said[0]} {said[1]} {also[0]}\n\n{said[2]} {also[1]}\n\nThank you."
    return filled(text, name, rng)

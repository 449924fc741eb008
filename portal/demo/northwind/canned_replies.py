"""The canned replies of Northwind."""

from portal.demo.specs import CannedReplySpec

REPLIES = (
    CannedReplySpec(
        "We are on it",
        {
            "en": (
                "Hello {contact first name},\n\nthank you, I have {case key} and am looking at {environment} now."
                " You hear from me again by {next answer due}.\n\n{agent name}\n{provider name}"
            ),
            "pl": (
                "Dzień dobry {contact first name},\n\ndziękuję, zajmuję się zgłoszeniem {case key} i sprawdzam"
                " środowisko {environment}. Odezwę się do {next answer due}.\n\n{agent name}\n{provider name}"
            ),
        },
        by="ada",
        status="in_progress",
        takes=True,
    ),
    CannedReplySpec(
        "Ask for a screenshot and the time",
        {
            "en": (
                "Hello {contact first name},\n\ncould you send a screenshot of the message, and tell us when it"
                " appeared the last time? With both we find it in the logs of {environment}."
            ),
            "pl": (
                "Dzień dobry {contact first name},\n\nproszę o zrzut ekranu z komunikatem i godzinę, o której pojawił"
                " się ostatnio. Dzięki temu znajdziemy go w logach środowiska {environment}."
            ),
        },
        by="lee",
        department="service-desk",
        status="waiting",
    ),
    CannedReplySpec(
        "Waiting for the vendor",
        {
            "en": (
                "Hello {contact first name},\n\nwe have opened a case at the vendor about “{subject}” and ask them"
                " every day. You need not do anything."
            )
        },
        by="lee",
        department="infrastructure",
        status="on_hold",
        reason="The vendor looks for the cause",
        days=2,
    ),
    CannedReplySpec(
        "VPN token renewed",
        {"en": "Hello {contact first name},\n\nyour VPN token was renewed and is valid for a year."},
        by="lee",
        department="service-desk",
        status="resolved",
        check="Sign out of the VPN client, sign in again, and open the intranet.",
    ),
    CannedReplySpec(
        "My closing line",
        {"en": "Have a good day, {contact first name}!\n{agent first name}"},
        by="ana",
        shared=False,
    ),
)

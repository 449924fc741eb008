"""The help articles of Northwind: one for each kind of reader, one in two languages, one draft."""

from portal.demo.pictures import draw_window
from portal.demo.specs import ArticleSpec

START = {"en": "First steps", "pl": "Pierwsze kroki"}
PRINTING = {"en": "Printing", "pl": "Drukowanie"}
NETWORK = {"en": "Network and VPN", "pl": "Sieć i VPN"}

VPN = """\
Use this when the VPN client asks for a new token, or says `ERR_TOKEN_EXPIRED`.

## How to recognise it

The icon in the task bar is yellow, and the client shows:

```
Connection refused: ERR_TOKEN_EXPIRED (0x8009)
```

## Renew the token

1. Open the VPN client and choose **Settings**.
2. Choose **Renew token** and sign in as usual.
3. Close the client and open it again.

![The button is at the bottom of the settings](renew-token.png)

The new token is valid for 90 days.

## If it does not work

- Check that the clock of the computer is right.
- Restart the computer once.
- Still yellow? Open a case and attach a screenshot of the client.
"""
VPN_PL = """\
Ta instrukcja pomaga, gdy klient VPN prosi o nowy token albo pokazuje `ERR_TOKEN_EXPIRED`.

## Jak to rozpoznać

Ikona na pasku zadań jest żółta, a klient pokazuje:

```
Connection refused: ERR_TOKEN_EXPIRED (0x8009)
```

## Odnowienie tokenu

1. Otwórz klienta VPN i wybierz **Ustawienia**.
2. Wybierz **Odnów token** i zaloguj się jak zwykle.
3. Zamknij klienta i otwórz go ponownie.

![Przycisk jest na dole ustawień](renew-token.png)

Nowy token jest ważny 90 dni.

## Jeśli to nie pomaga

- Sprawdź, czy zegar komputera wskazuje właściwą godzinę.
- Uruchom komputer ponownie.
- Ikona nadal jest żółta? Utwórz zgłoszenie i dołącz zrzut ekranu.
"""
BLANK_PAGES = """\
Nine of ten blank pages come from an old driver or a dried-out cartridge.

1. Print the **test page** from the menu of the printer itself.
2. Is it blank too? Replace the cartridge.
3. Is it fine? Remove the printer on your computer and add it again: `\\\\print01\\office`.
"""
SIGN_IN = """\
You sign in with your work email address.

- **Forgotten password**: choose “Forgot your password?” on the sign-in page.
- **Second factor lost**: ask the administrator of your organization, or call us.

The links that we send are valid for one hour.
"""
PEOPLE = """\
You can invite colleagues yourself.

1. Open **Organization**, then **People**.
2. Choose **Invite people** and write the address.
3. Choose the account and the role.

A *requester* sees their own cases, a *member* also those that colleagues share.
"""
ACME_SCANNER = """\
The scanner in Gdańsk sends to `scan@acme.example`. After a power cut its clock is wrong; the mail server refuses it.

1. On its display choose **Settings**, **Date and time**, **Set by network**.
2. Send a test scan to yourself.
"""
ON_CALL = """\
For our team.

- The hotline is forwarded to the tier 1 agent of the shift from 18:00 on.
- Emergencies of ACME go to the account manager **at once**, also at night.
- Never write customer names into titles of incidents on the status page.
"""
DRAFT = """\
To be checked with Infrastructure before it is published.

## Move a mailbox

Write down the size first.
"""


def draw_token_settings() -> bytes:
    return draw_window(
        "VPN client: Settings",
        [("Server", "vpn.northwind.example"), ("User", "rita@acme.example"), ("Token", "expired on 12 November")],
        "Renew token",
    )


ARTICLES = (
    ArticleSpec(
        START,
        {"en": ("Signing in, and what to do if it fails", "Passwords, links and second factors.", SIGN_IN)},
        publishes="lee",
        days_ago=90,
    ),
    ArticleSpec(
        NETWORK,
        {
            "en": ("Renew an expired VPN token", "The client shows ERR_TOKEN_EXPIRED.", VPN),
            "pl": ("Odnowienie wygasłego tokenu VPN", "Klient pokazuje ERR_TOKEN_EXPIRED.", VPN_PL),
        },
        audience="signed_in",
        publishes="lee",
        days_ago=40,
        pictures={"renew-token.png": draw_token_settings},
    ),
    ArticleSpec(
        PRINTING,
        {"en": ("The printer prints blank pages", "Driver or cartridge: how to tell.", BLANK_PAGES)},
        audience="signed_in",
        publishes="ada",
        days_ago=200,
    ),
    ArticleSpec(
        PRINTING,
        {"en": ("Scanner in Gdańsk: the mail does not arrive", "After a power cut its clock is wrong.", ACME_SCANNER)},
        audience="organizations",
        organizations=("Acme",),
        publishes="lee",
        days_ago=12,
    ),
    ArticleSpec(
        START,
        {"en": ("Invite colleagues to the portal", "For administrators of an organization.", PEOPLE)},
        audience="roles",
        roles=("organization_admin",),
        publishes="ada",
        days_ago=60,
    ),
    ArticleSpec(
        START,
        {"en": ("On call: who is told what at night", "Hotline and emergencies.", ON_CALL)},
        audience="staff",
        publishes="lee",
        days_ago=20,
    ),
    ArticleSpec(
        NETWORK,
        {"en": ("Move a mailbox to another server", "", DRAFT)},
        audience="staff",
        publishes="ada",
        days_ago=2,
        published=False,
    ),
)

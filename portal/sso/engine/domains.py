"""Domains of e-mail addresses that may belong to one organization."""

import re

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
# Where everybody gets a mailbox: such a domain says nothing about where somebody works. A list of our own: the large
# services of the world and those of Poland and its neighbors.
_FREEMAIL = """
126.com 163.com abv.bg aim.com aol.com arcor.de att.net bigpond.com bluewin.ch bol.com.br btinternet.com
centrum.cz comcast.net cox.net daum.net earthlink.net email.cz email.de fastmail.com fastmail.fm foxmail.com
free.fr freemail.hu freenet.de gazeta.pl gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net
hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com icloud.com ig.com.br
inbox.lv inbox.ru interia.com interia.eu interia.pl juno.com kpnmail.nl laposte.net libero.it list.ru live.co.uk
live.com live.de live.fr live.it live.nl mac.com mail.com mail.ee mail.ru mailbox.org me.com msn.com naver.com
net.hr netscape.net ntlworld.com o2.pl onet.eu onet.pl op.pl orange.fr outlook.com outlook.de outlook.es outlook.fr
outlook.it pm.me poczta.fm poczta.onet.pl post.cz posteo.de posteo.net prokonto.pl proton.me protonmail.ch
protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com rogers.com sapo.pt sbcglobal.net seznam.cz sfr.fr
shaw.ca sina.com skynet.be sky.com sohu.com spoko.pl t-online.de telenet.be terra.com.br tlen.pl tiscali.it tuta.com
tuta.io tutanota.com tutanota.de ukr.net uol.com.br verizon.net virgilio.it virginmedia.com vp.pl walla.co.il wanadoo.fr
web.de windstream.net wp.pl ya.ru yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.de
yahoo.es yahoo.fr yahoo.it yahoo.pl yandex.com yandex.ru yeah.net ymail.com zoho.com zohomail.com
"""
FREEMAIL = frozenset(_FREEMAIL.split())


def clean_domain(text: str) -> str:
    """*text* as the domain of e-mail addresses, as it stands in the table; '' for what is none."""
    value = text.strip().rstrip(".").removeprefix("@").lower()
    try:
        value = value.encode("idna").decode() if not value.isascii() else value
    except UnicodeError:
        return ""
    return value if _DOMAIN.fullmatch(value) else ""


def domain_of(email: str) -> str:
    """The domain of an address, as it stands in the table; '' for what is no address."""
    return clean_domain(email.rpartition("@")[2]) if "@" in email else ""

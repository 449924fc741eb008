"""Handing a finished mail to the SMTP server named by SMTP_URL. What to say, and to whom, is decided elsewhere."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit


class MailNotSent(Exception):
    """The server could not be reached or refused for now; the mail stays owed."""


def send(smtp_url: str, message: EmailMessage, *, timeout: float = 15) -> None:
    """Send *message* through `smtp://[user:password@]host[:port]` (STARTTLS where offered) or `smtps://…`.

    Raises MailNotSent with the server's words; never more than *timeout* seconds a step.
    """
    url = urlsplit(smtp_url)
    host = url.hostname or "127.0.0.1"
    try:
        client: smtplib.SMTP
        if url.scheme == "smtps":
            client = smtplib.SMTP_SSL(host, url.port or 465, timeout=timeout, context=ssl.create_default_context())
        else:
            client = smtplib.SMTP(host, url.port or 25, timeout=timeout)
        with client:
            if url.scheme != "smtps":
                client.ehlo()
                if client.has_extn("starttls"):
                    client.starttls(context=ssl.create_default_context())
            if url.username:
                client.login(unquote(url.username), unquote(url.password or ""))
            client.send_message(message)
    except (OSError, smtplib.SMTPException) as problem:
        raise MailNotSent(str(problem)) from problem

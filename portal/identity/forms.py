"""The forms of sign-in and of the person's own data. Passwords are never shown again."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField

from portal.web.forms import Form, at_least, choice_field, flag_field, is_email, line_field, required

EMAIL_LIMIT = 320
THEMES = (("auto", _l("Same as device")), ("light", _l("Light")), ("dark", _l("Dark")))
DENSITIES = (("comfortable", _l("Comfortable")), ("compact", _l("Compact")))


def secret(label: Any, need: Any) -> PasswordField:
    """A password as typed: never cleaned, never echoed; the action says whether it will do."""
    return PasswordField(label, validators=[required(need)])


class SignInForm(Form):
    """Address and password on one page; without a password the second page asks for it."""

    email = line_field(_l("Email"), need=_l("Write your email address"), limit=EMAIL_LIMIT, checks=[is_email])
    password = PasswordField(_l("Password"))
    next = HiddenField()


class PasswordForm(SignInForm):
    """The second page, for the password, after the address."""

    password = secret(_l("Password"), _l("Write your password"))


class ForgotForm(Form):
    email = line_field(_l("Email"), need=_l("Write your email address"), limit=EMAIL_LIMIT, checks=[is_email])


class LinkForm(ForgotForm):
    """Ask for a link that signs in."""

    next = HiddenField()


class SignUpForm(ForgotForm):
    name = line_field(_l("Full name"), need=_l("Write your name"))


class NewPasswordForm(Form):
    password = secret(_l("New password"), _l("Choose a password"))


class InvitationForm(Form):
    name = line_field(_l("Full name"), need=_l("Write your name"))
    password = secret(_l("Password"), _l("Choose a password"))


class CodeForm(Form):
    """The code of an authenticator app, or a recovery code. It is never shown again."""

    code = line_field(_l("Code"), need=_l("Type the code"), limit=40)
    next = HiddenField()


class PasskeyForm(Form):
    """A new passkey: its name, and what the browser made (filled in by the script)."""

    name = line_field(_l("Name of the passkey"), need=_l("Write a name, for example Work laptop"), limit=100)
    credential = HiddenField()


class PasskeyNameForm(Form):
    """Another name for a passkey."""

    name = line_field(_l("Name of the passkey"), need=_l("Write a name, for example Work laptop"), limit=100)


class PasskeySignInForm(Form):
    """A passkey that signs in: what the browser says of it (filled in by the script)."""

    credential = HiddenField()
    next = HiddenField()


class FactorForm(CodeForm):
    """The code at sign-in; *later* is the button that puts off setting up a second factor."""

    later = HiddenField()
    trust = flag_field(_l("Trust this device for 30 days"))
    # The name of a passkey that is set up here.
    name = line_field(_l("Name of the passkey"), limit=100)
    # What the browser says of a passkey, in place of a code.
    credential = HiddenField()


class ProofForm(Form):
    """A new proof before a sensitive change: the password, or with a second factor its code or a passkey."""

    password = PasswordField(_l("Password"))
    code = line_field(_l("Code"), limit=40)
    credential = HiddenField()
    next = HiddenField()


class ProfileForm(Form):
    name = line_field(_l("Full name"), need=_l("Write your name"))
    phone = line_field(
        _l("Phone"),
        limit=50,
        checks=[at_least(5, _l("Write the phone number with at least 5 digits"))],
    )


class ChangePasswordForm(Form):
    current = secret(_l("Current password"), _l("Write your current password"))
    password = secret(_l("New password"), _l("Choose a new password"))


class PreferencesForm(Form):
    """Choices of language and zone are set at run time; density and shortcuts only mean something to staff."""

    locale = choice_field(_l("Language"))
    zone = choice_field(_l("Time zone"))
    theme = choice_field(_l("Appearance"), choices=THEMES)


class StaffPreferencesForm(PreferencesForm):
    density = choice_field(_l("Density of the desk"), choices=DENSITIES)
    # The desk's own list of shortcuts has the id "shortcuts".
    shortcuts = flag_field(_l("Single-key shortcuts in the desk"), id="use-shortcuts")
    delays_replies = flag_field(_l("Ten seconds to undo a reply"))

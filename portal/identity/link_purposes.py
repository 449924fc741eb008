"""What a mailed link is for: the purpose under which its token is stored."""

INVITATION = "invitation"
RESET = "password_reset"
SIGN_IN = "sign_in"
EMAIL_CHANGE = "email_change"

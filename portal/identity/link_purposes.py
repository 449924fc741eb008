"""What a link or a step is for: the purpose under which its token is stored."""

INVITATION = "invitation"
RESET = "password_reset"
SIGN_IN = "sign_in"
# Asked for in place of a password; the browser that asked may also type its code.
SIGN_IN_CODE = "sign_in_code"
EMAIL_CHANGE = "email_change"
# Not mailed: held by the browser of somebody whose second factor is asked for (`factor_steps`).
FACTOR_STEP = "factor_step"

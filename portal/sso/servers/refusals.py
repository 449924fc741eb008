"""Why a sign-in at an identity provider led to nothing, as a short code (`sso.labels` has the sentences)."""


class SignInRefused(Exception):
    """The answer of an identity provider was not accepted, or nobody here is meant by it."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(code)
        self.code, self.words = code, words

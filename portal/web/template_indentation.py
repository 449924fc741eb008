"""Templates are indented for their readers; pages are drawn without the indentation."""

import re
from collections.abc import Iterable

from flask import Flask
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_LINES = re.compile(r"[ \t]*\n\s*")
_SPACES = re.compile(r"[ \t]{2,}")


class WithoutIndentation(Extension):
    """Of white space between the lines of an HTML template one line break is left, of other runs one space.

    It works when a template is compiled, so drawing a page costs nothing more. What a page fills in keeps its white
    space. Plain text (mails) stays as written. Templates write no text of several lines into `<pre>` or `<textarea>`
    (tests/architecture/test_templates.py).
    """

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        if not (stream.name or "").endswith(".html"):
            return stream
        return (self._lean(token) if token.type == "data" else token for token in stream)

    def _lean(self, token: Token) -> Token:
        return Token(token.lineno, token.type, _SPACES.sub(" ", _LINES.sub("\n", token.value)))


def register_template_indentation(app: Flask) -> None:
    """Let every template be compiled without its indentation."""
    app.jinja_env.add_extension(WithoutIndentation)

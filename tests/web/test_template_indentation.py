"""Templates are indented for their readers; pages do not carry it."""

from jinja2 import DictLoader, Environment

from portal.web.template_indentation import WithoutIndentation

SOURCE = "<ul>\n  {% for x in xs %}\n    <li>\n\n      {{ x }}  and   more\n    </li>\n  {% endfor %}\n</ul>"


def drawn(name, **values):
    sources = DictLoader({name: SOURCE})
    environment = Environment(
        loader=sources, extensions=[WithoutIndentation], trim_blocks=True, lstrip_blocks=True, autoescape=True
    )
    return environment.get_template(name).render(**values)


def test_lines_stay_and_their_indentation_goes():
    assert drawn("list.html", xs=["a"]) == "<ul>\n <li>\na and more\n</li>\n</ul>"


def test_what_is_filled_in_keeps_its_spaces():
    assert "a\n     b" in drawn("list.html", xs=["a\n     b"])


def test_plain_text_stays_as_written():
    assert drawn("list.txt", xs=["a"]) == "<ul>\n    <li>\n\n      a  and   more\n    </li>\n</ul>"


def test_the_application_draws_without_indentation(app):
    source = app.jinja_env.get_template("errors/404.html")
    assert source.environment.extensions[WithoutIndentation.identifier]

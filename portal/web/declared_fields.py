"""The names of the fields that the product's forms declare, by their kind. What becomes of a form that failed before it
was made (a stranger's, one of an object that is gone) is decided by them."""

from collections.abc import Iterator

from wtforms import Field, HiddenField, PasswordField, StringField

from portal.web.forms import Form


def password_field_names() -> set[str]:
    """The names of the password fields of all forms there are, `current` of the change of a password among them.

    It is computed at each call, because forms are also made at run time; it is called once for a failed form.
    """
    return {name for name, kind in _declared_fields() if issubclass(kind, PasswordField)}


def text_field_names() -> set[str]:
    """The names of the fields of all forms there are that a person writes into, passwords left out."""
    unwritten = (HiddenField, PasswordField)
    return {
        name for name, kind in _declared_fields() if issubclass(kind, StringField) and not issubclass(kind, unwritten)
    }


def other_field_names() -> set[str]:
    """The names of the fields of all forms there are whose value a person chooses, ticks or never sees."""
    return {
        name for name, kind in _declared_fields() if issubclass(kind, HiddenField) or not issubclass(kind, StringField)
    }


def _declared_fields() -> Iterator[tuple[str, type[Field]]]:
    # What each class declares itself: hundreds of forms inherit the same methods.
    for declaring in {base for form in _descendants(Form) for base in form.__mro__}:
        for name, value in vars(declaring).items():
            kind = getattr(value, "field_class", None)
            if isinstance(kind, type):
                yield name, kind


def _descendants(form: type[Form]) -> Iterator[type[Form]]:
    yield form
    for child in form.__subclasses__():
        yield from _descendants(child)

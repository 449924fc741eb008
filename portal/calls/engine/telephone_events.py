"""What a telephone system says of a call: the schema of its messages, checked by pydantic. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from portal.kernel.text import clean_line

# Longer messages are refused before they are read.
LONGEST_MESSAGE = 20_000
LONGEST_ID, LONGEST_NUMBER, LONGEST_CALL = 100, 50, 86_400
Line = Annotated[str, BeforeValidator(lambda value: clean_line(value) if isinstance(value, str) else value)]


class TelephoneEvent(BaseModel):
    """One message. `call` is what the telephone system calls the call; `caller` is '' for a withheld number; `seconds`
    is the length of the conversation, once it ended. Other fields may be sent and are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)
    call: Line = Field(min_length=1, max_length=LONGEST_ID)
    event: Literal["ringing", "answered", "ended"]
    caller: Line = Field(default="", max_length=LONGEST_NUMBER)
    called: Line = Field(default="", max_length=LONGEST_NUMBER)
    seconds: int | None = Field(default=None, ge=0, le=LONGEST_CALL)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field, in English: telephone systems read it, and who sets them up."""

    field: str
    problem: str


def read_message(fields: Any) -> TelephoneEvent | list[FieldProblem]:
    """The message with these *fields* (of JSON or of a form), or all that is wrong with it."""
    if not isinstance(fields, Mapping):
        return [FieldProblem("", "The message must be one JSON object")]
    # A form sends an empty text for a number that it does not know.
    known = {name: value for name, value in fields.items() if not (name == "seconds" and value == "")}
    try:
        return TelephoneEvent.model_validate(known)
    except ValidationError as problem:
        return [
            FieldProblem(".".join(str(part) for part in error["loc"]), error["msg"])
            for error in problem.errors(include_url=False, include_input=False, include_context=False)
        ]

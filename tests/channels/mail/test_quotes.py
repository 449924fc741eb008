"""Quoted text: no quoted line is shown as the person's words, and no word of theirs is lost."""

import pytest

from portal.channels.mail.engine.parsing import parse_message
from portal.channels.mail.engine.quotes import fold_quotes, own_lines_of
from tests.channels.mail.quoted_forms import quoted_forms
from tests.channels.mail.quoted_mails import ADDRESS, QUOTED, header_block, quoted_mails

MAILS = list(quoted_mails())
# In each language 6 plain forms of Outlook, 9 of each other program, and 9 in HTML.
FORMS = list(quoted_forms())


def test_the_corpus_is_whole():
    assert len(MAILS) == 6 * 4 * 2 * 3 == len({mail.name for mail in MAILS})
    assert len(FORMS) == 6 * (6 + 3 * 9 + 9) == len({mail.name for mail in FORMS})


def test_quoted_lines_are_folded_and_own_words_stay():
    """One test over the whole corpus: what is wrong is named."""
    leaks, losses = [], []
    for mail in (*MAILS, *FORMS):
        found = parse_message(mail.message())
        leaks += [f"{mail.name}: {line}" for line in (*mail.quoted, ADDRESS) if line in found.reply]
        losses += [f"{mail.name}: {line}" for line in mail.own if line not in found.reply]
        losses += [f"{mail.name}, from both: {line}" for line in QUOTED if line not in found.folded]
    print(f"{len(MAILS) + len(FORMS)} mails, {len(leaks)} quoted lines shown, {len(losses)} lines lost")
    assert not leaks + losses


def test_every_line_is_in_one_of_both_halves():
    for mail in (*MAILS, *FORMS):
        found = parse_message(mail.message())
        before = sorted(line.strip() for line in found.body.split("\n") if line.strip())
        after = sorted(
            line.strip() for half in (found.reply, found.folded) for line in half.split("\n") if line.strip()
        )
        assert before == after, mail.name


@pytest.mark.parametrize(
    "text",
    [
        "On 3 November we saw this for the first time.\nIt happens every day: at noon.",
        "From: the warehouse\nwe print labels. To: the office nothing goes.",
        "Steps:\n1. open\n2. print\n\nResult: blank page",
        "Jan wrote: it is broken.\nPlease look.",
        "The log says\n--\n" + "\n".join(f"line {number}" for number in range(40)),
    ],
)
def test_words_that_look_like_an_introduction_stay(text):
    assert fold_quotes(text).reply == text


def test_a_mail_that_answers_nothing_keeps_its_lines_with_a_mark():
    text = "I typed this:\n> SELECT 1\n> GO"
    assert fold_quotes(text, answers=False).reply == text
    assert fold_quotes(text, answers=True).reply == "I typed this:"


def test_a_signature_is_folded():
    found = fold_quotes("It works again.\n\n-- \nRita\nAcme")
    assert (found.reply, found.folded, found.quoted) == (
        "It works again.",
        "-- \nRita\nAcme".replace("-- ", "--"),
        False,
    )


def test_our_own_marker_ends_what_the_person_wrote():
    text = "Noch da.\n\n--- bitte oberhalb dieser Zeile schreiben ---\nAna antwortete: ja"
    assert fold_quotes(text).reply == "Noch da."


def test_a_forward_says_that_it_is_one():
    text = "See below.\n\n---------- Forwarded message ---------\n" + "\n".join([*header_block("en"), "", "Old words"])
    found = fold_quotes(text)
    assert found.forwarded
    assert (found.reply, "Old words" in found.folded) == ("See below.", True)


def test_what_we_sent_marks_an_original_without_marks():
    """Outlook marks nothing: between our own lines stand the person's."""
    text = "\n".join([*header_block("en"), "", QUOTED[0], "No, not yet.", QUOTED[1], "Blank pages.", QUOTED[2], "Rita"])
    found = fold_quotes(text, own_lines=own_lines_of("\n".join(QUOTED)))
    assert found.reply == "No, not yet.\nBlank pages.\nRita"


def test_an_introduction_in_a_language_of_the_library_is_found():
    text = f"Werkt niet.\n\nOp 3 nov. 2026 om 14:05 schreef Ana <{ADDRESS}>:\n\n> Vraag"
    assert fold_quotes(text).reply == "Werkt niet."

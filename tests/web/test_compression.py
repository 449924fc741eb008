"""Answers travel compressed, and no length tells the form token."""

import gzip
import re

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.models import Case
from portal.web.csrf import mask_token, unmask_token

TOKEN = re.compile(r'name="csrf_token"[^>]*?value="([^"]+)"')


@pytest.mark.parametrize(
    ("accepts", "named", "read"), [("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)]
)
@pytest.mark.parametrize("path", ["/cases", "/static/css/1-base.css", "/static/icons.svg", "/static/js/app.js"])
def test_text_is_compressed(as_user, path, accepts, named, read):
    rita = as_user("rita")
    plain, answer = rita.get(path), rita.get(path, checked=False, headers={"Accept-Encoding": accepts})
    assert answer.headers["Content-Encoding"] == named and "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.data) < len(plain.data) / 2
    assert len(read(answer.data)) == pytest.approx(len(plain.data), abs=50)
    assert answer.headers["Cache-Control"] == plain.headers["Cache-Control"]


def test_a_static_file_that_is_known_is_not_sent_again(client):
    headers = {"Accept-Encoding": "br"}
    first = client().get("/static/css/1-base.css", headers=headers, checked=False)
    again = client().get("/static/css/1-base.css", headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    plain = client().get("/static/css/1-base.css", headers={"If-None-Match": first.headers["ETag"]})
    assert plain.status_code == 200 and "Content-Encoding" not in plain.headers


def test_who_takes_no_compressed_answer_gets_a_plain_one(as_user):
    answer = as_user("rita").get("/cases", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers and "<h1" in answer.text


def test_a_persons_file_and_a_part_of_one_travel_as_they_are(world, as_user):
    staged = world.stage(content=b"ERROR 0x80070005\n" * 200)
    case = world.open_case("rita", staged=[staged.id])
    address = f"/cases/{case.key}/attachments/{staged.id}/log.txt"
    for headers in ({}, {"Range": "bytes=0-99"}):
        answer = as_user("rita").get(address, headers={"Accept-Encoding": "br", **headers})
        assert answer.status_code in (200, 206) and "Content-Encoding" not in answer.headers
        assert answer.data.startswith(b"ERROR 0x80070005")


def test_the_form_token_is_masked_anew_in_every_answer(as_user):
    rita = as_user("rita")
    seen = [set(TOKEN.findall(rita.get("/new/question").text)) for _time in range(3)]
    assert all(len(tokens) == 1 for tokens in seen), "one mask an answer"
    masked = [tokens.pop() for tokens in seen]
    assert len(set(masked)) == 3
    # No piece of the token stands in two answers, so no guess makes either of them shorter.
    pieces = [{token[i : i + 8] for i in range(1, len(token) - 8)} for token in masked]
    assert not pieces[0] & pieces[1] and not pieces[1] & pieces[2]


def test_a_mask_of_somebody_else_or_none_at_all_is_no_token(as_user, world):
    rita, before = as_user("rita"), len(world.rows(Case))
    for token in ("~", "~not base64!", "~AAAA", mask_token("abc"), "~" + "A" * 20_000, "\x00", "~żółć"):
        answer = rita.post("/new/question", data={"csrf_token": token, "subject": "x", "description": "y"}, csrf=False)
        assert answer.status_code in (422, 400), token
    assert len(world.rows(Case)) == before


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=200))
def test_a_mask_comes_off_again(token):
    assert unmask_token(mask_token(token)) == token


@given(st.text(max_size=300))
def test_whatever_comes_as_a_token_is_read_without_an_error(text):
    assert isinstance(unmask_token("~" + text), str)


def test_a_style_sheet_travels_without_its_comments_and_with_every_rule(client):
    path = "/static/css/3-screens.css"
    plain = client().get(path).text
    sent = brotli.decompress(client().get(path, checked=False, headers={"Accept-Encoding": "br"}).data).decode()
    assert "/*" in plain and "/*" not in sent
    assert re.sub(r"\s", "", re.sub(r"/\*.*?\*/", "", plain, flags=re.DOTALL)) == re.sub(r"\s", "", sent)

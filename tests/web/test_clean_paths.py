"""A trailing slash leads to the clean path of this very host, whatever stands in the path."""

import pytest


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("/cases/", "/cases"),
        ("/cases/?view=open", "/cases?view=open"),
        ("/%2F%2Fevil.example/", "/evil.example"),
        ("/%5Cevil.example/", "/%5Cevil.example"),
        ("/%0d%0aX:1/", "/%0D%0AX%3A1"),
        ("/a%3Fb/", "/a%3Fb"),
        ("/zgłoszenia/", "/zg%C5%82oszenia"),
    ],
)
def test_a_trailing_slash_leads_to_the_clean_path(client, path, clean):
    answer = client().get(path)
    assert answer.status_code == 308 and answer.headers["Location"] == clean

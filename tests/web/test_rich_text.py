"""What people paste stays as they wrote it (found.md K2): the right value of every example."""

import pytest

from portal.web.rich_text import rich_text
from tests.web.reading import Reader, visible

AS_WRITTEN = [
    "[INFO]: started",
    "[ERROR]: /var/log/app.log 'worker died'\n[INFO]: restarted",
    r"\\server\share",
    r"C:\x\_y\*.z",
    r"C:\Users\_svc\*.log and C:\temp\**\bin",
    "__main__",
    "if __name__ == '__main__':",
    "snake_case_name and _private_",
    "3. third",
    "3. third\n4. fourth\n9. ninth",
    "007. James",
    "2) second",
    "- old\n+ new\n* other",
    "# comment",
    "### three",
    "Title\n-----",
    "Title\n=====\ntext",
    "---",
    "***",
    "* * *",
    "&lt; &amp; &#65; &copy;",
    "<b>bold</b> <script>alert(1)</script> <!-- x -->",
    "NAME    READY   STATUS\nweb-1   1/1     Running\ndb-22   0/1     CrashLoop",
    "one\ttwo\nthree\tfour",
    "a      b",
    "    indented\n        more",
    "setup.sh notes.md readme.txt example.com server.local",
    "2**3**4 and f(**kw, **more) and src/**/*.py",
    "**/foo/**",
    "*/5 * * * * /usr/bin/job",
    "select *, count(*) from t",
    "rm *.txt foo*",
    "it`s not what`s meant",
    "~~gone~~ ~x~",
    "![picture](x.png)",
    "[link](relative/path) [x](javascript:alert(1))",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    ">50 users and\n>= 3",
    ">",
    ">>> import os\n>>> os.name",
    "<div\n  class='x'\n>",
    "```",
    "```\nan open fence\nstays",
    "~~~~~\nunderlined\n~~~~~",
    "```\n\n```",
    "line\\\nnext",
    "a  \nb",
    "one\n\n\n\ntwo",
    "-- \nAna Silva",
    "ssh root@10.0.0.1 and git@github.com:team/x.git",
    "x" * 5_000,
]  # fmt: skip


@pytest.mark.parametrize("body", AS_WRITTEN, ids=range(len(AS_WRITTEN)))
def test_is_shown_as_written(body):
    shown = visible(rich_text(body))
    assert [line.rstrip() for line in shown.split("\n") if line.strip()] == [
        line.rstrip() for line in body.split("\n") if line.strip()
    ]


def test_bold_code_and_links_are_drawn():
    html = rich_text("**bold** `code` ``a`b`` [words](https://x.example/a) **see `x`**")
    assert html == (
        "<p><strong>bold</strong> <code>code</code> <code>a`b</code> "
        '<a href="https://x.example/a" rel="noreferrer nofollow">words</a> <strong>see <code>x</code></strong></p>'
    )


@pytest.mark.parametrize(
    ("body", "links"),
    [
        ("see https://x.example/a_(b).", [("https://x.example/a_(b)", "https://x.example/a_(b)")]),
        ("(https://x.example/a?b=1&c=2)", [("https://x.example/a?b=1&c=2", "https://x.example/a?b=1&c=2")]),
        ("<https://x.example>", [("https://x.example", "https://x.example")]),
        ("**https://x.example**", [("https://x.example", "https://x.example")]),
        ("HTTP://LOCALHOST:8080/x", [("HTTP://LOCALHOST:8080/x", "HTTP://LOCALHOST:8080/x")]),
        ("www.example.com/x, and", [("http://www.example.com/x", "www.example.com/x")]),
        ("write to ana@example.com.", [("mailto:ana@example.com", "ana@example.com")]),
        ("http://a.example,http://b.example", [("http://a.example,http://b.example",) * 2]),
        ("[call](tel:+351123) [mail](mailto:a@b.example)", [("tel:+351123", "call"), ("mailto:a@b.example", "mail")]),
        ("[x](http://a.example/(b)c)", [("http://a.example/(b)c", "x")]),
        # A label that spells another address would deceive: the text stays, each address leads where it says.
        (
            "[https://bank.example](https://evil.example)",
            [("https://bank.example",) * 2, ("https://evil.example",) * 2],
        ),
        ("javascript:alert(1) data:text/html,x file:///etc/passwd ftp://x.example xhttp://y.example", []),
        ("setup.sh notes.md example.com a@b 1.2.3.4 root@10.0.0.1 @ana", []),
    ],
)
def test_links(body, links):
    assert Reader(rich_text(body)).links == links


def test_lists_keep_their_own_markers_and_depth():
    html = rich_text("3. three\n5. five\n   - inner\n     goes on\n   - last\n6) six")
    assert html == (
        "<ol><li><span>3. </span>three</li><li><span>5. </span>five"
        "<ul><li><span>- </span>inner<br>goes on</li><li><span>- </span>last</li></ul></li>"
        "<li><span>6) </span>six</li></ol>"
    )


def test_quotes_nest_and_hold_other_blocks():
    html = rich_text("> one\n> > two\n> - three\nfour")
    assert html == (
        "<blockquote><p>one</p><blockquote><p>two</p></blockquote>"
        "<ul><li><span>- </span>three</li></ul></blockquote><p>four</p>"
    )


def test_a_fence_shows_its_code_and_its_word():
    html = rich_text("run:\n  ```sh -x\n  a  **b** `c` <d>\n\n    e\n  ```\ndone")
    assert (
        html == "<p>run:</p><p><small>sh -x</small></p><pre><code>a  **b** `c` &lt;d&gt;\n\n  e</code></pre><p>done</p>"
    )


def test_a_longer_fence_holds_a_shorter_one():
    assert visible(rich_text("````\n```\nx\n```\n````")) == "```\nx\n```"


@pytest.mark.parametrize(
    "body",
    [
        "NAME    READY\nweb-1   1/1\ndb 22   0/1\n-----------",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "a  1\nb  2",
        "one\ttwo\nthree\tfour",
        "def f(x):\n    if x:\n        return 1\n    return 2",
        "├── a\n└── b",
    ],
)
def test_what_is_aligned_has_letters_of_equal_width(body):
    assert Reader(rich_text(body)).count("pre") == 1
    assert visible(rich_text(body)) == body


def test_only_the_aligned_lines_of_a_message_are_preformatted():
    html = rich_text("Hi,\nthis is what I see:\nNAME     READY   STATUS\nweb-1    1/1     Running\n**Thanks**")
    assert html == (
        "<p>Hi,<br>this is what I see:</p><pre>NAME     READY   STATUS\nweb-1    1/1     Running</pre>"
        "<p><strong>Thanks</strong></p>"
    )


@pytest.mark.parametrize(
    "body",
    [
        "First.  Second.\nThird.  Fourth.",
        "one  typo here\nand another  one",
        "- a\n- b",
        "1.   a\n2.   b",
        "| alone | x",
    ],
)
def test_prose_is_not_preformatted(body):
    assert Reader(rich_text(body)).count("pre") == 0


def test_what_scrolls_can_be_focused():
    assert '<pre tabindex="0">' in rich_text("```\n" + "x" * 200 + "\n```")
    assert '<pre tabindex="0">' in rich_text("a      b      c" + "d" * 80 + "\na      b      c")
    assert "tabindex" not in rich_text("```\nshort\n```")


def test_line_ends_of_every_system_are_line_ends():
    assert visible(rich_text("a\r\nb\rc\nd")) == "a\nb\nc\nd"


def test_blank_lines_are_kept():
    assert rich_text("\n\na\n\n\n\nb\n\n") == "<p>a</p><p><br><br></p><p>b</p>"

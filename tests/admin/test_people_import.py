"""People and their companies from a file: preview, import, repair; and the same by the command line."""

import csv
import io

import pytest
from flask_babel import force_locale

from portal.admin.forms.import_file import COLUMNS, column_name, find_column, read_file
from portal.admin.forms.people_import import split_line
from portal.identity.models import Address, User
from portal.kernel.errors import Refused
from portal.kernel.events import Event
from portal.kernel.spreadsheets import escape_formula, unescape_formula
from portal.tenants.models import Account, Contact, ContactAccess, Environment, ImportDraft, Organization
from portal.web.language import LANGUAGES

HEAD = "Organization,Account key,Environment,Name,Email,Role"
FILE = f"""{HEAD}
Initech,INI,Plant 1,Bill Lumbergh,bill@initech.example,organization admin
Initech,INI,Plant 1,Peter Gibbons,peter@initech.example,member
initech,,,Milton Waddams,milton@initech.example,
Acme,ACME,,Rita Renamed,rita@acme.example,
Acme,ACME,,Nobody,not-an-address,
Acme,NEWKEY,,,,
"""


def upload(browser, content, name="people.csv"):
    data = content.encode() if isinstance(content, str) else content
    return browser.post("/admin/import", data={"file": (io.BytesIO(data), name)})


def preview(browser, content):
    answer = upload(browser, content)
    assert answer.status_code == 303, answer.page.text
    return answer.headers["Location"]


def press(browser, path, **fields):
    return browser.submit(browser.get(path).page.form(path), **fields)


def test_a_file_is_previewed_imported_and_makes_nothing_twice(world, as_user):
    ada = as_user("ada")
    path = preview(ada, FILE)
    page = ada.get(path).page
    assert "Import 5 rows" in page.text and "1 row cannot be imported" in page.text
    assert "“not-an-address” is not a full email address" in page.text
    assert not world.rows(Organization, Organization.name == "Initech"), "a preview writes nothing"
    assert press(ada, path).status_code == 303
    done = ada.get(path).page
    assert "What became of each row" in done.text and "1 row was refused" in done.text
    initech = world.rows(Organization, Organization.name == "Initech")
    assert len(initech) == 1
    assert [row.key for row in world.rows(Account, Account.organization_id == initech[0].id)] == ["INI"]
    assert len(world.rows(Environment, Environment.organization_id == initech[0].id)) == 1
    people = world.rows(Contact, Contact.organization_id == initech[0].id)
    assert len(people) == 3
    roles = world.rows(ContactAccess, ContactAccess.organization_id == initech[0].id)
    assert sorted(row.role for row in roles) == ["member", "organization_admin", "requester"]
    assert len(world.rows(Event, Event.name == "person.invited")) == 3
    assert world.row(User, world.rita).name == "Rita Renamed"
    again = ada.get(preview(ada, FILE)).page.text
    assert "There is nothing to import" in again and "Unchanged" in again
    assert ada.post(path, data={}).status_code == 409, "a draft is imported once"


def test_refused_rows_are_repaired_and_sent_again(world, as_user):
    ada = as_user("ada")
    path = preview(ada, HEAD + "\nAcme,ACME,,=cmd|x,bad,\nAcme,ACME,,Good One,good@acme.example,\n")
    file = ada.get(f"{path}/refused.csv")
    assert file.mimetype == "text/csv" and file.headers["Cache-Control"] == "no-store"
    text = file.get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0][-1] == "Why it was refused" and "not a full email" in rows[1][-1]
    assert rows[1][3] == "'=cmd|x", "a spreadsheet must not run what somebody typed"
    repaired = text.replace(",bad,", ",better@acme.example,")
    path = preview(ada, repaired)
    page = ada.get(path).page.text
    assert "Import 1 row" in page and "Columns that are not used" not in page
    assert press(ada, path).status_code == 303
    assert [row.name for row in world.rows(User, User.name == "=cmd|x")] == ["=cmd|x"]


def test_a_draft_of_which_nothing_can_be_imported_is_kept(world, as_user):
    ada = as_user("ada")
    path = preview(ada, HEAD + "\nAcme,ACME,,Somebody,bad,\n")
    answer = ada.post(path, data={})
    assert answer.status_code == 422 and "There is nothing to import" in answer.page.text
    assert [row.imported_at for row in world.rows(ImportDraft)] == [None]
    assert "What would become of each row" in ada.get(path).page.text


def test_a_preview_says_whether_a_person_is_known(world, as_user):
    people = "Acme,ACME,,Ana,ana@northwind.example,\nAcme,ACME,,Gil,gil@globex.example,\nAcme,ACME,,Ni,ni@acme.example,"
    text = as_user("ada").get(preview(as_user("ada"), f"{HEAD}\n{people}\n")).page.text
    assert "member of your staff, now also a person of this organization" in text
    assert "known person, new in this organization" in text and text.count("new person") == 1


def test_invitations_can_wait(world, as_user):
    ada = as_user("ada")
    path = preview(ada, HEAD + "\nAcme,ACME,,Late One,late@acme.example,\n")
    form = ada.get(path).page.form(path)
    assert ada.post(path, data={"version": form["version"]}).status_code == 303
    late = world.rows(User, User.addresses.any(Address.email == "late@acme.example"))[0]
    assert late.invited_at is None
    assert "Send 1 invitation" in ada.get(path).page.text
    assert ada.post(f"{path}/invite").status_code == 303
    assert world.row(User, late).invited_at is not None
    assert "Send 1 invitation" not in ada.get(path).page.text


def test_what_changed_since_the_preview_is_shown_again_and_nothing_is_done(world, as_user):
    ada, pat = as_user("ada"), as_user("pat")
    content = HEAD + "\nUmbra,UMB,,Uma,uma@umbra.example,\n"
    path = preview(ada, content)
    form = ada.get(path).page.form(path)
    pat.post("/admin/accounts/new", data={"organization_name": "Other", "key": "UMB", "environment_kind": "production"})
    answer = ada.submit(form)
    assert answer.status_code == 409 and "Since this list was made" in answer.page.text
    assert "UMB is an account of another organization" in answer.page.text
    assert not world.rows(Organization, Organization.name == "Umbra")


def test_an_import_is_its_uploaders_and_administrators_only(world, as_user):
    path = preview(as_user("ada"), FILE)
    assert as_user("pat").get(path).status_code == 404
    assert as_user("pat").get(f"{path}/refused.csv").status_code == 404
    assert as_user("pat").post(path, data={}).status_code == 404
    for who in ("lee", "aud", "ana"):
        assert upload(as_user(who), FILE).status_code == 403
    assert as_user("olga").get("/admin/import").status_code == 403
    assert len(world.rows(ImportDraft)) == 1


def test_who_sees_no_cases_imports_no_access_for_themself(world, as_user):
    pat = as_user("pat")
    page = pat.get(preview(pat, HEAD + f"\nAcme,ACME,,Pat,{world.pat.email},member\n")).page.text
    assert "This would let you see cases" in page and "There is nothing to import" in page


@pytest.mark.parametrize(
    ("row", "sentence"),
    (
        ("Acme,ACME,,Una,una@acme.example,king", "“king” is no role. There are: Requester"),
        ("Acme,,,Una,una@acme.example,", "Write which account: ACME"),
        ("Fresh,,,Una,una@fresh.example,", "Write the key of its first account"),
        ("Acme,GLOBEX,,Una,una@acme.example,", "GLOBEX is an account of another organization"),
        ("Acme,1X,,Una,una@acme.example,", "A key is 2 to 10 letters and digits"),
        ("Acme,ACME,,,una@acme.example,", "Write the person&#39;s name"),
        ("Acme,ACME,,Una,,member", "Write the person&#39;s email"),
        (",,,Una,una@acme.example,", "Write the name of the organization"),
        ("<b>Acme</b>" * 20 + ",ACME,,Una,una@acme.example,", "at most 120 characters"),
    ),
)
def test_a_refused_row_says_why(world, as_user, row, sentence):
    ada = as_user("ada")
    answer = ada.get(preview(ada, f"{HEAD}\n{row}\n"))
    assert sentence.replace("&#39;", "'") in answer.page.text
    assert "There is nothing to import" in answer.page.text
    assert "<b>Acme" not in answer.get_data(as_text=True)


def test_somebody_who_left_is_not_brought_back_by_an_old_list(world, as_user):
    ada = as_user("ada")
    ada.post(f"/admin/organizations/acme/people/{world.mel.contact_id}/end")
    page = ada.get(preview(ada, f"{HEAD}\nAcme,ACME,,Mel,{world.mel.email},member\n")).page.text
    assert "no longer belongs here" in page


def test_rows_that_contradict_each_other_are_refused(world, as_user):
    ada = as_user("ada")
    rows = "Acme,ACME,,Una,una@acme.example,member\nAcme,ACME,,Una,una@acme.example,coordinator\n"
    page = ada.get(preview(ada, f"{HEAD}\n{rows}")).page.text
    assert "Line 2 says something else: member" in page and "Import 1 row" in page


def test_two_rows_give_one_person_two_places(world, as_user):
    ada = as_user("ada")
    rows = "Acme,ACME,,Una,una@acme.example,member\nAcme,ACMEPL,,Una,una@acme.example,coordinator\n"
    path = preview(ada, f"{HEAD}\n{rows}")
    assert press(ada, path).status_code == 303
    una = world.rows(User, User.name == "Una")[0]
    held = world.rows(ContactAccess, ContactAccess.user_id == una.id)
    assert sorted(row.role for row in held) == ["coordinator", "member"]


def test_several_people_are_pasted(world, as_user):
    ada, path = as_user("ada"), "/admin/organizations/acme/people/several"
    lines = "Una Novak <una@acme.example>\n\nbo.ek@acme.example\nnonsense\n"
    answer = ada.submit(ada.get(path).page.form(path), lines=lines, place=str(world.acme.id), role="member")
    assert answer.status_code == 303
    there = answer.headers["Location"]
    page = ada.get(there).page.text
    assert "Import 2 rows" in page and "“nonsense” is not a full email address" in page
    assert press(ada, there).status_code == 303
    assert world.rows(User, User.name == "Bo Ek")
    refused = ada.submit(ada.get(path).page.form(path), lines="", place=str(world.acme.id), role="member")
    assert refused.status_code == 422 and "Write at least one address" in refused.page.text


@pytest.mark.parametrize(
    ("line", "expected"),
    (
        ("Una Novak <una@a.example>", ("Una Novak", "una@a.example")),
        ('"Novak, Una" <una@a.example>', ("Novak, Una", "una@a.example")),
        ("una.novak@a.example;", ("Una Novak", "una.novak@a.example")),
        ("Una\tuna@a.example", ("Una", "una@a.example")),
        ("no address", ("", "no address")),
    ),
)
def test_a_pasted_line_is_a_name_and_an_address(line, expected):
    assert split_line(line) == expected


@pytest.mark.parametrize("separator", (",", ";", "\t"))
@pytest.mark.parametrize("encoding", ("utf-8", "utf-8-sig", "utf-16", "cp1250"))
def test_files_of_spreadsheets_are_read(app, separator, encoding):
    text = separator.join(("Firma", "E-mail", "Imię i nazwisko")) + "\r\n"
    text += separator.join(("Żółw", "z@zolw.example", "Łucja Ćwiąkała")) + "\r\n"
    with app.test_request_context():
        file = read_file(text.encode(encoding))
        cells = [cell for _number, cell in file.cells()]
    assert cells == [{"organization": "Żółw", "email": "z@zolw.example", "name": "Łucja Ćwiąkała"}]


def test_western_letters_are_told_from_central_ones(app):
    with app.test_request_context():
        file = read_file("Company,Name,Email\nMüller,José Peña,j@m.example\n".encode("cp1252"))
    assert file.encoding == "cp1252" and file.rows[0][1][1] == "José Peña"


@pytest.mark.parametrize(
    ("content", "sentence"),
    (
        (b"", "That file is empty"),
        (b"Organization,Email\n", "nothing below it"),
        (b"a,b\n1,2\n", "No column names the organization"),
        (b"Organization,Company\nA,B\n", "Two columns say the same"),
        (b"Organization,Name\n" + b"A,B\n" * 5_001, "more than 5000 rows"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        (b'Organization,Name\n"' + b"x" * 200_000 + b'",B\n', "cannot be read"),
        (bytes(range(256)), "No column names the organization"),
    ),
)
def test_what_is_no_such_file_is_refused(app, content, sentence):
    with app.test_request_context(), pytest.raises(Refused) as refusal:
        read_file(content)
    assert sentence in refusal.value.message


def test_the_template_can_be_sent_as_it_is(world, as_user):
    ada = as_user("ada")
    template = ada.get("/admin/import/template.csv").get_data()
    page = ada.get(preview(ada, template)).page.text
    assert "ACME is called" in page or "Import 1 row" in page


@pytest.mark.parametrize("cell", ("=1+1", "+48 22", "-x", "@x", "\tx", "plain", ""))
def test_a_formula_is_written_as_text_and_read_back(cell):
    assert not escape_formula(cell).startswith(("=", "+", "-", "@", "\t"))
    assert unescape_formula(escape_formula(cell)) == cell


def test_the_command_says_each_fate_and_ends_with_three(live, tmp_path):
    host = live.world.northwind.host
    path = tmp_path / "people.csv"
    path.write_text(FILE)

    def run(*words):
        return live.app.test_cli_runner().invoke(args=["import", "people", host, str(path), *words])

    def count():
        with live.inside() as world:
            return len(world.rows(Organization, Organization.name == "Initech"))

    dry = run("--dry-run")
    assert dry.exit_code == 3 and "7\trefused" not in dry.output, dry.output
    assert "6\trefused\t" in dry.output and "Nothing was written" in dry.output
    assert count() == 0
    done = run()
    assert done.exit_code == 3 and "2\tmade\tbill@initech.example" in done.output
    assert count() == 1
    again = run()
    assert "0 made, 0 changed, 5 unchanged, 1 refused" in again.output
    path.write_text("nothing,known\n1,2\n")
    assert run().exit_code == 1
    other = live.app.test_cli_runner().invoke(args=["import", "people", "no.such.example", str(path)])
    assert other.exit_code == 1 and "leads to no provider" in other.output


def test_the_headings_of_the_template_are_read_in_every_language(app):
    for language in LANGUAGES:
        with app.test_request_context(), force_locale(language):
            assert [find_column(column_name(column)) for column in COLUMNS] == list(COLUMNS)

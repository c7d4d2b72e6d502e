"""Submissions come in any shape: found, chosen and unpacked without harm; reports read back."""

import json
import os
import zipfile
from copy import deepcopy

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from spectra_tools.classroom.class_marks import count_outcomes, plot_class_marks
from spectra_tools.classroom.intake import (
    LARGEST,
    find_submissions,
    is_student,
    student_of,
    unpack,
    unwrap,
)
from spectra_tools.classroom.rebuild import count_cells, read_notebook, rebuild
from spectra_tools.classroom.report import describe_error, find_most_common
from spectra_tools.classroom.verdict import CANARIES, finish

JOSE = "Jos\N{LATIN SMALL LETTER E WITH ACUTE}"
JOSE_ON_MAC = "Jose\N{COMBINING ACUTE ACCENT}"


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("1", encoding="utf-8")


def find(folder, count=lambda path: 1):
    submissions, problems = find_submissions(folder, "ps1", count)
    paths = {x.student: x.path and x.path.relative_to(folder.resolve()).as_posix()
             for x in submissions}  # fmt: skip
    return paths, problems, {x.student: x.notes for x in submissions if x.notes}


@pytest.mark.parametrize(("stem", "student"), [
    ("ada", "ada"), ("ada_ps1", "ada"), ("ps1_ada", "ada"), ("PS1-ada", "ada"),
    ("ada ps1 (2)", "ada"), ("ada_lovelace_ps1", "ada_lovelace"), ("apps1", "apps1"),
    ("s123@example.org", "s123@example.org"),
])  # fmt: skip
def test_student_of_a_flat_file(stem, student):
    assert student_of(stem, "ps1") == student


@pytest.mark.parametrize("word", [
    "O'Brien", "O\N{RIGHT SINGLE QUOTATION MARK}Brien", "Doe, Jane", JOSE, JOSE_ON_MAC,
    "ada+lab@x.org", "\N{DEVANAGARI LETTER MA}\N{DEVANAGARI VOWEL SIGN II}",
    "R&D #4", "Consuela", "Auxane",
])  # fmt: skip
def test_names_that_every_system_takes_for_a_folder_are_ids(word):
    assert is_student(word)


@pytest.mark.parametrize("word", [
    "", ".", "..", "../ada", "a/b", "a\\b", "-rf", "C:", "a:b", "a*", "a?", 'a"b', "<a>", "a|b",
    "a[1]", "ada (2)", "ada.", "ada ", " ada", "a\nb", "a\x00", "a\N{RIGHT-TO-LEFT OVERRIDE}b",
    "a\udcff", "con", "NUL.txt", "com1", "Lpt9", "x" * 82, "aux .x", "com\N{SUPERSCRIPT TWO}",
    "conin$", "\N{CJK UNIFIED IDEOGRAPH-20BB7}" * 80,  # 320 bytes: no file system takes the name
])  # fmt: skip
def test_names_that_some_system_refuses_are_no_ids(word):
    assert not is_student(word)


def test_ids_with_commas_apostrophes_and_the_accents_of_macos_are_found(tmp_path):
    touch(tmp_path, f"{JOSE_ON_MAC}/ps1.ipynb", f"{JOSE_ON_MAC} Doe_ps1.ipynb", "O'Brien_ps1.ipynb",
          "Doe, Jane_42_assignsubmission_file/ps1.ipynb")  # fmt: skip
    submissions, problems = find_submissions(tmp_path, "ps1", lambda path: 1)
    assert [submission.student for submission in submissions] == [
        "Doe, Jane_42_assignsubmission_file", JOSE, f"{JOSE} Doe", "O'Brien",
    ]  # fmt: skip
    assert all(submission.path and not submission.notes for submission in submissions)
    assert problems == []


@pytest.mark.parametrize("told", [True, False])
def test_names_in_a_zip_of_macos_are_read(tmp_path, told):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(f"{JOSE_ON_MAC}/ps1.ipynb", "1")
    content = bytearray(archive.read_bytes())
    for place in (6, content.index(b"PK\1\2") + 8):  # flags; macOS does not say that it is UTF-8
        content[place + 1] &= 0xFF if told else 0xF7
    archive.write_bytes(content)
    unpack(archive, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [JOSE]


def test_folders_flat_files_and_deep_folders_are_found(tmp_path):
    touch(tmp_path, "ada/ps1.ipynb", "bob_ps1.ipynb", "cleo/ps1/ps1.ipynb", "dan/essay.txt",
          "Ève Ng_42_assignsubmission_file/ps1.ipynb", "ada/.ipynb_checkpoints/ps1-copy.ipynb",
          "__MACOSX/ada/ps1.ipynb", "ada/._ps1.ipynb")  # fmt: skip
    paths, problems, notes = find(tmp_path)
    assert paths == {
        "Ève Ng_42_assignsubmission_file": "Ève Ng_42_assignsubmission_file/ps1.ipynb",
        "ada": "ada/ps1.ipynb", "bob": "bob_ps1.ipynb", "cleo": "cleo/ps1/ps1.ipynb", "dan": None,
    }  # fmt: skip
    assert problems == []
    assert notes == {"dan": ["There is no notebook; ps1.ipynb was expected."]}


def test_the_notebook_with_most_of_the_set_is_chosen(tmp_path):
    touch(tmp_path, "ada/ps1.ipynb", "ada/ps1-Copy1.ipynb", "bob/ps1.ipynb", "bob/final.ipynb")
    counts = {"ps1.ipynb": 5, "ps1-Copy1.ipynb": 9, "final.ipynb": 9}

    def count(path):
        return 0 if path.parent.name == "bob" and path.name == "ps1.ipynb" else counts[path.name]

    paths, _, notes = find(tmp_path, count)
    assert paths == {"ada": "ada/ps1.ipynb", "bob": "bob/final.ipynb"}
    assert notes["ada"] == ["Of 2 notebooks ps1.ipynb was graded."]
    assert notes["bob"] == ["The notebook is called final.ipynb, not ps1.ipynb; it was graded."]


def test_links_are_not_followed_and_odd_names_are_named(tmp_path):
    touch(tmp_path, "outside/secret.ipynb", "in/ada/ps1.ipynb", "in/-rf/ps1.ipynb", "in/ps1.ipynb")
    try:
        os.symlink(tmp_path / "outside" / "secret.ipynb", tmp_path / "in" / "bob.ipynb")
        os.symlink(tmp_path / "outside", tmp_path / "in" / "cleo")
    except OSError:
        pytest.skip("links need a right that this account does not have")
    paths, problems, _ = find(tmp_path / "in")
    assert paths == {"ada": "ada/ps1.ipynb"}
    assert [problem.split()[0] for problem in problems] == ["-rf/ps1.ipynb", "ps1.ipynb"]


def test_zip_is_unpacked_inside_its_folder(tmp_path):
    archive, out = tmp_path / "a.zip", tmp_path / "out"
    out.mkdir()
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("all/ada/ps1.ipynb", "all/bob.ipynb", "../evil.ipynb", "/evil.ipynb",
                     "all/../../evil.ipynb", "C:/evil.ipynb", "all/run.exe"):  # fmt: skip
            file.writestr(name, "1")
    unpack(archive, out)
    assert unwrap(out, "ps1", lambda path: 1) == out / "all"
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.ipynb"))
    assert found == ["out/all/ada/ps1.ipynb", "out/all/bob.ipynb"]
    archive.write_bytes(b"PK no zip")
    with pytest.raises(ValueError, match="no zip that can be read"):
        unpack(archive, out)


@pytest.mark.parametrize(("names", "place"), [
    (["ada/ps1.ipynb"], "."),
    (["ada/ps1.ipynb", "ada/ps1-Copy1.ipynb", "ada/ps1_old.ipynb"], "."),
    (["ada/ps1/ps1.ipynb", "ada/ps1/old.ipynb", "ada/ps2/ps2.ipynb"], "."),
    (["ada/repo/ps1.ipynb", "ada/repo/ps1_draft.ipynb"], "."),
    (["ada/homework/ps1.ipynb", "ada/lessons/01.ipynb"], "."),
    (["ada/ada_ps1.ipynb", "ada/old.ipynb"], "."),
    (["all/ada/ps1.ipynb", "all/bob/ps1.ipynb"], "all"),
    (["all/ada_ps1.ipynb", "all/bob_ps1.ipynb"], "all"),
    (["ps1/ada.ipynb"], "ps1"), (["PS1/ada/ps1.ipynb", "PS1/ps1.ipynb"], "PS1"),
    (["ada/ps1.ipynb", "bob.ipynb"], "."),
])  # fmt: skip
def test_only_the_folder_of_a_whole_class_is_unwrapped(tmp_path, names, place):
    touch(tmp_path, *names)
    found = unwrap(tmp_path, "ps1", lambda path: 0 if path.parent.name == "lessons" else 9)
    assert found == tmp_path / place


def test_a_zip_tells_of_folders_without_a_notebook_as_a_folder_does(tmp_path):
    names = ("all/ada/ps1.ipynb", "all/bob/ps1.ipynb", "all/dan/essay.txt", "all/eve/.src/a/b.py",
             "all/-rf/ps1.ipynb", "all/(old)/a.txt", "all/ps1/a.txt", "all/.vscode/a.json",
             "all/__MACOSX/ada/ps1.ipynb")  # fmt: skip
    touch(tmp_path, *names)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for name in names:
            file.write(tmp_path / name, name)
        file.writestr("all/fay/", "")
    (tmp_path / "all" / "fay").mkdir()
    assert unpack(tmp_path / "a.zip", tmp_path / "out") == []
    place = unwrap(tmp_path / "out", "ps1", lambda path: 1)
    paths, problems, notes = find(place)
    assert (paths, problems, notes) == find(tmp_path / "all")
    assert paths == {"ada": "ada/ps1.ipynb", "bob": "bob/ps1.ipynb",
                     "dan": None, "eve": None, "fay": None}  # fmt: skip
    assert notes["fay"] == ["There is no notebook; ps1.ipynb was expected."]
    assert sorted(problems) == [
        f"{name} does not tell the student's id." for name in ("(old)", "-rf/ps1.ipynb", "ps1")
    ]


def test_what_a_zip_holds_in_vain_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("ada/ps1.ipynb", b"1" * (LARGEST + 1))
        for name in ("../evil.ipynb", "con/ps1.ipynb", "ada/.ipynb_checkpoints/ps1.ipynb",
                     "__MACOSX/ada/._ps1.ipynb", "ada/a?.txt"):  # fmt: skip
            file.writestr(name, "1")
    problems = unpack(tmp_path / "a.zip", tmp_path / "out")
    assert [problem.split()[0] for problem in problems] == [
        "ada/ps1.ipynb", "../evil.ipynb", "con/ps1.ipynb",
    ]  # fmt: skip
    assert "larger than 20 MB" in problems[0]
    assert "rename" in problems[1]
    assert find(tmp_path / "out")[0] == {"ada": None}


def test_endings_in_capitals_are_notebooks_too(tmp_path):
    names = "ada/PS1.IPYNB", "bob_ps1.Ipynb"
    touch(tmp_path / "in", *names)
    paths, problems, notes = find(tmp_path / "in")
    assert (paths, problems, notes) == ({"ada": names[0], "bob": names[1]}, [], {})
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for name in names:
            file.write(tmp_path / "in" / name, name)
    unpack(tmp_path / "a.zip", tmp_path / "out")
    assert find(tmp_path / "out")[0] == paths
    touch(tmp_path / "in", "PS1.IPYNB")
    assert find(tmp_path / "in")[1] == ["PS1.IPYNB does not tell the student's id."]


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_STORED]
)
def test_zip_with_damaged_bytes_gets_a_sentence(tmp_path, method):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", method) as file:
        file.writestr("ada.ipynb", "".join(map(str, range(2000))))
    content = bytearray(archive.read_bytes())
    content[60:400] = b"\xff" * 340
    archive.write_bytes(content)
    with pytest.raises(ValueError, match="no zip that can be read"):
        unpack(archive, tmp_path / "out")


def test_a_zip_that_lies_about_names_and_places_gets_a_sentence(tmp_path):
    archive = tmp_path / "{}.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("é.ipynb", "1")
    content = archive.read_bytes()
    place = content.index(b"PK\5\6") + 19
    for damaged in (content.replace("é".encode(), b"\xff\xff"),
                    content[:place] + b"\x7f" + content[place + 1 :]):  # fmt: skip
        archive.write_bytes(damaged)
        with pytest.raises(ValueError, match="no zip that can be read"):
            unpack(archive, tmp_path / "out")


def test_members_without_a_name_and_folders_in_place_of_notebooks_harm_nobody(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for name in ("x", "ada/ps1.ipynb", "bob.ipynb/"):
            file.writestr(name, "")
    content = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(content.replace(b"x", b"/"))
    assert unpack(tmp_path / "a.zip", tmp_path / "out") == []
    found = {path.relative_to(tmp_path / "out").as_posix()
             for path in (tmp_path / "out").rglob("*")}  # fmt: skip
    assert found == {"ada", "ada/ps1.ipynb", "bob.ipynb"}


def test_a_zip_with_a_password_gets_a_sentence(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("ada.ipynb", "1")
    content = bytearray((tmp_path / "a.zip").read_bytes())
    for place in (6, content.index(b"PK\1\2") + 8):
        content[place] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ValueError, match="needs a password: unpack it"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_folders_inside_a_hand_in_may_end_with_a_blank(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("ada/my homework /ps1.ipynb", "1")
    assert unpack(tmp_path / "a.zip", tmp_path / "out") == []
    assert list(find(tmp_path / "out")[0]) == ["ada"]


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", '{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    "[" * 100_000, '{"nbformat": 99}',
    json.dumps({"cells": [{"cell_type": "code", "source": "\ud800", "metadata": {}, "outputs": [],
                           "execution_count": None}], "metadata": {}, "nbformat": 4,
                "nbformat_minor": 4}),
])  # fmt: skip
def test_what_is_no_notebook_gets_a_sentence(tmp_path, text):
    (tmp_path / "a.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="no notebook that can be read"):
        read_notebook(tmp_path / "a.ipynb")


def test_too_large_a_notebook_is_not_read(tmp_path):
    with open(tmp_path / "a.ipynb", "wb") as file:
        file.truncate(30_000_000)
    with pytest.raises(ValueError, match=r"too large \(30 MB\)"):
        read_notebook(tmp_path / "a.ipynb")


def code(source, grade_id=None, **kind):
    mark = {"nbgrader": {"grade_id": grade_id, **kind}} if grade_id else {}
    return new_code_cell(source, metadata=mark)


def test_rebuilding_keeps_own_cells_in_their_places():
    release = new_notebook(cells=[code("# a", "a"), code("assert a", "b"), code("# c", "c")])
    handed_in = new_notebook(cells=[
        code("first"), code("a = 1", "a"), code("own"), code("mine", "unknown"), code("c = 3", "c"),
        code("last"),
    ])  # fmt: skip
    notebook, notes = rebuild(handed_in, release)
    assert [cell.source for cell in notebook.cells] == [
        "first", "a = 1", "own", "mine", "assert a", "c = 3", "last",
    ]  # fmt: skip
    assert notes == ["Cells were deleted and have been put back: b."]
    assert [cell.source for cell in release.cells] == ["# a", "assert a", "# c"]


@pytest.mark.parametrize("mark", ["x", ["grade_id"], 3, None])
def test_metadata_of_another_shape_count_as_none(tmp_path, mark):
    release = new_notebook(cells=[code("# a", "a"), code("assert a", "b")])
    handed_in = new_notebook(cells=[code("a = 1", "a"), code("assert a", "b"), code("own")])
    handed_in.cells[2].metadata["nbgrader"] = mark
    (tmp_path / "a.ipynb").write_text(json.dumps(handed_in), encoding="utf-8")
    assert count_cells(tmp_path / "a.ipynb", release) == 2
    notebook, notes = rebuild(read_notebook(tmp_path / "a.ipynb"), release)
    assert [cell.source for cell in notebook.cells] == ["a = 1", "assert a", "own"]
    assert notes == []
    nbformat.validate(notebook)


def test_pictures_of_texts_are_kept_where_they_are_pictures():
    release = new_notebook(cells=[new_markdown_cell("# a", id="a"), new_markdown_cell("b", id="b")])
    good, wrong = {"image/png": "aGk="}, {"text/html": "<b>"}
    handed_in = deepcopy(release)
    handed_in.cells.append(new_markdown_cell("own", id="c"))
    handed_in.cells[0].attachments = {"a.png": good, "b": wrong, "c": {}, "d": 3, "e": ["x"]}
    handed_in.cells[1].attachments = {"a.png": {"image/png": '"><b>'}}
    handed_in.cells[2].attachments = {"a.png": good}
    notebook, _ = rebuild(handed_in, release)
    kept = [cell.get("attachments") for cell in notebook.cells]
    assert kept == [{"a.png": good}, None, {"a.png": good}]
    nbformat.validate(notebook)


def test_a_notebook_of_something_else_is_told():
    release = new_notebook(cells=[code("# a", "a"), code("assert a", "b")])
    _, notes = rebuild(new_notebook(cells=[code("print(1)")]), release)
    assert "None of the assignment's cells" in notes[0]


def run_cell(number, *outputs, points=6):
    cell = code("check()", "check", grade=True, points=points)
    cell.execution_count, cell.outputs = number, list(outputs)
    return cell


def result(text):
    return new_output("execute_result", data={"text/plain": text}, execution_count=1)


ERROR = new_output("error", ename="AssertionError", evalue="no", traceback=[])


@pytest.mark.parametrize(("outputs", "kept", "failed"), [
    ([], 0, False), ([result("3.5")], 1, False), ([result("'fine'")], 0, False),
    ([result("7")], 0, True), ([result("-1")], 0, True), ([result("nan")], 0, True),
    ([result("6"), ERROR], 0, True), ([result("'fine'"), result("3")], 1, False),
    ([new_output("execute_result", data={}, execution_count=1)], 0, False),
])  # fmt: skip
def test_only_a_possible_number_counts_as_partial_marks(outputs, kept, failed):
    cell = run_cell(3, *outputs)
    finish(new_notebook(cells=[cell, *(run_cell(4, ERROR) for _ in CANARIES)]), None)
    kinds = [output.output_type for output in cell.outputs]
    assert (kinds.count("execute_result"), "error" in kinds) == (kept, failed)


def test_no_check_passes_that_did_not_run_or_could_not_fail():
    ended = ("MemoryLimit", "too much")
    for number, canary, why in ((None, ERROR, ended), (3, None, None)):
        cell = run_cell(number)
        canaries = [run_cell(4, *([canary] if canary else [])) for _ in CANARIES]
        finish(new_notebook(cells=[cell, *canaries]), why)
        assert cell.outputs[-1].ename == ("NotRun" if why else "ChecksSwitchedOff")


def test_a_check_counts_only_if_canaries_failed_right_after_it():
    died = new_output("error", ename="KernelDied", evalue="gone", traceback=[])
    not_run = new_output("error", ename="NotRun", evalue="gone", traceback=[])
    first, second, last = run_cell(1), run_cell(2), run_cell(3)
    cells = [first, run_cell(2, ERROR), run_cell(2, ERROR), second, run_cell(3, ERROR),
             run_cell(3, died), last, run_cell(None, not_run), run_cell(None, not_run)]  # fmt: skip
    notebook = new_notebook(cells=cells)
    finish(notebook, ("KernelDied", "This cell ended the kernel."))
    assert notebook.cells == [first, second, last]
    assert first.outputs == []
    for cell in (second, last):
        assert "can fail: This cell ended the kernel." in cell.outputs[-1].evalue


def test_one_canary_that_passes_spoils_all_checks():
    first, last = run_cell(1), run_cell(2)
    cells = [first, run_cell(2, ERROR), run_cell(2, ERROR), last, run_cell(3), run_cell(3, ERROR)]
    for ended in (None, ("KernelDied", "This cell ended the kernel.")):
        notebook = new_notebook(cells=deepcopy(cells))
        finish(notebook, ended)
        assert [cell.outputs[-1].ename for cell in notebook.cells] == ["ChecksSwitchedOff"] * 2


def test_messages_that_differ_in_numbers_are_one():
    messages = ["We expect 0.5, not 1.25e-3.", "Another.", "We expect 3, not nan."]
    assert find_most_common(messages) == (messages[0], 2)
    assert find_most_common([]) is None
    error = nbformat.from_dict({"ename": "ValueError", "evalue": "a\n b" + "x" * 300})
    assert describe_error(error).startswith("ValueError: a bxxx")
    assert len(describe_error(error)) == 160


def test_outcomes_of_a_class_are_counted():
    share = np.array([[1, 0.5], [0, np.nan], [1, 0.2]])
    np.testing.assert_array_equal(count_outcomes(share), [[2, 0], [0, 2], [1, 0], [0, 1]])
    words = plot_class_marks(["shares", "text"], share).alt_text
    assert "shares: 2 all marks, 1 none; text: 2 some, 1 to be read." in words

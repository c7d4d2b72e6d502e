"""One bad file among good ones, in every command: told once, and the rest goes on."""

import csv
import json

import numpy as np
import pytest
from astropy.io import fits
from typer.testing import CliRunner

from spectra_helpers.files import read_spectra, write_spectra
from spectra_tools.command import classify
from spectra_tools.command.main import app


def run(*words):
    """Run `spectra` in this process; a traceback fails the test."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory, easy_set):
    """A good training file, one with two bad rows, one with a bad label, and a web page."""
    folder = tmp_path_factory.mktemp("mixed")
    write_spectra(folder / "good.fits", easy_set[:30])
    for name, rows in (("rows.fits", slice(30, 50)), ("label.fits", slice(50, 60))):
        write_spectra(folder / name, easy_set[rows])
    with fits.open(folder / "rows.fits", mode="update") as hdus:
        hdus[0].data[[2, 5]] = 0
    with fits.open(folder / "label.fits", mode="update") as hdus:
        hdus[1].data["label"][4] = 7
    (folder / "page.fits").write_text("<html>")
    return folder


BAD_FILES = ["label.fits has labels outside 0–2 (7) in row 4.", "page.fits is not a FITS file: "]
BAD_ROWS = ["rows.fits has nothing but zeros in rows 2, 5."]


def assert_told(result, sentences):
    """The command went on to its end, said so with exit code 1, and told each fault once."""
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == len(sentences), result.stderr
    for sentence in sentences:
        assert sum(sentence in line for line in lines) == 1
    assert all(line.startswith("Error: ") for line in lines)


@pytest.fixture(scope="module")
def forest(folder):
    """A model trained on the folder: what is bad is left out."""
    path = folder.parent / "forest.model"
    result = run("train", folder, "--model", "forest", "-o", path)
    assert_told(result, BAD_FILES + BAD_ROWS)
    assert "48 spectra" in result.stdout
    assert "from good.fits and 1 more file." in result.stdout
    return path


def test_train_leaves_out_what_is_bad(forest):
    assert forest.is_file()


def test_predict_leaves_out_what_is_bad_and_needs_no_labels(folder, forest, tmp_path):
    out = tmp_path / "out.csv"
    assert_told(run("predict", forest, folder, "-o", out), BAD_FILES[1:] + BAD_ROWS)
    with open(out, newline="") as file:
        rows = [(row["file"], row["row"]) for row in csv.DictReader(file)]
    assert len(set(rows)) == len(rows) == 58
    assert (str(folder / "rows.fits"), "2") not in rows


def test_classify_leaves_out_what_is_bad(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest"})
    result = run("classify", folder, "-o", tmp_path / "scores")
    assert_told(result, BAD_FILES + BAD_ROWS)
    stored = json.loads((tmp_path / "scores" / "scores.json").read_text(encoding="utf-8"))
    assert stored["n_train"] + stored["n_test"] == 48


def test_check_tells_all_and_what_is_good(folder):
    result = run("check", folder)
    assert_told(result, BAD_FILES + BAD_ROWS)
    assert (
        result.stdout
        == f"Good: {folder / 'good.fits'}: 30 spectra (10 galaxy, 10 quasar, 10 star)\n"
    )


def test_browse_shows_the_rest(folder, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "spectra_tools.command.browse.serve_browser", lambda paths, *_: shown.extend(paths)
    )
    assert_told(run("browse", folder), BAD_FILES)
    assert [path.name for path in shown] == ["good.fits", "rows.fits"]


def test_convert_leaves_out_bad_files_and_training_files(folder, tmp_path):
    rows = np.ones((5, 3908), np.float32)
    rows[0], rows[3:] = 100, 0
    hdu = fits.PrimaryHDU(rows)
    hdu.header.update({"COEFF0": 3.5682, "COEFF1": 1e-4, "CLASS": "STAR", "OBSID": 77})
    hdu.writeto(tmp_path / "star.fits")
    out = tmp_path / "out.fits"
    result = run("convert", folder, tmp_path / "star.fits", "-o", out)
    already = [f"{name}.fits is a training file already" for name in ("good", "rows")]
    assert_told(result, BAD_FILES + already)
    assert read_spectra(out).objid.tolist() == [77]


@pytest.mark.parametrize("command", ["train", "predict", "classify", "convert", "browse"])
def test_nothing_good_at_all_is_one_clear_error_at_the_end(command, folder, forest, tmp_path):
    out, bad = tmp_path / "out", [folder / "page.fits", tmp_path / "none.fits"]
    words = {
        "train": ["train", *bad, "--model", "forest", "-o", out],
        "predict": ["predict", forest, *bad, "-o", out],
        "classify": ["classify", *bad, "-o", out],
        "convert": ["convert", *bad, "-o", out],
        "browse": ["browse", *bad],
    }
    result = run(*words[command])
    assert result.exit_code == 1
    first, second, last = result.stderr.splitlines()
    assert "page.fits is not a FITS file" in first
    assert "none.fits is not there" in second
    assert last.startswith(("Error: None of the files can be read", "Error: No spectrum could be"))
    assert not out.exists()


def test_one_bad_file_alone_is_one_error(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    for bad, words in (
        (folder / "page.fits", "is not a FITS file"),
        (tmp_path / "empty", "no FITS"),
    ):
        result = run("train", bad, "--model", "forest", "-o", tmp_path / "out")
        assert result.exit_code == 1
        (line,) = result.stderr.splitlines()
        assert words in line


def test_preview_of_a_folder_asks_for_one_file(folder, tmp_path):
    result = run("preview", folder, "-o", tmp_path / "a.png")
    assert result.stderr == f"Error: {folder} stands for 4 files: give one of them.\n"


def test_preview_of_a_row_does_not_need_labels(folder, tmp_path):
    assert run("preview", folder / "label.fits", 4, "-o", tmp_path / "a.png").exit_code == 0
    result = run("preview", folder / "label.fits", "-o", tmp_path / "b.png")
    assert "labels outside 0–2 (7) in row 4" in result.stderr

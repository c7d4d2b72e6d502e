import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from astropy.io import fits
from typer.testing import CliRunner

from spectra_helpers.data import CLASSES, SpectraSet
from spectra_helpers.files import open_spectra, read_spectra, write_spectra
from spectra_helpers.models import build_model, load_model, save_model
from spectra_helpers.preprocess import SpectrumPreprocessor
from spectra_helpers.simulate import simulate_survey
from spectra_tools.command import classify, train
from spectra_tools.command.main import app
from spectra_tools.command.predict import predict_proba
from spectra_tools.command.train import has_faint

LAMOST_WAVELENGTH = 10 ** (3.5682 + 1e-4 * np.arange(3908))


def run(*words):
    """Run `spectra` in this process; a traceback fails the test."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def fail(*words):
    """Run `spectra`, expect exit code 1, and return its lines of error."""
    result = run(*words)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert lines
    assert all(line.startswith("Error: ") for line in lines)
    return lines


def write_star(path, label="STAR", flux=None):
    rows = np.ones((5, len(LAMOST_WAVELENGTH)), np.float32)
    rows[0] = 100 + 0.01 * LAMOST_WAVELENGTH if flux is None else flux
    rows[3:] = 0
    hdu = fits.PrimaryHDU(rows)
    hdu.header.update({"COEFF0": 3.5682, "COEFF1": 1e-4, "CLASS": label, "OBSID": 77, "Z": 0.1})
    hdu.writeto(path)
    return path


@pytest.fixture(scope="module")
def training(tmp_path_factory, easy_set):
    path = tmp_path_factory.mktemp("training") / "easy.fits"
    write_spectra(path, easy_set)
    return path


@pytest.fixture(scope="module")
def forest(training):
    path = training.parent / "forest.model"
    assert run("train", training, "--model", "forest", "-o", path).exit_code == 0
    return path


def write_bad(path, spectra, flux):
    """Write a training file with flux that `write_spectra` refuses."""
    write_spectra(path, spectra)
    with fits.open(path, mode="update") as hdus:
        hdus[0].data[:] = flux
    return path


def read_table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- the command as a whole


def test_help_names_the_commands_and_does_not_import_what_is_slow():
    code = (
        "import sys; from typer.testing import CliRunner;"
        "from spectra_tools.command.main import app;"
        "print(CliRunner().invoke(app, ['--help']).output);"
        "slow = 'tensorflow', 'sklearn', 'astropy', 'matplotlib', 'pandas', 'numpy';"
        "print([x for x in slow if x in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = (
        "simulate",
        "download",
        "check",
        "preview",
        "browse",
        "convert",
        "train",
        "predict",
        "classify",
    )
    for name in names:
        assert name in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_module_runs_as_a_command(training):
    words = [sys.executable, "-m", "spectra_tools", "check"]
    good = subprocess.run([*words, training], capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert "60 spectra (20 galaxy, 20 quasar, 20 star)" in good.stdout
    bad = subprocess.run([*words, "none.fits"], capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert bad.stderr == "Error: none.fits is not there: check the path.\n"


def test_a_console_that_does_not_know_a_letter_stops_no_command(tmp_path, training):
    path = shutil.copy(training, tmp_path / "光谱.fits")
    command = [sys.executable, "-m", "spectra_tools", "check", str(path), str(training)]
    env = os.environ | {"PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="cp1252", env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Good: ") == 2


def test_paths_may_be_files_folders_and_patterns(tmp_path):
    for name in ("b.fits", "a.fits", "c.txt", "x[1].fits"):
        (tmp_path / name).touch()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "d.fits.gz").touch()

    def names(*given):
        return [path.name for path in open_spectra([str(tmp_path / x) for x in given]).paths]

    assert names("c.txt", "a.fits") == ["c.txt", "a.fits"]
    assert names("[ab].fits") == ["a.fits", "b.fits"]
    assert names("x[1].fits") == ["x[1].fits"]
    assert names("") == ["a.fits", "b.fits", "d.fits.gz", "x[1].fits"]
    for nothing in ("*.dat", "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(ValueError, match="holds no FITS file"):
            names(nothing)


def test_a_file_named_twice_is_read_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.fits", "a.fits"):
        (tmp_path / name).touch()
    given = ["b.fits", "*.fits", tmp_path / "a.fits", "../" + tmp_path.name]
    assert [str(path) for path in open_spectra(given).paths] == ["b.fits", "a.fits"]


# --- simulate, check


def test_simulate_writes_a_good_file_and_does_not_replace_one(tmp_path):
    out = tmp_path / "out.fits"
    result = run("simulate", out, "--n", 12, "--seed", 5)
    assert result.exit_code == 0
    assert "12 simulated spectra, seed 5" in result.stdout
    first = read_spectra(out)
    assert len(first) == 12
    assert fail("simulate", out, "--n", 2) == [
        f"Error: {out} is there already: add --force to replace it."
    ]
    assert run("simulate", out, "--n", 2, "--seed", 5, "--force").exit_code == 0
    np.testing.assert_array_equal(read_spectra(out).flux, first.flux[:2])


def test_simulate_names_a_folder_that_is_not_there(tmp_path):
    (line,) = fail("simulate", tmp_path / "none" / "a.fits")
    assert "none is not there: make it" in line


@pytest.mark.parametrize("number", [10**11, 10**30])
def test_simulate_says_at_once_that_the_disk_is_too_small(tmp_path, number):
    (line,) = fail("simulate", tmp_path / "a.fits", "--n", number)
    assert line.startswith(f"Error: {tmp_path} has ")
    assert line.endswith("GB are needed: make room, or ask for fewer spectra.")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "fits_on_disk"), [("a.fits", True), ("a.fits.gz", False)])
def test_simulate_counts_the_disk_that_it_needs_for_a_while(
    tmp_path, monkeypatch, name, fits_on_disk
):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=310_000))
    assert run("simulate", tmp_path / name, "--n", 12).exit_code == (0 if fits_on_disk else 1)


def test_simulate_says_at_once_that_the_memory_is_too_small(tmp_path, monkeypatch):
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=10**6))
    (line,) = fail("simulate", tmp_path / "a.fits", "--n", 1000)
    assert line == (
        "Error: 0.00 GB of memory are free, but 0.01 GB are needed: close other programs, or ask "
        "for fewer spectra."
    )


@pytest.mark.parametrize("words", [["simulate"], ["convert", "star.fits", "-o"]])
def test_a_way_of_compressing_that_we_do_not_write_is_refused_at_once(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    write_star(tmp_path / "star.fits")
    monkeypatch.setattr("spectra_helpers.simulate.simulate_to_file", None)
    monkeypatch.setattr("spectra_tools.command.convert.convert_files", None)
    (line,) = fail(*words, "a.fits.bz2")
    assert line.endswith("let it end in .fits or .fits.gz.")


def test_check_tells_good_from_bad(tmp_path, training):
    spectra = read_spectra(training)
    flux = np.array(spectra.flux)
    flux[3], flux[4, 0] = 0, np.nan
    bad = write_bad(tmp_path / "bad.fits", spectra, flux)
    star = write_star(tmp_path / "star.fits")
    result = run("check", training, bad, star)
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["Good", "Good"]
    assert "star, z = 0.10000" in result.stdout
    assert [line.partition(" has ")[2] for line in result.stderr.splitlines()] == [
        "NaN or infinite values in row 4.",
        "nothing but zeros in row 3.",
    ]
    assert run("check", training, star).exit_code == 0


# --- preview


@pytest.mark.parametrize("index", [[], [7]])
def test_preview_draws_a_training_file(tmp_path, training, index):
    result = run("preview", training, *index, "-o", tmp_path / "a.png")
    assert result.exit_code == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert ("quasar spectrum" if index else "three columns") in result.stdout


def test_preview_draws_a_survey_file(tmp_path):
    result = run("preview", write_star(tmp_path / "s.fits"), "-o", tmp_path / "a.png")
    assert result.exit_code == 0
    assert "s.fits: star, z = 0.10000" in result.stdout
    assert (tmp_path / "a.png").exists()


def test_preview_takes_dollars_in_a_file_name_for_no_formula(tmp_path, training):
    star = write_star(tmp_path / "a$_$b.fits")
    many = shutil.copy(training, tmp_path / "c$_$d.fits")
    assert run("preview", star, "-o", tmp_path / "a.png").exit_code == 0
    assert run("preview", many, 0, "-o", tmp_path / "b.png").exit_code == 0


def test_preview_of_another_row_of_a_survey_file(tmp_path):
    star, out = write_star(tmp_path / "s.fits"), tmp_path / "a.png"
    assert run("preview", star, 0, "-o", out).exit_code == 0
    (line,) = fail("preview", star, 5, "-o", tmp_path / "b.png")
    assert line.endswith("s.fits is a survey file, which holds one spectrum: leave out the 5.")


def test_preview_shows_even_a_bad_row(tmp_path, training):
    spectra = read_spectra(training)
    flux = np.array(spectra.flux)
    flux[2, 100:200] = np.nan
    bad = write_bad(tmp_path / "bad.fits", spectra, flux)
    assert run("preview", bad, 2, "-o", tmp_path / "a.png").exit_code == 0


def test_preview_without_a_window_saves_where_one_is(tmp_path, training, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "Wrote easy_preview.png." in run("preview", training, 0).stdout
    assert (tmp_path / "easy_preview.png").exists()


def test_preview_refuses_an_unknown_ending_before_it_draws(tmp_path, training, monkeypatch):
    monkeypatch.setattr("spectra_tools.command.preview.draw_preview", None)
    (line,) = fail("preview", training, "-o", tmp_path / "picture")
    assert line.endswith("picture is no name of a picture: let it end in .png, .svg or .pdf.")
    assert not list(tmp_path.iterdir())


def test_preview_of_a_row_beyond_the_end(training):
    (line,) = fail("preview", training, 60)
    assert line.endswith("has rows 0 to 59, not 60.")


# --- convert


def test_convert_keeps_class_redshift_and_objid(tmp_path):
    files = [write_star(tmp_path / "a.fits"), write_star(tmp_path / "b.fits", "QSO")]
    out = tmp_path / "out.fits"
    assert run("convert", *files, "-o", out).exit_code == 0
    spectra = read_spectra(out)
    assert spectra.label.tolist() == [2, 1]
    assert spectra.objid.tolist() == [77, 77]
    np.testing.assert_allclose(spectra.truth["z"], 0.1)
    assert fail("convert", *files, "-o", out)[0].endswith("add --force to replace it.")


def test_convert_keeps_inverse_variances(tmp_path):
    known = write_star(tmp_path / "known.fits")
    with fits.open(known) as hdus:
        hdus[0].data[1] = 0.25
        hdus.writeto(tmp_path / "quarter.fits")
        hdus[0].data[1] = 0
        hdus.writeto(tmp_path / "unknown.fits")
    names = [tmp_path / name for name in ("known.fits", "unknown.fits", "quarter.fits")]
    assert run("convert", *names, "-o", tmp_path / "out.fits").exit_code == 0
    assert run("check", tmp_path / "out.fits").exit_code == 0
    spectra = read_spectra(tmp_path / "out.fits", ivar=True)
    np.testing.assert_array_equal(spectra.ivar, open_spectra(names).read(ivar=True).ivar)
    assert spectra.ivar.any(axis=1).tolist() == [True, False, True]
    np.testing.assert_allclose(spectra.ivar[0], 4 * spectra.ivar[2], rtol=1e-6)
    out = tmp_path / "nothing.fits"
    assert run("convert", tmp_path / "unknown.fits", "-o", out).exit_code == 0
    with fits.open(out) as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "", "TRUTH"]


def test_convert_leaves_bad_files_out_and_says_so(tmp_path):
    good = write_star(tmp_path / "étoile.fits")
    unknown = write_star(tmp_path / "unknown.fits", "Unknown")
    page = tmp_path / "page.fits"
    page.write_text("<html>")
    out = tmp_path / "out.fits"
    lines = fail("convert", good, page, unknown, "-o", out)
    assert "page.fits is not a FITS file" in lines[0]
    assert "unknown.fits tells no class: give --label" in lines[1]
    assert read_spectra(out).label.tolist() == [2]
    words = ["convert", good, unknown, "-o", out, "--force", "--label", "galaxy"]
    assert run(*words).exit_code == 0
    assert read_spectra(out).label.tolist() == [2, 0]


def test_convert_of_nothing_good_writes_nothing(tmp_path):
    unknown = write_star(tmp_path / "unknown.fits", "Unknown")
    assert "No spectrum is left" in fail("convert", unknown, "-o", tmp_path / "out.fits")[-1]
    assert not (tmp_path / "out.fits").exists()


def test_convert_reads_all_real_files(tmp_path, real_folder):
    out = tmp_path / "out.fits"
    result = run("convert", real_folder, "-o", out)
    assert result.exit_code == 0, result.stderr
    assert len(read_spectra(out)) == len(open_spectra(real_folder).paths)


# --- train, predict


def test_train_refuses_too_few_of_a_class(tmp_path, easy_set):
    write_spectra(tmp_path / "a.fits", easy_set[easy_set.label != 1])
    (line,) = fail("train", tmp_path / "a.fits", "--model", "forest", "-o", tmp_path / "m")
    assert "Too few spectra: 0 quasar" in line
    assert not (tmp_path / "m").exists()


def test_train_refuses_spectra_without_a_class(tmp_path, training):
    star = write_star(tmp_path / "s.fits", "Unknown")
    (line,) = fail("train", training, star, "--model", "forest", "-o", tmp_path / "m")
    assert "1 spectra have no label" in line


def test_train_looks_for_the_folder_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr("spectra_tools.command.train.train_model", None)
    (line,) = fail("train", "a.fits", "--model", "forest", "-o", tmp_path / "none" / "m")
    assert "none is not there" in line


@pytest.mark.parametrize("out", ["locked/m", 60 * "long" + ".model", 300 * "long"])
def test_train_tries_to_write_before_the_work(tmp_path, monkeypatch, out):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    if os.access(locked, os.W_OK):  # root may, and so may everybody on Windows
        if not Path("/proc/sys").is_dir():
            pytest.skip("no folder here is closed to this user")
        locked.rmdir()
        locked.symlink_to("/proc/sys")  # closed to root too
    monkeypatch.setattr("spectra_tools.command.train.train_model", None)
    (line,) = fail("train", "a.fits", "--model", "forest", "-o", tmp_path / out)
    assert f"{Path(out).name} cannot be written (" in line
    assert line.endswith("): choose another folder, or a shorter name.")
    assert [path.name for path in tmp_path.iterdir()] == ["locked"]


def test_predict_gives_every_spectrum_of_every_kind_of_file(tmp_path, forest, training, easy_set):
    star, more = write_star(tmp_path / "star.fits"), shutil.copy(training, tmp_path)
    out = tmp_path / "out.csv"
    result = run("predict", forest, training, star, more, "-o", out)
    assert result.exit_code == 0, result.stderr
    assert "121 spectra" in result.stdout
    table = read_table(out)
    assert list(table[0]) == ["file", "row", "objid", "label", "p_galaxy", "p_quasar", "p_star"]
    files = [str(training)] * 60 + [str(star)] + [str(more)] * 60
    assert [row["file"] for row in table] == files
    assert [int(row["row"]) for row in table] == [*range(60), 0, *range(60)]
    assert [int(row["objid"]) for row in table[:61]] == [*easy_set.objid, 77]
    expected = [CLASSES[label] for label in easy_set.label]
    assert [row["label"] for row in table[:60]] == expected
    for row in table:
        proba = [float(row[f"p_{name}"]) for name in CLASSES]
        assert sum(proba) == pytest.approx(1, abs=2e-6)
        assert row["label"] == CLASSES[np.argmax(proba)]
        assert len(row["p_star"].partition(".")[2]) == 6


def test_predict_leaves_bad_files_and_rows_out(tmp_path, forest, easy_set):
    flux = np.array(easy_set.flux)
    flux[5] = 0
    bad = write_bad(tmp_path / "bad.fits", easy_set, flux)
    (tmp_path / "page.fits").write_text("<html>")
    lines = fail("predict", forest, tmp_path / "page.fits", bad, "-o", tmp_path / "out.csv")
    assert ["page.fits" in lines[0], "zeros in row 5" in lines[1], len(lines)] == [True, True, 2]
    rows = [int(row["row"]) for row in read_table(tmp_path / "out.csv")]
    assert rows == [row for row in range(60) if row != 5]


def test_predict_does_not_need_labels(tmp_path, forest, training):
    with fits.open(training) as hdus:
        hdus[1].data["label"] = -9
        hdus.writeto(tmp_path / "a.fits")
    assert run("predict", forest, tmp_path / "a.fits", "-o", tmp_path / "out.csv").exit_code == 0
    assert len(read_table(tmp_path / "out.csv")) == 60


def test_predict_of_nothing_good_keeps_the_old_table(tmp_path, forest):
    out = tmp_path / "out.csv"
    out.write_text("old")
    lines = fail("predict", forest, tmp_path / "none.fits", "-o", out, "--force")
    assert "none.fits is not there" in lines[0]
    assert "No spectrum could be predicted" in lines[1]
    assert out.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_predict_refuses_what_is_no_model(tmp_path, training):
    (line,) = fail("predict", training, training, "-o", tmp_path / "out.csv")
    assert "is no model that can be loaded" in line
    (line,) = fail("predict", tmp_path / "none", training, "-o", tmp_path / "out.csv")
    assert "make one with `spectra train`" in line
    assert not (tmp_path / "out.csv").exists()


def test_predict_works_through_more_than_one_batch(tmp_path, forest, training, monkeypatch):
    run("predict", forest, training, "-o", tmp_path / "whole.csv")
    monkeypatch.setattr("spectra_helpers.files.open.BATCH", 7)
    run("predict", forest, training, "-o", tmp_path / "parts.csv")
    assert (tmp_path / "parts.csv").read_text() == (tmp_path / "whole.csv").read_text()


# --- predict --unknown


@pytest.fixture
def with_noise(tmp_path, easy_set):
    """Three easy spectra, one of a galaxy and a quasar together, and one of noise alone."""
    rng = np.random.default_rng(12)
    both = easy_set.flux[0] + easy_set.flux[1]
    noise = 50 + rng.normal(0, 10, 3000)
    flux = np.stack([*easy_set.flux[:3], both, noise]).astype(np.float32)
    path = tmp_path / "some.fits"
    write_spectra(path, SpectraSet(flux, [0, 1, 2, 0, 1], np.arange(5)))
    return path


def test_what_is_noise_or_not_sure_is_unknown(tmp_path, forest, with_noise):
    plain, told = tmp_path / "plain.csv", tmp_path / "told.csv"
    done = run("predict", forest, with_noise, "-o", plain)
    assert done.stdout == f"Wrote {plain}: 5 spectra.\n"
    done = run("predict", forest, with_noise, "--unknown", 0.9, "-o", told)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"Wrote {told}: 5 spectra, 2 of them UNKNOWN.\n"
    before, after = read_table(plain), read_table(told)
    assert [row["label"] for row in after] == ["galaxy", "quasar", "star", "UNKNOWN", "UNKNOWN"]
    assert list(after[0]) == [*before[0], "evidence"]
    for old, new in zip(before, after, strict=True):
        assert {**new, "label": old["label"]} == {**old, "evidence": new["evidence"]}
        assert old["label"] in CLASSES
    evidence = [float(row["evidence"]) for row in after]
    assert min(evidence[:4]) > 20
    assert 2 < evidence[4] < 5.5


def test_noise_is_unknown_however_sure_the_model_is(tmp_path, forest, with_noise):
    out = tmp_path / "out.csv"
    assert run("predict", forest, with_noise, "--unknown", 0, "-o", out).exit_code == 0
    assert [row["label"] == "UNKNOWN" for row in read_table(out)] == [False] * 4 + [True]


@pytest.mark.parametrize("value", ["1.5", "-0.1", "much"])
def test_an_impossible_limit_of_probability_is_refused(tmp_path, forest, with_noise, value):
    done = run("predict", forest, with_noise, "--unknown", value, "-o", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert "Error: Invalid value for '--unknown': " in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_probabilities_are_those_of_another_mix_of_classes(tmp_path, forest, with_noise):
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    run("predict", forest, with_noise, "-o", before)
    assert run("predict", forest, with_noise, "-o", after, "--mix", "1, 2,7").exit_code == 0
    for old, new in zip(read_table(before), read_table(after), strict=True):
        odds = np.array([float(old[f"p_{name}"]) for name in CLASSES]) * [0.1, 0.2, 0.7]
        expected = odds / odds.sum()  # the forest was trained on as many of each class
        found = [float(new[f"p_{name}"]) for name in CLASSES]
        np.testing.assert_allclose(found, expected, atol=3e-6)
        assert new["label"] == CLASSES[expected.argmax()]


@pytest.mark.parametrize(
    ("mix", "words"),
    [("0.02,0.98", "one number above 0 for each of galaxy, quasar, star"),
     ("0,0.5,0.5", "above 0"), ("much,more,most", "'much,more,most' has no three numbers"),
     ("nan,1,1", "above 0")],
)  # fmt: skip
def test_an_impossible_mix_is_refused(tmp_path, forest, with_noise, mix, words):
    done = run("predict", forest, with_noise, "--mix", mix, "-o", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
    assert not (tmp_path / "out.csv").exists()


def test_a_model_that_does_not_know_its_mix_is_named(tmp_path, forest, with_noise):
    old = tmp_path / "old.model"
    save_model(load_model(forest), old)
    message = fail("predict", old, with_noise, "--mix", "0.02,0.01,0.97", "-o", tmp_path / "x.csv")
    (line,) = message
    assert line.startswith(f"Error: {old} was stored without the mix of its training spectra")
    assert line.endswith("make it again with `spectra train`.")


# --- which spectra are copied


@pytest.mark.parametrize(("survey", "faint"), [("deep", True), ("published", False)])
def test_the_deep_survey_is_faint_and_the_published_one_is_not(survey, faint):
    spectra = simulate_survey(300, 8, survey=survey)
    assert has_faint(spectra.flux) is faint
    assert has_faint(SpectrumPreprocessor().fit_transform(spectra.flux)) is faint


@pytest.mark.parametrize(("n_faint", "faint"), [(0, False), (90, False), (110, True), (900, True)])
def test_a_survey_is_faint_from_one_in_ten_below_snr_5(n_faint, faint):
    rng = np.random.default_rng(2)
    snr = np.full((1000, 1), 9.0)
    snr[rng.permutation(1000)[:n_faint]] = 3
    flux = 1 + rng.normal(0, 1, (1000, 600)) / snr
    assert has_faint(flux) is faint
    if n_faint != 90:  # a tenth of the rows is enough to see it
        assert has_faint(flux, n_looked_at=500) is faint


@pytest.mark.parametrize(
    ("words", "copied"),
    [([], {"bright": True, "faint": False}), (["--vary"], {"bright": True, "faint": True}),
     (["--no-vary"], {"bright": False, "faint": False})],
)  # fmt: skip
def test_copies_are_made_where_they_are_asked_for_or_none_is_faint(
    tmp_path, easy_set, monkeypatch, words, copied
):
    noise = np.random.default_rng(4).normal(0, 40, easy_set.flux.shape)
    for name, flux in {"bright": easy_set.flux, "faint": easy_set.flux + noise}.items():
        path, sizes = tmp_path / f"{name}.fits", []
        write_spectra(path, SpectraSet(flux, easy_set.label, easy_set.objid))
        monkeypatch.setattr(
            train,
            "fit_prepared",
            lambda name, flux, *rest, sizes=sizes, objects: sizes.append(
                (len(flux), objects.max())
            ),
        )
        monkeypatch.setattr("spectra_helpers.models.save_model", lambda model, out, about: None)
        done = run("train", path, "--model", "forest", "-o", tmp_path / "m", *words)
        assert done.exit_code == 0, done.stderr
        assert "60 spectra" in done.stdout
        assert sizes == [(120 if copied[name] else 60, 60)]


def test_network_is_trained_stored_and_used(tmp_path, training, monkeypatch):
    monkeypatch.setattr("spectra_helpers.models.build_model", build_quick_network)
    model, out = tmp_path / "cnn.model", tmp_path / "out.csv"
    result = run("train", training, "--model", "cnn", "-o", model)
    assert result.exit_code == 0, result.stderr
    assert run("predict", model, training, "-o", out).exit_code == 0
    assert len(read_table(out)) == 60


def test_templates_can_be_trained_and_vote(tmp_path, training, easy_set):
    out, models = tmp_path / "out.csv", [tmp_path / f"{n}.model" for n in ("templates", "svm")]
    for path in models:
        done = run("train", training, "--model", path.stem, "-o", path)
        assert done.exit_code == 0, done.stderr
    done = run("predict", models[0], training, "--with", models[1], "-o", out)
    assert done.exit_code == 0, done.stderr
    assert [row["label"] for row in read_table(out)] == [CLASSES[k] for k in easy_set.label]


def test_templates_that_learned_redshifts_write_them(tmp_path):
    """Against the redshifts that the simulation put in, in a file of its own."""
    model, out = tmp_path / "t.model", tmp_path / "out.csv"
    known, asked = simulate_survey(500, seed=5), simulate_survey(40, seed=6)
    write_spectra(tmp_path / "known.fits", known)
    write_spectra(tmp_path / "asked.fits", asked)
    done = run("train", tmp_path / "known.fits", "--model", "templates", "-o", model)
    assert done.exit_code == 0, done.stderr
    done = run("predict", model, tmp_path / "asked.fits", "--unknown", 0.9, "-o", out)
    assert done.exit_code == 0, done.stderr
    table = read_table(out)
    right, good = 0, 0
    for row, label, z in zip(table, asked.label, asked.truth["z"], strict=True):
        if row["label"] == "UNKNOWN":
            assert (row["z"], row["z_gap"]) == ("", "")
        elif row["label"] == CLASSES[label]:
            right += 1
            good += abs(float(row["z"]) - z) < 0.01 * (1 + z) and float(row["z_gap"]) > 0
    assert right > 25
    assert good > 0.9 * right


@pytest.mark.parametrize("first", ["templates", "forest"])
def test_templates_without_redshifts_leave_their_columns_blank(
    tmp_path, training, forest, easy_set, first
):
    models = {"templates": tmp_path / "t.model", "forest": forest}
    run("train", training, "--model", "templates", "-o", models["templates"])
    order = sorted(models, key=lambda name: name != first)
    words = models[order[0]], training, "--with", models[order[1]]
    done = run("predict", *words, "-o", tmp_path / "out.csv")
    assert done.exit_code == 0, done.stderr
    table = read_table(tmp_path / "out.csv")
    assert list(table[0])[-2:] == ["z", "z_gap"]
    assert {(row["z"], row["z_gap"]) for row in table} == {("", "")}


def build_quick_network(name, **options):
    assert (name, options["seed"]) == ("cnn", 30)
    small = {"kernel_sizes": (7,), "augment": False}
    return build_model(name, **{**options, "epochs": 1, "network": small})


# --- what is there already


def test_files_that_are_there_are_replaced_only_with_force(tmp_path, forest, training):
    jobs = {
        "a.png": ["preview", training, 7],
        "a.model": ["train", training, "--model", "forest"],
        "a.csv": ["predict", forest, training],
    }
    for name, words in jobs.items():
        out = tmp_path / name
        out.write_text("old")
        (line,) = fail(*words, "-o", out)
        assert line == f"Error: {out} is there already: add --force to replace it."
        assert out.read_text() == "old"
        assert run(*words, "-o", out, "--force").exit_code == 0
        assert out.read_bytes() != b"old"


def test_picture_without_a_name_replaces_none(tmp_path, training, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "easy_preview.png").write_text("old")
    (line,) = fail("preview", training)
    assert line == "Error: easy_preview.png is there already: add --force to replace it."


def test_no_command_writes_over_a_file_that_it_reads(tmp_path, forest, training):
    spectra, model = shutil.copy(training, tmp_path / "a.png"), shutil.copy(forest, tmp_path / "m")
    for words in (
        ["preview", spectra, "-o", spectra],
        ["train", spectra, "--model", "forest", "-o", spectra],
        ["predict", model, spectra, "-o", spectra],
        ["predict", model, spectra, "-o", model],
        ["predict", forest, spectra, "--with", model, "-o", tmp_path / "x" / ".." / "m"],
        ["convert", write_star(tmp_path / "s.fits"), "-o", tmp_path / "s.fits"],
    ):
        (tmp_path / "x").mkdir(exist_ok=True)
        before = {path: path.read_bytes() for path in tmp_path.glob("*.*")}
        (line,) = fail(*words, "--force")
        assert "is one of the files to read: give another name." in line
        assert {path: path.read_bytes() for path in tmp_path.glob("*.*")} == before


# --- classify


def test_classify_scores_the_models_on_held_out_spectra(tmp_path, training, monkeypatch):
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest", "svm": "SVM"})
    out = tmp_path / "scores"
    result = run("classify", training, "-o", out)
    assert result.exit_code == 0, result.stderr
    assert "48 to train on, 12 to test" in result.stdout
    stored = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    assert (stored["n_train"], stored["n_test"], stored["source"]) == (48, 12, "easy.fits")
    assert set(stored["models"]) == {"random forest", "SVM"}
    for result_of_one in stored["models"].values():
        assert result_of_one["scores"]["accuracy"] == 1
        assert result_of_one["confusion"] == np.eye(3).tolist()
    assert (out / "confusion_matrices.png").read_bytes().startswith(b"\x89PNG")
    assert len(re.findall(r"1\.000 \(0\.\d{3}-1\.000\)", result.stdout)) == 4
    assert fail("classify", training, "-o", out)[0].endswith("add --force to replace it.")


def test_a_file_that_is_there_twice_is_split_by_object(tmp_path, training, monkeypatch):
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest"})
    twin = tmp_path / "twin.fits"
    twin.write_bytes(training.read_bytes())
    done = run("classify", training, twin)
    assert done.exit_code == 0, done.stderr
    assert "of 60 objects, each kept together: 96 to train on, 24 to test." in done.stdout
    assert (
        ", of 60 objects"
        in run("train", training, twin, "-o", tmp_path / "m", "--model", "svm").stdout
    )
    told = run("check", training, twin).stdout.splitlines()
    assert [line.split()[0] for line in told] == ["Good:", "Good:", "Note:"]
    assert "60 spectra repeat an earlier one, with equal flux" in told[-1]
    assert "Their classes agree." in told[-1]


def test_classify_replaces_a_model_of_another_job_only_with_force(tmp_path, training, monkeypatch):
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest"})
    (tmp_path / "forest.model").write_text("old")
    with monkeypatch.context() as early:
        early.setattr(classify, "read_prepared", None)
        (line,) = fail("classify", training, "-o", tmp_path)
    assert line.endswith("forest.model is there already: add --force to replace it.")
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest", "nothing": "none"})
    assert "nothing" in fail("classify", training, "-o", tmp_path, "--force")[0]
    assert "forest.model is there" in fail("classify", training, "-o", tmp_path, "--seed", 2)[0]
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest", "svm": "SVM"})
    assert "interrupted" in run("classify", training, "-o", tmp_path).stdout


def test_classify_goes_on_after_an_interruption_between_model_and_scores(
    tmp_path, training, monkeypatch
):
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest"})
    with monkeypatch.context() as cut:
        cut.setattr("spectra_helpers.models.save_model", cut_after(save_model))
        assert "cut" in fail("classify", training, "-o", tmp_path)[0]
    assert (tmp_path / "forest.model").is_file()
    assert run("classify", training, "-o", tmp_path).exit_code == 0


def cut_after(function):
    def call(*given):
        function(*given)
        raise ValueError("cut")

    return call


def test_classify_leaves_no_empty_folder_behind(tmp_path):
    (tmp_path / "notes.fits").write_text("hello")
    assert "not a FITS file" in fail("classify", tmp_path / "notes.fits", "-o", tmp_path / "out")[0]
    assert not (tmp_path / "out").exists()


def test_classify_says_at_once_that_the_folder_is_a_file(tmp_path):
    for name in ("notes.fits", "out"):
        (tmp_path / name).write_text("hello")
    message = fail("classify", tmp_path / "notes.fits", "-o", tmp_path / "out")[0]
    assert message.endswith("out is a file: give the name of a folder.")


def test_classify_goes_on_after_an_interruption(tmp_path, training, monkeypatch):
    out = tmp_path / "scores"
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest", "nothing": "none"})
    assert "nothing" in fail("classify", training, "-o", out)[0]
    assert not (out / "scores.json").exists()
    assert (out / "forest.model").is_file()
    (out / "forest.model").touch()
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest"})
    fitted = []
    fit = classify.fit_prepared
    monkeypatch.setattr(
        classify, "fit_prepared", lambda *given: fitted.append(given) or fit(*given)
    )
    done = run("classify", training, "-o", out)
    assert done.exit_code == 0
    assert "(of the interrupted run)" in done.stdout
    assert not fitted
    assert (out / "scores.json").is_file()
    assert not (out / classify.UNFINISHED).exists()
    # another seed is another job; and a file without probabilities is of no use
    unfinished = (out / "scores.json").read_text(encoding="utf-8")
    for words in (["--seed", "2"], []):
        (out / classify.UNFINISHED).write_text(unfinished)
        again = run("classify", training, "-o", out, "--force", *words)
        assert "interrupted" not in again.stdout
    assert len(fitted) == 2


def test_classify_does_not_take_up_the_run_of_another_survey(tmp_path, easy_set, monkeypatch):
    surveys = [tmp_path / name / "easy.fits" for name in ("one", "other")]
    for path, flux in zip(surveys, (easy_set.flux, easy_set.flux[::-1]), strict=True):
        path.parent.mkdir()
        write_spectra(path, SpectraSet(flux, easy_set.label, easy_set.objid))
    assert surveys[0].stat().st_size == surveys[1].stat().st_size
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest", "nothing": "none"})
    for path, found in zip(surveys[:1] * 2 + surveys[1:], (False, True, False), strict=True):
        done = run("classify", path, "-o", tmp_path / "scores", "--force")
        assert ("interrupted" in done.stdout) is found


def test_stored_models_of_classify_take_raw_spectra(tmp_path, training, easy_set, monkeypatch):
    monkeypatch.setattr(classify, "MODEL_TITLES", {"svm": "SVM"})
    assert run("classify", training, "-o", tmp_path / "x").exit_code == 0
    out = tmp_path / "out.csv"
    assert run("predict", tmp_path / "x" / "svm.model", training, "-o", out).exit_code == 0
    assert [row["label"] for row in read_table(out)] == [CLASSES[k] for k in easy_set.label]


def test_probabilities_of_a_network_add_up_to_one():
    class Rounded:
        classes_ = np.array([0, 2])

        def predict_proba(self, flux):
            return np.full((len(flux), 2), 0.50000006, np.float32)

    proba = predict_proba(Rounded(), np.ones((4, 3000)))
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(proba[:, 1], 0)


def test_classify_runs_the_models_of_the_recipe_and_the_traditional_one():
    assert list(classify.MODEL_TITLES) == ["forest", "svm", "templates", "cnn"]


def test_models_vote(tmp_path, training, monkeypatch):
    monkeypatch.setattr(classify, "MODEL_TITLES", {"forest": "random forest", "svm": "SVM"})
    monkeypatch.setattr(classify, "VOTERS", ("forest", "svm"))
    done = run("classify", training, "-o", tmp_path / "x")
    assert done.exit_code == 0, done.stderr
    stored = json.loads((tmp_path / "x" / "scores.json").read_text(encoding="utf-8"))["models"]
    assert stored[classify.VOTE]["scores"]["accuracy"] == 1
    assert not any("proba" in result for result in stored.values())
    forest, svm = (tmp_path / "x" / f"{name}.model" for name in ("forest", "svm"))
    tables = []
    for words in ([forest], [svm], [forest, "--with", svm]):
        out = tmp_path / f"{len(tables)}.csv"
        assert run("predict", *words, training, "-o", out).exit_code == 0
        tables.append([[float(row[f"p_{name}"]) for name in CLASSES] for row in read_table(out)])
    one, other, both = np.array(tables)
    expected = np.sqrt(one * other)
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(both, expected, atol=2e-3)  # of probabilities with six digits
    assert "no.model" in fail("predict", forest, "--with", tmp_path / "no.model", training,
                              "-o", tmp_path / "out.csv")[0]  # fmt: skip

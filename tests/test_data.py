import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from spectra_helpers import simulate
from spectra_helpers.data import (
    WAVELENGTH,
    SpectraSet,
    group_objects,
    join_sets,
    require_labels,
    sample_rows,
    split_rows,
    split_train_test,
)
from spectra_helpers.files import read_spectra, write_spectra
from spectra_helpers.lessons import TIERS, load_lesson_data
from spectra_helpers.lessons import tiers as lesson_data


def make_set(n_galaxies, n_quasars, n_stars, **options):
    label = np.repeat([0, 1, 2], [n_galaxies, n_quasars, n_stars])
    flux = np.arange(len(label))[:, None] + np.ones(3000)
    return SpectraSet(flux, label, np.arange(len(label)), **options)


# --- SpectraSet


def test_grid_is_the_published_one():
    assert len(WAVELENGTH) == 3000
    assert (WAVELENGTH[0], WAVELENGTH[-1]) == (3900, 9000)
    np.testing.assert_allclose(np.diff(WAVELENGTH), 5100 / 2999)


def test_set_brings_its_arrays_to_their_types():
    spectra = SpectraSet([[1, 2, 3]], [2], [2**60 + 1], wavelength=np.arange(3.0))
    assert spectra.flux.dtype == np.float32
    assert spectra.label.dtype == spectra.objid.dtype == np.int64
    assert spectra.objid[0] == 2**60 + 1


@pytest.mark.parametrize("rows", [slice(2, 5), [4, 0], np.arange(9) % 2 == 0, 3, -1])
def test_indexing_gives_a_smaller_set(rows):
    truth = Table({"z": np.arange(9) / 10})
    spectra = make_set(3, 3, 3, truth=truth, source="here")
    part = spectra[rows]
    expected = np.atleast_1d(np.arange(9)[rows])
    np.testing.assert_array_equal(part.objid, expected)
    np.testing.assert_array_equal(part.flux[:, 0], expected + 1)
    np.testing.assert_array_equal(part.label, expected // 3)
    np.testing.assert_array_equal(part.truth["z"], expected / 10)
    assert (len(part), part.source) == (len(expected), "here")


def test_set_tells_what_it_is():
    spectra = make_set(1000, 2, 3, source="a.fits")
    assert spectra.counts() == {"galaxy": 1000, "quasar": 2, "star": 3}
    assert (spectra.class_name(0), spectra.class_name(1004)) == ("galaxy", "star")
    expected = "1,005 spectra (1,000 galaxy, 2 quasar, 3 star) of 3,000 pixels from a.fits"
    assert str(spectra) == expected
    assert "1 unknown" in str(SpectraSet(np.ones((1, 3000)), [-1], [0]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"flux": np.ones(3000)}, "one spectrum a row"),
        ({"flux": np.ones((3, 2999))}, "one spectrum a row"),
        ({"label": [0, 1]}, "label has shape"),
        ({"label": [[0], [1], [2]]}, "label has shape"),
        ({"label": [0.9, 1.5, 2.2]}, "whole numbers"),
        ({"label": [0, 1, 3]}, r"Labels \[3\] mean nothing"),
        ({"objid": [1, 2, 3, 4]}, "objid has shape"),
        ({"truth": Table({"z": [1.0]})}, "truth has 1 rows for 3 spectra"),
        ({"ivar": np.ones((3, 2999))}, r"ivar has shape \(3, 2999\) for flux of shape \(3, 3000\)"),
        ({"ivar": np.ones(3000)}, "give one value a pixel"),
    ],
)
def test_set_refuses_arrays_that_disagree(change, words):
    good = {"flux": np.ones((3, 3000)), "label": [0, 1, 2], "objid": [1, 2, 3]}
    with pytest.raises(ValueError, match=words):
        SpectraSet(**good | change)


@pytest.mark.parametrize("rows", [slice(2, 5), [4, 0], np.arange(9) % 2 == 0, 3, -1])
def test_inverse_variance_goes_with_its_spectrum(rows):
    ivar = np.arange(9 * 3000.0).reshape(9, 3000)
    part = make_set(3, 3, 3, ivar=ivar)[rows]
    assert part.ivar.dtype == np.float32
    np.testing.assert_array_equal(part.ivar, np.atleast_2d(ivar[rows]).astype(np.float32))
    assert make_set(3, 3, 3)[rows].ivar is None


def test_joined_sets_keep_the_inverse_variance_that_all_of_them_have():
    known = make_set(1, 2, 3, ivar=np.full((6, 3000), 2))
    more, without = make_set(1, 0, 0, ivar=np.full((1, 3000), 3)), make_set(1, 1, 1)
    assert join_sets([known, more]).ivar[:, 5].tolist() == [2] * 6 + [3]
    assert join_sets([known, without]).ivar is None
    assert join_sets([without, known]).ivar is None
    assert join_sets([without, without]).ivar is None


# --- splits and samples


def test_split_keeps_every_spectrum_once_and_the_class_mix():
    spectra = make_set(340, 100, 560)
    train, test = split_train_test(spectra)
    assert test.counts() == {"galaxy": 68, "quasar": 20, "star": 112}
    both = np.concatenate([train.objid, test.objid])
    np.testing.assert_array_equal(np.sort(both), spectra.objid)
    np.testing.assert_array_equal(test.flux[:, 0], test.objid + 1)


def test_split_depends_on_its_seed_alone():
    spectra = make_set(34, 10, 56)
    first, again, other = (split_train_test(spectra, seed=seed)[1].objid for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)


@pytest.mark.parametrize(
    ("spectra", "test_size", "words"),
    [
        (make_set(10, 1, 10), 0.2, "Too few spectra: 1 quasar"),
        (make_set(10, 0, 10), 0.2, "Too few spectra: 0 quasar"),
        (make_set(3, 3, 3), 0.2, "choose another test_size"),
        (make_set(9, 9, 9), 0.95, "choose another test_size"),
        (make_set(9, 9, 9), 1.5, "choose another test_size"),
        (SpectraSet(np.ones((9, 3000)), np.arange(9) % 3 - 1, range(9)), 0.4, "have no label"),
    ],
)
def test_split_refuses_what_cannot_be_split(spectra, test_size, words):
    with pytest.raises(ValueError, match=words):
        split_train_test(spectra, test_size=test_size)


def test_require_labels_counts_each_class():
    require_labels(make_set(5, 5, 5), each=5)
    with pytest.raises(ValueError, match=r"4 quasar\. Give at least 5"):
        require_labels(make_set(5, 4, 5), each=5)


def test_sample_has_the_class_mix_and_no_row_twice():
    label = np.repeat([0, 1, 2], [3427, 1011, 5562])
    label = np.random.default_rng(0).permutation(label)
    rows = sample_rows(label, 600)
    assert len(np.unique(rows)) == 600
    np.testing.assert_allclose(np.bincount(label[rows]), [205.6, 60.7, 333.7], atol=1)
    assert np.all(np.diff(rows) > 0)
    np.testing.assert_array_equal(sample_rows(label, 20000), np.arange(10000))


# --- the data of the lessons


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SPECTRA_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.delenv("SPECTRA_DATA", raising=False)
    monkeypatch.setenv("SPECTRA_TIER", "tiny")
    return tmp_path / "data"


@pytest.fixture
def small_tiers(monkeypatch):
    monkeypatch.setattr(lesson_data, "TIERS", {"tiny": 40, "lesson": 50, "full": 60})


def test_simulated_file_is_made_once_in_the_training_format(folder, small_tiers):
    spectra = load_lesson_data()
    assert spectra.source == "simulated survey, tier tiny, 40 spectra"
    (path,) = folder.iterdir()
    assert path.name == f"simulated_tiny_seed1_v{simulate.VERSION}.fits"
    np.testing.assert_array_equal(read_spectra(path).flux, spectra.flux)
    assert {"z", "subtype", "snr"} <= set(spectra.truth.colnames)
    made = path.stat().st_mtime_ns
    assert load_lesson_data(n=7).source == "simulated survey, tier tiny, 7 spectra"
    assert path.stat().st_mtime_ns == made


def test_new_version_of_the_simulation_makes_a_new_file(folder, small_tiers, monkeypatch):
    load_lesson_data()
    monkeypatch.setattr(lesson_data, "VERSION", "next")
    load_lesson_data()
    assert len(list(folder.iterdir())) == 2


def test_argument_goes_before_the_environment(folder, small_tiers, monkeypatch):
    assert len(load_lesson_data("lesson")) == 50
    monkeypatch.setenv("SPECTRA_TIER", "lesson")
    assert len(load_lesson_data()) == 50
    monkeypatch.delenv("SPECTRA_TIER")
    assert len(load_lesson_data()) == 50


def test_lesson_that_repeats_often_takes_no_larger_tier(folder, small_tiers, monkeypatch):
    assert len(load_lesson_data("full", most="lesson")) == 50
    assert len(load_lesson_data("tiny", most="lesson")) == 40
    monkeypatch.setenv("SPECTRA_TIER", "full")
    assert load_lesson_data(most="tiny").source == "simulated survey, tier tiny, 40 spectra"
    with pytest.raises(ValueError, match="no tier 'huge'"):
        load_lesson_data(most="huge")


@pytest.mark.parametrize("n", [0, 601])
def test_more_spectra_than_the_tier_has_are_refused(folder, n):
    with pytest.raises(ValueError, match="ask for 1 to 600"):
        load_lesson_data("tiny", n=n)


def test_unknown_tier_is_refused(folder, monkeypatch):
    monkeypatch.setenv("SPECTRA_TIER", "huge")
    with pytest.raises(ValueError, match=r"no tier 'huge'.*tiny, lesson, full"):
        load_lesson_data()


def test_given_data_replace_the_simulation(folder, tmp_path, monkeypatch):
    for name in ("a.fits", "b.fits"):
        write_spectra(tmp_path / name, make_set(400, 100, 500))
    both = os.pathsep.join(str(tmp_path / name) for name in ("a.fits", "b.fits"))
    monkeypatch.setenv("SPECTRA_DATA", both)
    spectra = load_lesson_data()
    assert len(spectra) == TIERS["tiny"]
    assert spectra.counts() == {"galaxy": 240, "quasar": 60, "star": 300}
    assert spectra.source == "a.fits and 1 more file"
    assert not folder.exists()
    monkeypatch.setenv("SPECTRA_DATA", str(tmp_path / "a.fits"))
    assert len(load_lesson_data("lesson")) == 1000
    monkeypatch.setenv("SPECTRA_DATA", os.pathsep.join([str(tmp_path / "a.fits")] * 2))
    assert len(load_lesson_data("lesson")) == 1000  # a file that is named twice counts once


def test_given_data_that_are_not_there_are_named(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("SPECTRA_DATA", str(tmp_path / "none.fits"))
    with pytest.raises(ValueError, match=r"none\.fits, which is not a file: correct the path"):
        load_lesson_data()


def test_folder_is_that_of_the_project_or_a_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("SPECTRA_DATA_FOLDER", raising=False)
    assert lesson_data.data_folder() == Path(lesson_data.__file__).parents[2] / "data"
    monkeypatch.setattr(
        lesson_data, "__file__", str(tmp_path / "site-packages" / "x" / "y" / "data.py")
    )
    assert lesson_data.data_folder().name == "spectra-helpers"


def test_two_processes_can_make_the_same_file(folder):
    code = (
        "from spectra_helpers.lessons import tiers as d; d.TIERS['tiny'] = 30;"
        "print(d.load_lesson_data('tiny').flux.sum())"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert answers[0] == answers[1]
    assert len(list(folder.iterdir())) == 1


def test_importing_the_package_is_quick():
    code = (
        "import sys, spectra_helpers.data;"
        "print([name for name in ('tensorflow', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- objects that are there more than once


def test_spectra_are_of_one_object_by_name_or_by_equal_flux_or_by_a_chain_of_both():
    objid = [5, 7, 7, 8, 9, 0, 0, -1, -1, 12]
    flux = np.arange(10.0)[:, None] + np.ones((10, 3000))
    flux[4] = flux[2]  # 9 is 7 under another name
    flux[8] = flux[5]
    spectra = SpectraSet(flux, np.zeros(10), objid)
    assert group_objects(spectra).tolist() == [0, 1, 1, 2, 1, 3, 4, 5, 3, 6]


def test_split_keeps_all_spectra_of_an_object_on_one_side():
    rng = np.random.default_rng(0)
    label = np.repeat([0, 1, 2], [100, 20, 80])
    objects = rng.permutation(np.append(np.arange(200), rng.integers(0, 200, 300)))
    train, test = split_rows(label[objects], 0.25, seed=4, objects=objects)
    assert not set(objects[train]) & set(objects[test])
    np.testing.assert_array_equal(np.sort(np.append(train, test)), np.arange(500))
    assert np.bincount(label[np.unique(objects[test])]).tolist() == [25, 5, 20]


def test_a_split_of_single_objects_is_the_split_of_rows():
    label = np.arange(90) % 3
    for ours, rows in zip(
        split_rows(label, seed=3, objects=np.random.default_rng(0).permutation(90)),
        split_rows(label, seed=3),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, rows)


def test_training_and_test_share_no_object_and_no_flux():
    spectra = make_set(40, 40, 40)
    twice = join_sets([spectra, spectra])
    train, test = split_train_test(twice)
    assert not set(train.objid) & set(test.objid)
    nameless = replace(twice, objid=np.zeros(len(twice), int))
    train, test = split_train_test(nameless)
    assert len(train) + len(test) == 240
    parts = split_train_test(twice, by_object=False)
    assert set(parts[0].objid) & set(parts[1].objid)  # as the recipe does
    assert not set(train.flux[:, 0]) & set(test.flux[:, 0])


def test_too_few_objects_are_refused_however_many_spectra_there_are():
    with pytest.raises(ValueError, match=r"test_size=0\.2 of 4 objects leaves a part"):
        split_rows(np.arange(40) % 2, objects=np.arange(40) % 4)

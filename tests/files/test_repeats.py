"""Spectra that are there twice, and objects that were observed again."""

import numpy as np
import pytest

from spectra_helpers.data import SpectraSet
from spectra_helpers.files import Repeats, open_spectra, read_spectra, write_spectra
from spectra_helpers.files.repeats import join_objids


def draw(n, first=1, seed=0):
    flux = np.random.default_rng(seed).normal(5, 1, (n, 3000))
    return SpectraSet(flux, np.arange(n) % 3, np.arange(first, first + n))


@pytest.mark.parametrize(
    ("objids", "expected"),
    [
        ([[1, 2, 3], [1, 2]], [1, 2, 3, 1 + 2**40, 2 + 2**40]),  # both count their rows
        ([[1, 2, 3], [4, 5]], [1, 2, 3, 4, 5]),
        ([[1, 2, 3], [3, 1, 1]], [1, 2, 3, 3, 1, 1]),  # the second has names: copies of the first
        ([[0, 1], [5, 5], [0, 1]], [0, 1, 5, 5, 2**41, 2**41 + 1]),
        ([[77], [77]], [77, 77]),  # survey files, one spectrum each
    ],
)
def test_files_that_count_their_rows_share_no_object(objids, expected):
    joined = join_objids([np.array(objid) for objid in objids])
    assert joined.tolist() == expected


def test_a_set_of_two_surveys_has_as_many_objects_as_spectra(tmp_path):
    for k in range(2):
        write_spectra(tmp_path / f"{k}.fits", draw(6, seed=k))
    spectra = read_spectra(tmp_path)
    assert len(np.unique(spectra.objid)) == 12


def find(folder):
    repeats = Repeats()
    for file in open_spectra(folder).iterate_files():
        repeats.add(file)
    return repeats.tell()


def test_nothing_is_said_of_spectra_that_differ(tmp_path):
    write_spectra(tmp_path / "a.fits", draw(6))
    write_spectra(tmp_path / "b.fits", draw(6, seed=1))
    assert find(tmp_path) == []


def test_equal_spectra_of_two_files_are_named_and_those_of_other_classes_first(tmp_path):
    one = draw(9)
    write_spectra(tmp_path / "a.fits", one)
    flux, label = one.flux[[8, 3, 4]], np.array([2, 0, 2])  # row 4 of a is a quasar
    write_spectra(tmp_path / "b.fits", SpectraSet(flux, label, [50, 20, 31]))
    (sentence,) = find(tmp_path)
    assert sentence.startswith("3 spectra repeat an earlier one, with equal flux")
    assert "1 of them have another class" in sentence
    assert f"{tmp_path / 'b.fits'} row 2 beside {tmp_path / 'a.fits'} row 4" in sentence
    assert sentence.endswith(": star and quasar.")


def test_objects_that_were_observed_again_are_said(tmp_path):
    spectra = draw(6)
    write_spectra(tmp_path / "a.fits", SpectraSet(spectra.flux, spectra.label, [4, 5, 6, 4, 5, 0]))
    (sentence,) = find(tmp_path)
    assert sentence.startswith("2 spectra repeat an earlier one, with the same objid")
    assert "row 3 beside" in sentence
    assert sentence.endswith("row 0.")
    write_spectra(
        tmp_path / "b.fits", SpectraSet(-spectra.flux, spectra.label, [0, 0, 0, -9, -9, 0])
    )
    assert len(find(tmp_path)) == 1

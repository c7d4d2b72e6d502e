"""Examples that lessons show: known spectra, the best of a kind, the file they are in."""

import numpy as np
import pytest
from astropy.table import Table

from spectra_helpers.data import SpectraSet
from spectra_helpers.files import read_spectra
from spectra_helpers.lessons import find_lesson_files, known_spectra, load_lesson_data, pick_example


@pytest.fixture
def five():
    truth = Table(
        {
            "z": [0.0, 0.0, 0.1, 0.3, 2.0],
            "subtype": ["G2V", "G8V", "passive", "passive", "typical"],
            "snr": [20.0, 90.0, 15.0, 40.0, 11.0],
        }
    )
    flux = np.ones((5, 3000)) * np.arange(1, 6)[:, None]
    return SpectraSet(flux, [2, 2, 0, 0, 1], np.arange(5), truth=truth)


def test_the_best_example_has_the_highest_snr(five):
    assert pick_example(five, "star", "G") == 1
    assert pick_example(five, "star", "G2") == 0
    assert pick_example(five, "galaxy") == 3
    assert pick_example(five, "galaxy", redshift=(0.0, 0.2)) == 2


def test_a_clear_example_of_an_odd_shape_is_not_chosen():
    rng = np.random.default_rng(0)
    slope = np.ones((20, 3000)) + np.linspace(-0.2, 0.2, 3000) * rng.normal(1, 0.1, (20, 1))
    slope[7] = np.geomspace(0.01, 3, 3000)  # the clearest one is far too red
    snr = np.full(20, 10.0)
    snr[[2, 7, 9, 11]] = 90, 95, 91, 92
    truth = Table({"z": np.ones(20), "subtype": ["typical"] * 20, "snr": snr})
    chosen = pick_example(SpectraSet(slope, np.ones(20), np.arange(20), truth=truth), "quasar")
    assert chosen in (2, 9, 11)


def test_no_example_is_told(five):
    with pytest.raises(ValueError, match=r"No quasar.*ask for a wider range"):
        pick_example(five, "quasar", redshift=(3, 4))


def test_known_spectra_are_the_lessons_own_or_simulated(five, easy_set):
    assert known_spectra(five) is five
    simulated = known_spectra(easy_set, n=4)
    assert len(simulated) == 4
    assert "simulated" in simulated.source
    assert set(simulated.truth.colnames) >= {"z", "subtype", "snr"}


def test_lesson_files_are_what_lessons_load(monkeypatch):
    monkeypatch.delenv("SPECTRA_DATA", raising=False)
    (path,) = find_lesson_files("tiny")
    np.testing.assert_array_equal(read_spectra(path).flux, load_lesson_data("tiny").flux)
    monkeypatch.setenv("SPECTRA_DATA", str(path))
    assert find_lesson_files("lesson") == [path]

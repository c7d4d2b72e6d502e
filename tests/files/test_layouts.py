"""The list of layouts: each recognises its own files and no others."""

import numpy as np
import pytest
from survey_files import (
    DR5_ROWS,
    LAMOST_WAVELENGTH,
    LOGLAM,
    make_rows,
    write_image,
    write_lamost_table,
    write_sdss,
)

from spectra_helpers.data import SpectraSet
from spectra_helpers.files import open_spectra, read_spectra, write_spectra
from spectra_helpers.files.fits_file import open_fits
from spectra_helpers.files.layouts import LAYOUTS
from spectra_helpers.files.survey import NativeSpectrum, survey_layout


def write_training(path, n=4):
    write_spectra(path, SpectraSet(np.ones((n, 3000)), np.arange(n) % 3, np.arange(n)))
    return path


def write_dr1(path):
    return write_image(path, make_rows(), EXTEN0="Flux Inverse Subcontinuum Andmask Ormask")


def write_dr5(path):
    return write_image(path, make_rows(row2=LAMOST_WAVELENGTH), EXTEN0=DR5_ROWS)


FILES = {
    "training file": write_training,
    "training file of five spectra": lambda path: write_training(path, 5),
    "LAMOST DR1": write_dr1,
    "LAMOST DR5": write_dr5,
    "LAMOST DR9": write_lamost_table,
    "SDSS": lambda path: write_sdss(path, 10**LOGLAM, LOGLAM, about={"CLASS": "QSO"}),
}


@pytest.mark.parametrize("kind", FILES)
def test_each_layout_identifies_its_own_files_only(tmp_path, kind):
    path = FILES[kind](tmp_path / "a.fits")
    with open_fits(path) as hdus:
        claims = [layout.name for layout in LAYOUTS if layout.identify(hdus)]
    assert len(claims) == 1
    assert kind.startswith(claims[0])
    (file,) = open_spectra(path).files
    assert (file.layout, file.is_training) == (claims[0], kind.startswith("training"))


def test_every_layout_has_a_file_here():
    assert {layout.name for layout in LAYOUTS} <= set(FILES)
    assert len({layout.name for layout in LAYOUTS}) == len(LAYOUTS)


def test_all_layouts_are_read_as_one_set(tmp_path):
    kinds = "training file", "training file of five spectra", "LAMOST DR1", "LAMOST DR5"
    kinds += "LAMOST DR9", "SDSS"
    paths = [FILES[kind](tmp_path / f"{i}.fits") for i, kind in enumerate(kinds)]
    spectra = read_spectra(paths)
    assert spectra.label.tolist() == [0, 1, 2, 0, 0, 1, 2, 0, 1, 2, 2, 2, 1]
    assert spectra.source == "0.fits and 1 more file and 4 real survey files"
    assert spectra.truth is None  # the training files have none
    some = read_spectra(paths, rows=[12, 3, 9])
    assert some.label.tolist() == [1, 0, 2]
    np.testing.assert_array_equal(some.flux, spectra.flux[[12, 3, 9]])
    real = read_spectra(paths[2:])
    assert real.truth.colnames == ["z", "subtype", "snr", "n_bridged", "path"]
    assert real.truth["path"].tolist() == [str(path) for path in paths[2:]]


def test_lamost_table_is_read(tmp_path):
    rows = make_rows(flux=0.01 * LAMOST_WAVELENGTH, row2=LAMOST_WAVELENGTH)
    rows[0, 500], rows[3, 500] = -900, 4
    path = write_lamost_table(tmp_path / "a.fits.gz", rows, CLASS="QSO", OBSID=9, SNRR=7.5)
    (file,) = open_spectra(path).files
    (x,) = file.spectra
    assert (x.layout, x.label, x.objid, x.snr, x.n_bridged) == ("LAMOST DR9", 1, 9, 7.5, 1)
    assert str(file) == "a.fits.gz: quasar, z = 0.00100, SNR 8, LAMOST DR9, 1 pixels bridged"


def test_a_new_layout_is_one_more_entry_and_may_hold_many_spectra(tmp_path, monkeypatch):
    def read_plate(hdus, path):
        about = {"subclass": "", "redshift": np.nan, "snr": 5.0}
        return [
            NativeSpectrum(
                np.linspace(3800, 9200, 4000),
                np.full(4000, 10.0 + i),
                np.zeros(4000, bool),
                about | {"label": i, "objid": 100 + i},
            )
            for i in range(3)
        ]

    plate = survey_layout(
        "plate", "image of 7 rows", lambda hdus: hdus[0].shape == (7, 7), read_plate
    )
    monkeypatch.setattr("spectra_helpers.files.open.LAYOUTS", (*LAYOUTS, plate))
    write_image(tmp_path / "a.fits", np.zeros((7, 7)))
    opened = open_spectra([write_dr1(tmp_path / "b.fits"), tmp_path / "a.fits"])
    assert [len(file) for file in opened.files] == [1, 3]
    assert str(opened.files[1]).endswith("a.fits: 3 spectra (1 galaxy, 1 quasar, 1 star)")
    np.testing.assert_allclose(opened.read([3, 1]).flux[:, 0], [12, 10], rtol=1e-6)
    (batch,) = opened.batches()
    assert batch.rows.tolist() == [0, 0, 1, 2]
    assert batch.objid.tolist() == [0, 100, 101, 102]


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 2**70, "text"])
def test_numbers_that_no_file_should_hold_stop_nothing(tmp_path, number):
    from spectra_helpers.files.survey import as_int

    assert as_int(number) == 0

"""Inverse variance: from the pixels of a survey to a training file, and back."""

import gzip
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from survey_files import (
    DR5_ROWS,
    LAMOST_WAVELENGTH,
    LOGLAM,
    make_rows,
    write_image,
    write_lamost_table,
    write_sdss,
)

from spectra_helpers.data import WAVELENGTH, SpectraSet
from spectra_helpers.files import (
    check_file,
    find_edges,
    open_spectra,
    read_spectra,
    rebin_flux,
    write_spectra,
)
from spectra_helpers.files import open as open_module
from spectra_helpers.files.rebin import rebin_ivar

RNG = np.random.default_rng(11)
EDGES = find_edges(WAVELENGTH)
WIDTH = 5100 / 2999  # Å
LAMOST_EDGES = find_edges(LAMOST_WAVELENGTH)
SDSS_EDGES = find_edges(10 ** LOGLAM.astype(np.float32).astype(float))


def find_overlaps(edges_in, edges_out):
    """The part of each new pixel (row) that each old one (column) covers, pair by pair."""
    first = np.maximum(edges_in[:-1], edges_out[:-1, None])
    last = np.minimum(edges_in[1:], edges_out[1:, None])
    return np.clip(last - first, 0, None) / np.diff(edges_out)[:, None]


def average_squares(wavelength):
    """Mean of Σ w² where pixels of 1e-4 dex come to those of the grid, over all positions.

    The overlap of two boxes of widths d and W is a trapezoid as one of them moves.
    """
    d = wavelength * np.log(10) * 1e-4
    small, large = np.minimum(d, WIDTH), np.maximum(d, WIDTH)
    return small**2 * (large - small / 3) / (d * WIDTH**2)


def make_set(n, ivar=True, first=0):
    flux = RNG.normal(100, 5, (n, 3000)).astype(np.float32)
    weight = RNG.uniform(0, 3, (n, 3000)).astype(np.float32) if ivar else None
    truth = Table({"z": np.arange(n) / 10})
    return SpectraSet(flux, np.arange(n) % 3, first + np.arange(n), truth=truth, ivar=weight)


# --- rebinning


@pytest.mark.parametrize("edges", [LAMOST_EDGES, SDSS_EDGES, 3900 + np.arange(0, 5200, 0.9)])
def test_variance_is_that_of_a_mean_weighted_by_overlaps(edges):
    ivar = RNG.uniform(0.1, 10, len(edges) - 1)
    share = find_overlaps(edges, EDGES)
    covered = share.sum(axis=1) > 1 - 1e-9
    expected = np.where(covered, 1 / (share**2 @ (1 / ivar)), 0)
    np.testing.assert_allclose(rebin_ivar(edges, ivar, EDGES), expected, rtol=1e-6)


def test_variance_is_that_of_rebinned_noise():
    sigma = 1 + 0.5 * np.sin(LAMOST_WAVELENGTH / 300)
    noise = [rebin_flux(LAMOST_EDGES, RNG.normal(0, sigma), EDGES) for _ in range(3000)]
    ratio = np.std(noise, axis=0) * np.sqrt(rebin_ivar(LAMOST_EDGES, sigma**-2, EDGES))
    assert np.mean(ratio) == pytest.approx(1, abs=0.002)
    assert np.max(np.abs(ratio - 1)) < 5 / np.sqrt(2 * 3000)


def test_neighbours_are_correlated_as_the_documentation_says():
    ivar = rebin_ivar(LAMOST_EDGES, np.ones(len(LAMOST_WAVELENGTH)), EDGES)
    noise = [
        rebin_flux(LAMOST_EDGES, RNG.normal(0, 1, len(LAMOST_WAVELENGTH)), EDGES)
        for _ in range(1000)
    ]
    means, variance = (x.reshape(-1, 100, 30).mean(-1) for x in (np.array(noise), 1 / ivar[None]))
    ratio = np.std(means, axis=0) / np.sqrt(variance[0] / 30)
    # in truth the mean over a length has the variance of all old pixels in it
    centre = WAVELENGTH.reshape(100, 30).mean(1)
    expected = np.sqrt(centre * np.log(10) * 1e-4 / WIDTH / average_squares(centre))
    assert np.median(ratio / expected) == pytest.approx(1, abs=0.02)
    assert expected[[0, -1]] == pytest.approx([1.10, 1.30], abs=0.01)


def test_constant_inverse_variance_of_a_file(tmp_path):
    rows = make_rows(ivar=np.full(len(LAMOST_WAVELENGTH), 4.0))
    ivar = read_spectra(write_image(tmp_path / "a.fits", rows), ivar=True).ivar[0]
    assert (ivar.dtype, ivar.shape) == (np.float32, (3000,))
    squares = (find_overlaps(LAMOST_EDGES, EDGES) ** 2).sum(axis=1)
    np.testing.assert_allclose(ivar, 4 / squares, rtol=1e-5)
    ratio = 4 / ivar / average_squares(WAVELENGTH)
    assert np.median(ratio.reshape(30, 100).mean(axis=1)) == pytest.approx(1, abs=0.003)


def test_pixels_that_stay_the_same_keep_their_inverse_variance():
    ivar = RNG.uniform(0, 3, 3000)
    ivar[[0, 70, 2999]] = 0
    np.testing.assert_allclose(rebin_ivar(EDGES, ivar, EDGES), ivar, rtol=1e-9)
    for rounded in (np.nextafter(EDGES, 0), np.nextafter(EDGES, 1e5)):
        np.testing.assert_allclose(rebin_ivar(rounded, ivar, EDGES), ivar, rtol=1e-6)


# --- what was not measured


def write_dr1(path, rows):
    return write_image(path, rows, EXTEN0="Flux Inverse Subcontinuum Andmask Ormask")


def write_dr5(path, rows):
    rows[2] = LAMOST_WAVELENGTH
    return write_image(path, rows, EXTEN0=DR5_ROWS)


def write_dr9(path, rows):
    rows[2] = LAMOST_WAVELENGTH
    return write_lamost_table(path, rows)


def write_spec(path, rows):
    ivar = np.where(rows[3] == 0, rows[1], 0)
    return write_sdss(path, rows[0], np.log10(LAMOST_WAVELENGTH), ivar, about={"CLASS": "STAR"})


@pytest.mark.parametrize("write", [write_dr1, write_dr5, write_dr9, write_spec])
def test_new_pixels_with_a_bad_part_are_not_measured(tmp_path, write):
    rows = make_rows(ivar=np.full(len(LAMOST_WAVELENGTH), 2.0))
    masked, dead, odd = 1000, 1700, (2400, 2500, 2600)
    rows[3, masked], rows[0, dead], rows[1, dead] = 4, 0, 0
    rows[1, odd] = np.nan, np.inf, -3
    if write is write_spec:
        rows[1, odd[1]] = 0  # SDSS's pixels of infinite weight are no bad ones
    spectra = read_spectra(write(tmp_path / "a.fits", rows), ivar=True)
    share = find_overlaps(LAMOST_EDGES, EDGES)[:, [masked, dead, *odd]].sum(axis=1)
    clear = (share == 0) | (share > 1e-3)  # float32 wavelengths are off by 0.0003 Å
    np.testing.assert_array_equal(spectra.ivar[0][clear] == 0, share[clear] > 0)
    assert np.isfinite(spectra.flux).all()


def test_ends_that_the_file_does_not_cover_are_not_measured(tmp_path):
    wavelength = 10 ** np.arange(np.log10(4500), np.log10(8000), 1e-4)
    path = write_sdss(tmp_path / "a.fits", np.ones(len(wavelength)), np.log10(wavelength))
    ivar = read_spectra(path, ivar=True).ivar[0]
    assert np.all(ivar[WAVELENGTH < 4498] == 0)
    assert np.all(ivar[WAVELENGTH > 8002] == 0)
    assert np.all(ivar[(WAVELENGTH > 4503) & (WAVELENGTH < 7997)] > 0)


def test_a_file_of_zero_weights_tells_nothing(tmp_path):
    path = write_dr1(tmp_path / "a.fits", make_rows(ivar=np.zeros(len(LAMOST_WAVELENGTH))))
    (file,) = open_spectra(path).files
    assert (file.has_ivar, file.spectra[0].ivar) == (False, None)
    assert read_spectra(path, ivar=True).ivar is None


# --- real spectra


def test_signal_to_noise_of_real_spectra_is_that_of_their_headers(real_folder):
    spectra = open_spectra(real_folder).read(ivar=True)
    ratio = []
    for flux, ivar, truth in zip(spectra.flux, spectra.ivar, spectra.truth, strict=True):
        in_r = (WAVELENGTH > 5600) & (WAVELENGTH < 7000)
        used = (ivar > 0) & (in_r | ("sdss" in truth["path"]))
        # headers speak of the survey's own pixels: undo what averaging them gains
        own = flux * np.sqrt(ivar * average_squares(WAVELENGTH))
        ratio.append(np.median(own[used]) / truth["snr"])
    assert len(ratio) == len(spectra) > 0
    assert abs(np.median(ratio) - 1) < 0.1
    assert np.mean(np.abs(np.array(ratio) - 1) < 0.2) > 0.95


def test_faint_real_spectra_are_read_with_their_inverse_variance(real_folder):
    path = real_folder.parent / "faint" / "faint_dev.fits.gz"
    if not path.is_file():
        pytest.skip(f"no faint spectra at {path}")
    spectra = read_spectra(path, ivar=True)
    np.testing.assert_array_equal(spectra.ivar, fits.getdata(path, "IVAR"))
    known = spectra.ivar.any(axis=1)
    assert 0 < known.sum() < len(spectra)
    assert check_file(path) == []
    (batch,) = open_spectra(path).batches(ivar=True)
    np.testing.assert_array_equal(batch.ivar, spectra.ivar)


# --- the IVAR image of a training file


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_inverse_variance_is_written_and_read_back(tmp_path, ending):
    spectra = make_set(603)
    path = tmp_path / f"a.fits{ending}"
    write_spectra(path, spectra)
    with fits.open(path) as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "", "TRUTH", "IVAR"]
        assert (hdus["IVAR"].header["BITPIX"], hdus["IVAR"].shape) == (-32, (603, 3000))
        np.testing.assert_array_equal(hdus["IVAR"].data, spectra.ivar)
        assert hdus.verify("exception") is None
    assert check_file(path) == []
    np.testing.assert_array_equal(read_spectra(path, ivar=True).ivar, spectra.ivar)
    some = read_spectra(path, [602, 3, 500, 3], ivar=True)
    np.testing.assert_array_equal(some.ivar, spectra.ivar[[602, 3, 500, 3]])
    np.testing.assert_array_equal(some.flux, spectra.flux[[602, 3, 500, 3]])
    assert len(list(tmp_path.iterdir())) == 1


def test_an_inverse_variance_of_which_nothing_is_known_is_not_written(tmp_path):
    nothing = SpectraSet(np.ones((3, 3000)), [0, 1, 2], [1, 2, 3], ivar=np.zeros((3, 3000)))
    write_spectra(tmp_path / "a.fits", nothing)
    with fits.open(tmp_path / "a.fits") as hdus:
        assert "IVAR" not in hdus


def test_it_is_read_only_where_it_is_asked_for(tmp_path):
    for name, ivar in (("with.fits", True), ("without.fits", False)):
        write_spectra(tmp_path / name, make_set(300, ivar))
    assert read_spectra(tmp_path / "with.fits").ivar is None
    assert read_spectra(tmp_path / "without.fits", ivar=True).ivar is None
    assert next(open_spectra(tmp_path / "with.fits").batches()).ivar is None
    assert next(open_spectra(tmp_path / "without.fits").batches(ivar=True)).ivar is None
    peaks = {}
    for name in ("with.fits", "without.fits"):
        tracemalloc.start()
        read_spectra(tmp_path / name)
        peaks[name] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks["with.fits"] == pytest.approx(peaks["without.fits"], rel=0.02)


def test_files_with_and_without_are_read_together(tmp_path, monkeypatch):
    monkeypatch.setattr(open_module, "BATCH", 10)
    a, b, d = make_set(23, first=100), make_set(8, ivar=False), make_set(30, ivar=False)
    write_spectra(tmp_path / "a.fits.gz", a)
    write_spectra(tmp_path / "b.fits", b)
    write_image(tmp_path / "c.fits", make_rows())
    write_spectra(tmp_path / "d.fits", d)
    opened = open_spectra(tmp_path)
    spectra = opened.read(ivar=True)
    np.testing.assert_array_equal(spectra.ivar[:23], a.ivar)
    assert spectra.ivar[31].all()
    assert not spectra.ivar[23:31].any()
    assert not spectra.ivar[32:].any()
    batches = list(opened.batches(ivar=True))
    assert [len(batch.rows) for batch in batches] == [10, 10, 11, 11, 10, 10]
    assert [batch.ivar is None for batch in batches] == [False] * 4 + [True] * 2
    np.testing.assert_array_equal(np.concatenate([x.ivar for x in batches[:4]]), spectra.ivar[:42])
    assert opened.read(slice(23, 31), ivar=True).ivar is None
    np.testing.assert_array_equal(opened.read([31, 5], ivar=True).ivar, spectra.ivar[[31, 5]])


def test_compressed_images_are_both_read_forward(tmp_path, monkeypatch):
    monkeypatch.setattr(open_module, "BATCH", 2)
    write_spectra(tmp_path / "a.fits.gz", make_set(25))
    opened = open_spectra(tmp_path / "a.fits.gz")
    assert opened.files
    places = {}
    seek = gzip.GzipFile.seek
    monkeypatch.setattr(
        gzip.GzipFile,
        "seek",
        lambda self, *to: (
            (len(to) == 1 and places.setdefault(id(self), []).append(to[0])) or seek(self, *to)
        ),
    )
    batches = list(opened.batches(ivar=True))
    assert len(batches) == 13
    back = [sum(after < before for before, after in pairwise(x)) for x in places.values()]
    assert sum(back) == 2  # each of the two goes back once, from the headers to its image


def test_bad_rows_take_their_inverse_variance_along(tmp_path):
    spectra = make_set(25)
    write_spectra(tmp_path / "a.fits", spectra)
    with fits.open(tmp_path / "a.fits", mode="update") as hdus:
        hdus[0].data[3], hdus["IVAR"].data[7, 5] = 0, np.nan
    good = np.delete(np.arange(25), [3, 7])
    told = []
    opened = open_spectra(tmp_path / "a.fits", told.append)
    read, (batch,) = opened.read(ivar=True), opened.batches(ivar=True)
    for some in (read, batch):
        np.testing.assert_array_equal(some.objid, good)
        np.testing.assert_array_equal(some.ivar, spectra.ivar[good])
    np.testing.assert_array_equal(read.truth["z"], good / 10)
    problems = check_file(tmp_path / "a.fits")
    assert told == problems * 2
    assert problems[1].endswith(
        "a.fits has negative, NaN or infinite values of IVAR in row 7: write 0 where nothing was "
        "measured."
    )
    assert len(open_spectra(tmp_path / "a.fits", told.append).read()) == 24  # its flux is good


def append(path, hdu):
    write_spectra(path, make_set(12, ivar=False))
    hdu.name = "IVAR"
    with fits.open(path, mode="append") as hdus:
        hdus.append(hdu)
    return path


WRONG_SHAPES = {
    r"image of shape \(12, 2999\)": fits.ImageHDU(np.ones((12, 2999), np.float32)),
    r"image of shape \(11, 3000\)": fits.ImageHDU(np.ones((11, 3000), np.float32)),
    r"image of shape \(3000,\)": fits.ImageHDU(np.ones(3000, np.float32)),
    r"image of shape \(\)": fits.ImageHDU(),
    "that is a table": fits.BinTableHDU.from_columns([fits.Column("a", "D", array=[1.0])]),
}


@pytest.mark.parametrize("words", WRONG_SHAPES)
def test_another_shape_is_refused_by_check_and_by_reading(tmp_path, words):
    path = append(tmp_path / "a.fits", WRONG_SHAPES[words])
    (problem,) = check_file(path)
    assert str(path) in problem
    assert problem.endswith("it needs an image of 12 rows × 3000 pixels, or no IVAR.")
    with pytest.raises(ValueError, match=words) as error:
        read_spectra(path)
    assert str(error.value) == problem


@pytest.mark.parametrize("value", [-1e-9, np.nan, np.inf, -np.inf, 1e39])
def test_values_that_mean_nothing_are_refused_and_never_written(tmp_path, value):
    ivar = np.ones((12, 3000))
    ivar[[2, 9], [0, 2999]] = value
    path = append(tmp_path / "a.fits", fits.ImageHDU(ivar))
    (problem,) = check_file(path)
    assert "values of IVAR in rows 2, 9" in problem
    with pytest.raises(ValueError, match="values of IVAR in rows 2, 9") as error:
        read_spectra(path, ivar=True)
    assert str(error.value) == problem
    with np.errstate(over="ignore"):
        spectra = SpectraSet(np.ones((12, 3000)), np.zeros(12), np.arange(12), ivar=ivar)
    with pytest.raises(ValueError, match=r"NaN or infinite in rows 2, 9: give 0"):
        write_spectra(tmp_path / "b.fits", spectra)
    assert not (tmp_path / "b.fits").exists()


def test_a_file_that_ends_within_its_inverse_variance_is_truncated(tmp_path):
    write_spectra(tmp_path / "a.fits", make_set(12))
    whole = (tmp_path / "a.fits").read_bytes()
    (tmp_path / "a.fits").write_bytes(whole[:-20_000])
    (problem,) = check_file(tmp_path / "a.fits")
    assert "a.fits is truncated" in problem

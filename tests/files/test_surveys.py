import csv

import numpy as np
import pytest
from astropy.io import fits
from survey_files import LAMOST_WAVELENGTH, make_rows, write_image, write_sdss

from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.files import find_edges, open_spectra, read_spectra, rebin_flux
from spectra_helpers.files.layouts import LAYOUTS
from spectra_helpers.lines import get_line

EDGES = find_edges(WAVELENGTH)
SURVEY_CLASSES = {"GALAXY": "galaxy", "QSO": "quasar", "STAR": "star"}


@pytest.fixture(scope="session")
def manifest(real_folder):
    if not (real_folder / "manifest.csv").is_file():
        pytest.skip(f"no manifest.csv in {real_folder}")
    with open(real_folder / "manifest.csv", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="session")
def real(real_folder, manifest):
    return {path: read_survey_file(real_folder / path) for path in manifest}


def read_survey_file(path):
    """The one spectrum of a survey file, with what is known of it."""
    (file,) = open_spectra(path).files
    (spectrum,) = file.spectra
    return spectrum


# --- rebinning


def test_rebinning_keeps_the_flux():
    rng = np.random.default_rng(1)
    edges = 3900 + np.sort(np.r_[0, rng.uniform(0, 5100, 2500), 5100])
    flux = rng.normal(10, 3, 2501)
    new_edges = np.linspace(3900, 9000, 1301)
    new = rebin_flux(edges, flux, new_edges)
    assert np.sum(new * np.diff(new_edges)) == pytest.approx(np.sum(flux * np.diff(edges)), 1e-12)


def test_rebinning_to_the_same_pixels_changes_nothing():
    flux = np.random.default_rng(2).normal(10, 3, 3000)
    np.testing.assert_allclose(rebin_flux(EDGES, flux, EDGES), flux, rtol=1e-9)


def test_rebinning_a_ramp_is_exact_where_pixels_are_joined():
    edges = np.linspace(4000, 8000, 4001)
    middle = (edges[1:] + edges[:-1]) / 2
    joined = edges[::4]
    new = rebin_flux(edges, 3 + 0.5 * middle, joined)
    np.testing.assert_allclose(new, 3 + 0.5 * (joined[1:] + joined[:-1]) / 2, rtol=1e-10)


def test_rebinning_keeps_flux_centre_and_width_of_a_line():
    edges = find_edges(LAMOST_WAVELENGTH)
    sigma, centre = 4.0, 6564.6
    line = np.exp(-0.5 * ((LAMOST_WAVELENGTH - centre) / sigma) ** 2)
    new = rebin_flux(edges, line, EDGES)
    total = np.sum(new * np.diff(EDGES))
    assert total == pytest.approx(sigma * np.sqrt(2 * np.pi), rel=1e-4)
    mean = np.sum(new * WAVELENGTH) / np.sum(new)
    assert mean == pytest.approx(centre, abs=0.02)
    variance = np.sum(new * (WAVELENGTH - mean) ** 2) / np.sum(new)
    # a pixel of either grid adds its own variance, width² / 12
    pixels = (1.51**2 + 1.7**2) / 12
    assert np.sqrt(variance) == pytest.approx(np.sqrt(sigma**2 + pixels), abs=0.03)


def test_rebinning_beyond_the_ends_gives_no_flux():
    new = rebin_flux(
        np.array([10.0, 20.0, 30.0]), np.array([1.0, 3.0]), np.array([0, 10, 25, 40.0])
    )
    np.testing.assert_allclose(new, [0, 25 / 15, 1.0])


# --- every layout, from a file made for the test


def test_lamost_dr1_takes_wavelength_from_the_coefficients(tmp_path):
    header = {"EXTEN0": "Flux Inverse Subcontinuum Andmask Ormask", "SN_R": 33.0}
    header |= {"LMJD": 55862, "SPID": 6, "FIBERID": 3, "SUBCLASS": "G5"}
    x = read_survey_file(write_image(tmp_path / "a.fits", make_rows(), **header))
    assert (x.layout, x.label, x.subclass, x.snr) == ("LAMOST DR1", 2, "G5", 33.0)
    assert x.objid == 5586206003
    assert x.n_bridged == 0
    np.testing.assert_allclose(x.flux, 100 + 0.01 * WAVELENGTH, rtol=1e-4)


def test_lamost_dr5_takes_wavelength_from_row_2(tmp_path):
    shifted = LAMOST_WAVELENGTH + 20
    rows = make_rows(flux=0.01 * shifted, row2=shifted)
    header = {"EXTEN0": "Flux, Inverse, Wavelength, Andmask, Ormask", "OBSID": 101005, "SNRR": 9.5}
    x = read_survey_file(write_image(tmp_path / "a.fits.gz", rows, **header, COEFF0=9.9))
    assert (x.layout, x.objid, x.snr) == ("LAMOST DR5", 101005, 9.5)
    np.testing.assert_allclose(x.flux, 0.01 * WAVELENGTH, rtol=1e-4)


@pytest.mark.parametrize("name", ["CLASS", "class"])
def test_sdss_takes_class_and_redshift_from_the_third_hdu(tmp_path, name):
    about = {name: "QSO", "SUBCLASS": "BROADLINE", "Z": 2.5, "SN_MEDIAN_ALL": 7.0}
    loglam = np.arange(3.55, 4.0, 1e-4)
    path = write_sdss(tmp_path / "a.fits", 10**loglam, loglam, about=about | {"SPECOBJID": 77})
    x = read_survey_file(path)
    assert (x.label, x.subclass, x.redshift, x.snr, x.objid) == (1, "BROADLINE", 2.5, 7.0, 77)
    np.testing.assert_allclose(x.flux, WAVELENGTH, rtol=1e-3)


def test_sdss_number_too_long_for_an_integer_becomes_plate_night_fibre(tmp_path):
    loglam = np.arange(3.55, 4.0, 1e-4)
    about = {"SPECOBJID": "9" * 20, "PLATE": 4055, "MJD": 55359, "FIBERID": 10}
    path = write_sdss(tmp_path / "a.fits", 10**loglam, loglam, about=about)
    assert read_survey_file(path).objid == 4055_55359_0010


def test_a_spectrum_without_class_has_no_label(tmp_path):
    loglam = np.arange(3.55, 4.0, 1e-4)
    x = read_survey_file(write_sdss(tmp_path / "a.fits", 10**loglam, loglam))
    assert x.label is None
    assert np.isnan([x.redshift, x.snr]).all()
    y = read_survey_file(write_image(tmp_path / "b.fits", make_rows(), CLASS="Unknown"))
    assert y.label is None
    both = read_spectra([tmp_path / "a.fits", tmp_path / "b.fits"])
    assert both.label.tolist() == [-1, -1]
    assert "unknown" in str(x)


# --- bad pixels and ends


def test_dead_pixels_are_bridged_and_counted(tmp_path):
    rows = make_rows()
    dead = (LAMOST_WAVELENGTH > 6000) & (LAMOST_WAVELENGTH < 6100)
    rows[0, dead] = rows[1, dead] = 0
    rows[0, 100] = np.nan  # at 3786 Å: outside the grid, so mended but not counted
    x = read_survey_file(write_image(tmp_path / "a.fits", rows))
    assert x.n_bridged == dead.sum()
    np.testing.assert_allclose(x.flux, 100 + 0.01 * WAVELENGTH, rtol=1e-3)


def test_lamost_lines_with_inverse_variance_zero_are_kept(tmp_path):
    core = np.abs(LAMOST_WAVELENGTH - 4862.7) < 8
    rows = make_rows()
    rows[0, core], rows[1, core] = 80, 0
    x = read_survey_file(write_image(tmp_path / "a.fits", rows))
    assert x.n_bridged == 0
    assert x.flux[np.argmin(np.abs(WAVELENGTH - 4862.7))] == pytest.approx(80)


def test_masked_pixels_and_the_bright_sky_line_are_bridged(tmp_path):
    rows = make_rows()
    spike = np.abs(LAMOST_WAVELENGTH - 5578.9) < 3
    rows[0, spike], rows[1, spike] = 5000, 0
    rows[0, 2000], rows[3, 2000] = -900, 4
    rows[3, 2500] = 8  # bright sky only: the flux is kept
    x = read_survey_file(write_image(tmp_path / "a.fits", rows))
    assert x.n_bridged == spike.sum() + 1
    np.testing.assert_allclose(x.flux, 100 + 0.01 * WAVELENGTH, rtol=1e-3)


def test_sdss_pixels_of_no_weight_are_bridged(tmp_path):
    loglam = np.arange(3.55, 4.0, 1e-4)
    flux, ivar = 10**loglam, np.ones(len(loglam))
    flux[2000:2010], ivar[2000:2010] = 1e5, 0
    x = read_survey_file(write_sdss(tmp_path / "a.fits", flux, loglam, ivar))
    assert x.n_bridged == 10
    np.testing.assert_allclose(x.flux, WAVELENGTH, rtol=1e-3)


def test_ends_without_pixels_continue_flat(tmp_path):
    loglam = np.arange(np.log10(4500), np.log10(8000), 1e-4)
    flux = np.where(10**loglam < 6000, 10.0, 30.0)
    x = read_survey_file(write_sdss(tmp_path / "a.fits", flux, loglam))
    np.testing.assert_allclose(x.flux[WAVELENGTH < 5900], 10, rtol=1e-6)
    np.testing.assert_allclose(x.flux[WAVELENGTH > 6100], 30, rtol=1e-6)


# --- files that cannot be read


def test_unknown_layout_names_those_we_know(tmp_path):
    fits.PrimaryHDU(np.zeros((7, 7))).writeto(tmp_path / "a.fits")
    with pytest.raises(ValueError, match="none of the layouts") as error:
        read_survey_file(tmp_path / "a.fits")
    assert all(layout.name in str(error.value) for layout in LAYOUTS)


def test_dead_spectrum_is_refused(tmp_path):
    nothing = np.zeros(len(LAMOST_WAVELENGTH))
    not_a_number = np.nan * nothing
    dead = [make_rows(nothing, nothing), make_rows(nothing), make_rows(not_a_number)]
    for i, rows in enumerate(dead):
        with pytest.raises(ValueError, match="good pixels in"):
            read_survey_file(write_image(tmp_path / f"{i}.fits", rows))


def test_spectrum_of_other_wavelengths_is_refused(tmp_path):
    loglam = np.arange(np.log10(6300), np.log10(6800), 1e-4)
    with pytest.raises(ValueError, match="at least 50% is needed"):
        read_survey_file(write_sdss(tmp_path / "a.fits", 10**loglam, loglam))


@pytest.mark.parametrize("change", ["nan", "falling"])
def test_wavelengths_that_cannot_be_right_are_refused(tmp_path, change):
    wavelength = LAMOST_WAVELENGTH.copy()
    wavelength[50] = np.nan if change == "nan" else 9000
    path = write_image(
        tmp_path / "a.fits", make_rows(row2=wavelength), EXTEN0="Flux Inverse Wavelength"
    )
    with pytest.raises(ValueError, match="NaN or do not rise"):
        read_survey_file(path)


def test_image_without_wavelengths_is_refused(tmp_path):
    fits.PrimaryHDU(make_rows()).writeto(tmp_path / "a.fits")
    with pytest.raises(ValueError, match="tells no wavelengths"):
        read_survey_file(tmp_path / "a.fits")


def test_damaged_files_are_refused(tmp_path):
    whole = write_image(tmp_path / "a.fits", make_rows()).read_bytes()
    (tmp_path / "cut.fits").write_bytes(whole[:40000])
    packed = write_image(tmp_path / "b.fits.gz", make_rows()).read_bytes()
    (tmp_path / "cut.fits.gz").write_bytes(packed[: len(packed) // 2])
    for name, words in (
        ("cut.fits", "is truncated"),
        ("cut.fits.gz", "damaged"),
        ("none.fits", "is not there"),
    ):
        with pytest.raises(ValueError, match=words):
            read_survey_file(tmp_path / name)


def test_class_in_a_header_that_was_cut_is_not_taken_for_unknown(tmp_path):
    loglam = np.arange(3.55, 4.0, 1e-4)
    path = write_sdss(tmp_path / "a.fits", 10**loglam, loglam, about={"CLASS": "QSO"})
    with fits.open(path) as hdus:
        start = hdus[2].fileinfo()["hdrLoc"]
    path.write_bytes(path.read_bytes()[: start + 100])
    with pytest.raises(ValueError, match=r"a\.fits is truncated in a header"):
        read_survey_file(path)


def test_compressed_files_are_known_by_their_content(tmp_path):
    packed = write_image(tmp_path / "a.fits.gz", make_rows())
    named_plain = tmp_path / "b.fits"
    named_plain.write_bytes(packed.read_bytes())
    np.testing.assert_array_equal(read_survey_file(named_plain).flux, read_survey_file(packed).flux)
    whole = write_image(tmp_path / "c.fits", make_rows()).read_bytes()
    (tmp_path / "d.fits.gz").write_bytes(whole[:40000])
    with pytest.raises(ValueError, match=r"d\.fits\.gz is truncated"):
        read_survey_file(tmp_path / "d.fits.gz")


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    path = write_image(tmp_path / "a.fits", make_rows())

    def refuse(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ValueError, match=r"a\.fits cannot be read \(Permission denied\)"):
        read_survey_file(path)


def test_bad_files_among_good_ones_can_be_left_out(tmp_path):
    good = write_image(tmp_path / "good.fits", make_rows())
    (tmp_path / "bad.fits").write_text("no spectrum")
    with pytest.raises(ValueError, match="not a FITS file"):
        read_spectra(tmp_path)
    told = []
    spectra = open_spectra(tmp_path, on_error=told.append).read()
    assert spectra.truth["path"].tolist() == [str(good)]
    assert [str(tmp_path / "bad.fits") in sentence for sentence in told] == [True]


def test_files_of_macos_are_passed_over_and_upper_case_ones_found(tmp_path):
    for name in ("._a.fits", "._b.fits.gz", "notes.txt"):
        (tmp_path / name).write_bytes(b"\0\5\x16\7")
    for name in ("c.fits", "a.FITS", "b.fits.gz"):
        write_image(tmp_path / name, make_rows())
    (tmp_path / "b.fits.gz").rename(tmp_path / "b.FITS.GZ")
    found = [path.name for path in open_spectra(tmp_path).paths]
    assert found == ["a.FITS", "b.FITS.GZ", "c.fits"]
    assert len(read_spectra(tmp_path)) == 3


def test_folder_without_spectra_is_refused(tmp_path):
    with pytest.raises(ValueError, match="holds no FITS file"):
        read_spectra(tmp_path)


# --- the real files


def test_real_files_agree_with_the_manifest(real, manifest):
    assert len(real) == len(manifest) > 0
    for path, row in manifest.items():
        x = real[path]
        assert CLASSES[x.label] == SURVEY_CLASSES[row["class"]], path
        assert x.subclass.startswith(row["subclass"]), path
        assert x.redshift == pytest.approx(float(row["z"]), abs=1e-7), path
        if row["snr_r"]:
            assert x.snr == pytest.approx(float(row["snr_r"])), path
        assert np.isfinite(x.flux).all()
        assert x.flux.dtype == np.float32
    assert len({x.objid for x in real.values()}) == len(real)


def test_real_medians_are_those_of_the_files(real, real_folder):
    whole = {path: x for path, x in real.items() if x.n_bridged < 50}
    assert len(whole) > 0.7 * len(real)
    for path, x in whole.items():
        with fits.open(real_folder / path) as hdus:
            wavelength, flux = read_plainly(hdus)
        inside = (wavelength > 3900) & (wavelength < 9000) & (flux != 0)
        # pixels of the file are narrower in the blue: weigh them by their width
        order = np.argsort(flux[inside])
        width = np.gradient(wavelength)[inside][order]
        middle = np.searchsorted(np.cumsum(width), width.sum() / 2)
        expected = flux[inside][order][middle]
        spread = np.percentile(flux[inside], 84) - np.percentile(flux[inside], 16)
        assert abs(np.median(x.flux) - expected) < 0.05 * spread, path


def read_plainly(hdus):
    if hdus[0].data is not None:
        rows, header = hdus[0].data, hdus[0].header
        if "Wavelength" in header["EXTEN0"]:
            return rows[2].astype(float), rows[0].astype(float)
        return 10 ** (header["COEFF0"] + header["COEFF1"] * np.arange(rows.shape[1])), rows[0]
    table = hdus[1].data
    if "loglam" in table.names:
        return 10 ** table["loglam"].astype(float), table["flux"]
    return table["WAVELENGTH"][0].astype(float), table["FLUX"][0]


def find_extreme(x, name, half_width, sign):
    """Wavelength of the lowest (-1) or highest (+1) point near a line, by a parabola through 3."""
    expected = get_line(name).wavelength * (1 + x.redshift)
    near = np.flatnonzero(np.abs(WAVELENGTH - expected) < half_width)
    i = near[np.argmax(sign * x.flux[near])]
    below, here, above = (sign * x.flux[i + k].astype(float) for k in (-1, 0, 1))
    shift = 0.5 * (below - above) / (below - 2 * here + above)
    return WAVELENGTH[i] + shift * (WAVELENGTH[1] - WAVELENGTH[0]), expected


@pytest.mark.parametrize("name", ["Hα", "Na"])
def test_lines_of_real_stars_are_at_their_vacuum_wavelength(real, name):
    stars = [x for x in real.values() if x.subclass[:1] in ("F", "G", "K") and x.snr > 40]
    stars = [x for x in stars if x.n_bridged < 50]  # no dead run at the arm join
    assert len(stars) >= 10
    offsets = [np.subtract(*find_extreme(x, name, 5, -1)) for x in stars]
    # wavelengths in air would miss by 1.6 Å (Na) and 1.8 Å (Hα); a pixel is 1.7 Å
    assert abs(np.median(offsets)) < 0.6
    assert np.mean(np.abs(offsets) < 1.5) > 0.9


@pytest.mark.parametrize("name", ["[O III]", "Hα"])
def test_lines_of_real_galaxies_are_at_their_redshift(real, name):
    galaxies = [x for x in real.values() if x.subclass == "STARFORMING"]
    assert galaxies
    for x in galaxies:
        found, expected = find_extreme(x, name, 8, +1)
        assert found == pytest.approx(expected, abs=1.5), str(x)

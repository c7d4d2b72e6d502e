"""The spectrum browser: files of both kinds, every control at its ends, what it tells and saves."""

import base64
import html
import io
import re

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from PIL import Image
from widget_ends import find_ends, no_figure_left_open  # noqa: F401

from spectra_helpers import widgets
from spectra_helpers.data import CLASSES, WAVELENGTH, SpectraSet
from spectra_helpers.evaluate import estimate_snr
from spectra_helpers.files import open_spectra, write_spectra
from spectra_helpers.plotting import plot_stages
from spectra_helpers.preprocess import continuum_normalize, energy_normalize, smooth_savgol
from spectra_helpers.widgets.browser import group_files

LABEL = [0, 0, 1, 2, 0, 2]


@pytest.fixture(scope="module")
def survey():
    """Six noisy spectra with truth: galaxies 0, 1, 4, quasar 2, stars 3, 5."""
    rng = np.random.default_rng(3)
    flux = 20 + rng.normal(0, 1, (6, 3000)) + 9 * np.arange(6)[:, None]
    table = {"z": [0.1, 0.2, 2.0, 0.0, 0.1, 0.0], "subtype": list("abcdef"), "snr": [20.0] * 6}
    return SpectraSet(flux, LABEL, 100 + np.arange(6), truth=Table(table))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, survey):
    """Two training files, the second with stars only, and a survey file."""
    folder = tmp_path_factory.mktemp("files")
    write_spectra(folder / "many.fits", survey)
    write_spectra(folder / "stars.fits", survey[[3, 5]])
    hdu = fits.PrimaryHDU(np.ones((5, 3908), np.float32))
    hdu.data[0] = np.linspace(100, 200, 3908)
    hdu.data[3:] = 0
    hdu.header.update({"COEFF0": 3.5682, "COEFF1": 1e-4, "CLASS": "GALAXY", "OBSID": 7, "Z": 0.1})
    (folder / "real").mkdir()
    hdu.writeto(folder / "real" / "one.fits")
    return folder


@pytest.fixture
def browser(folder):
    return Browser([folder / "many.fits", folder / "stars.fits", folder / "real"])


class Browser:
    """The browser's controls by the first word of their labels, and its picture."""

    def __init__(self, names):
        self.grid, self.picture = widgets.browse_files(names).children
        self.controls = {c.description.split()[0]: c for c in self.grid.children}

    def __getitem__(self, word):
        return self.controls[word]

    @property
    def png(self):
        return base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', self.html)[1])

    @property
    def alt(self):
        return html.unescape(re.search(r'alt="([^"]+)"', self.html)[1])

    @property
    def html(self):
        return self.picture.value


def test_every_control_has_words_and_no_end_fails(browser):
    for control in browser.grid.children:
        assert len(control.description) > 3
        assert not getattr(control, "continuous_update", False)
        pictures = set()
        ends = find_ends(control)
        for end in ends:
            control.value = end
            assert browser.alt.endswith(".")
            assert "alert" not in browser.html
            pictures.add(browser.png)
        assert len(pictures) > 1 or "range of z" in control.description, control.description
        control.value = ends[0]


def test_selection_and_wavelengths_stay_while_other_controls_move(browser):
    browser["class"].value, browser["number"].value = "galaxy", 1
    browser["wavelengths"].value = (5000, 6000)
    for word, value in (("signal-to-noise", 5), ("smoothing", 21), ("redshift", 0.2)):
        browser[word].value = value
        assert (browser["class"].value, browser["number"].value) == ("galaxy", 1)
        assert browser["wavelengths"].value == (5000, 6000)
        assert "row 1, " in browser.alt
        assert "5000 to 5998 Å" in browser.alt


def test_place_in_each_class_and_file_is_remembered(browser):
    browser["class"].value, browser["number"].value = "galaxy", 2
    assert "row 4," in browser.alt
    browser["file"].value = "stars.fits"  # no galaxies there
    assert (browser["class"].value, browser["class"].options) == ("all", ("all", "star"))
    assert browser["number"].max == 1
    browser["file"].value = "many.fits"
    browser["class"].value = "galaxy"
    assert (browser["number"].value, browser["number"].max) == (2, 2)


def test_one_move_draws_once(browser, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        widgets.browser.p, "plot_stages", lambda *x: drawn.append(1) or plot_stages(*x)
    )
    browser["number"].value = 5
    browser["file"].value = "stars.fits"
    browser["file"].value = "real (1 survey file)"
    assert len(drawn) == 3


def test_truth_is_told_on_request_only(browser):
    browser["number"].value = 1
    assert not any(name in browser.alt for name in CLASSES)
    browser["show"].value = True
    assert "galaxy spectrum (row 1: galaxy, b, z = 0.2000, SNR 20)" in browser.alt


def test_survey_file_is_named(browser):
    browser["file"].value = "real (1 survey file)"
    assert "(one.fits, SNR about" in browser.alt
    browser["show"].value = True
    assert "galaxy spectrum (one.fits: galaxy, z = 0.1000" in browser.alt


def test_line_list_stands_at_the_redshift(browser):
    browser["range"].value = 5.0
    browser["redshift"].value = 2.0
    assert "C IV at 4647 Å" in browser.alt
    browser["line"].value = None
    assert "marked" not in browser.alt


def test_picture_holds_its_words_and_a_name_to_be_saved_under(browser):
    browser["number"].value = 2
    assert 'download="many.fits_row_2.png"' in browser.html
    assert Image.open(io.BytesIO(browser.png)).info["Description"] == browser.alt


def test_row_that_cannot_be_drawn_says_so_and_the_next_one_is_drawn(tmp_path, survey):
    write_spectra(tmp_path / "bad.fits", survey)
    with fits.open(tmp_path / "bad.fits", mode="update") as hdus:
        hdus[0].data[1, 5] = np.nan
    browser = Browser([tmp_path / "bad.fits"])
    browser["number"].value = 1
    assert 'role="alert"' in browser.html
    assert "1" in browser.html
    assert "<img" not in browser.html
    browser["number"].value = 2
    assert "row 2" in browser.alt


# --- files


def test_groups_read_single_spectra_of_both_kinds(folder, survey):
    groups = group_files(open_spectra(folder))
    assert list(groups) == ["many.fits", "stars.fits", "real (1 survey file)"]
    np.testing.assert_array_equal(groups["many.fits"].label, LABEL)
    one = groups["many.fits"].read([4])
    np.testing.assert_array_equal(one.flux[0], survey.flux[4])
    assert one.truth["subtype"][0] == "e"
    real = groups["real (1 survey file)"]
    assert real.label.tolist() == [0]
    assert (
        abs(real.read([0]).flux[0][0] - np.interp(np.log10(3900), [3.5682, 3.9589], [100, 200])) < 1
    )


def test_files_of_the_same_name_are_both_there(tmp_path, survey):
    (tmp_path / "a").mkdir()
    for path in (tmp_path / "x.fits", tmp_path / "a" / "x.fits"):
        write_spectra(path, survey)
    assert list(group_files(open_spectra(tmp_path))) == ["x.fits", "x.fits [2]"]


@pytest.mark.parametrize("text", [b"", b"no FITS file"])
def test_file_that_is_none_gets_a_sentence(tmp_path, text):
    (tmp_path / "x.fits").write_bytes(text)
    with pytest.raises(ValueError, match=r"x\.fits"):
        group_files(open_spectra(tmp_path / "x.fits"))


def test_bad_files_are_told_and_the_rest_is_shown(folder, tmp_path):
    (tmp_path / "<b>.fits").write_text("no FITS file")
    told, *rest = widgets.browse_files([tmp_path / "<b>.fits", folder / "stars.fits"]).children
    assert 'role="alert"' in told.value
    assert "Left out: " in told.value
    assert "&lt;b&gt;.fits is not a FITS file" in told.value
    assert rest[0].children[0].options == ("stars.fits",)


def test_real_survey_files_can_be_browsed(real_folder):
    browser = Browser([real_folder])
    for name in browser["file"].options:
        browser["file"].value = name
        assert re.search(r"\.fits(\.gz)?, SNR about", browser.alt)


# --- the plot


@pytest.mark.parametrize("normalize", ["energy", "continuum"])
def test_panels_show_raw_smoothed_and_normalized(survey, normalize):
    flux = survey.flux[3]
    fig = plot_stages(WAVELENGTH, flux, 11, normalize, (5000, 6000))
    top, bottom = fig.axes
    scale = {"energy": energy_normalize, "continuum": continuum_normalize}[normalize]
    shown = (WAVELENGTH >= 5000) & (WAVELENGTH <= 6000)
    smooth = smooth_savgol(flux, 11, 3)
    for line, expected in zip(
        [*top.lines[:2], *bottom.lines[:2]],
        [flux, smooth, scale(flux), scale(smooth)],
        strict=True,
    ):
        np.testing.assert_array_equal(line.get_xdata(), WAVELENGTH[shown])
        np.testing.assert_array_equal(line.get_ydata(), expected[shown])


@pytest.mark.parametrize("zoom", [(3900, 3900), (9000, 9000), (6000, 6001), (3900, 9000), None])
@pytest.mark.parametrize("window", [1, 2, 51])
def test_any_range_and_window_can_be_drawn(survey, zoom, window):
    arguments = (WAVELENGTH, survey.flux[0], window, "median", zoom, True, 5.0, 0, "title")
    fig = plot_stages(*arguments)
    low, high = fig.axes[1].get_xlim()
    assert 45 <= high - low <= 5100
    assert fig.alt_text.endswith(".")


def test_noise_brings_the_ratio_down_to_what_is_asked_for(browser, survey):
    assert estimate_snr(survey.flux[5]) > 30
    browser["number"].value = 5
    browser["signal-to-noise"].value = 5
    assert "noise added for SNR 5" in browser.alt
    clean = browser.png
    browser["redshift"].value = 0.1
    browser["redshift"].value = 0.0
    assert browser.png == clean  # the same noise again


def test_ratio_that_the_spectrum_does_not_have_is_told(browser):
    before = browser.png
    browser["signal-to-noise"].value = 100
    assert "no noise to add for SNR 100" in browser.alt
    assert browser.png != before

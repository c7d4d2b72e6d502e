"""The instrument and the stars against what is known independently of them."""

import astropy.units as u
import numpy as np
import pytest
from astropy.modeling.models import BlackBody
from numpy.testing import assert_allclose

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.lines import get_line
from spectra_helpers.simulate import instrument, simulate_survey, sky
from spectra_helpers.simulate.grid import OBSERVED_WAVELENGTH, PADDING, REST_WAVELENGTH
from spectra_helpers.simulate.rare_stars import make_white_dwarf
from spectra_helpers.simulate.star_population import simulate_star
from spectra_helpers.simulate.stars import planck, star_flux

FLAT = np.ones(len(OBSERVED_WAVELENGTH))


def measure_equivalent_width(flux, center, half_width=12.0, gap=18.0):
    """Equivalent width (Å) against the straight line between two side bands."""
    x = REST_WAVELENGTH
    sides = (np.abs(x - center) > half_width) & (np.abs(x - center) < gap)
    line = np.abs(x - center) <= half_width
    continuum = np.polyval(np.polyfit(x[sides], flux[sides], 1), x[line])
    return np.trapezoid(1 - flux[line] / continuum, x[line])


def test_planck_is_astropys_black_body():
    wavelength = np.linspace(2000, 9000, 50)
    scale = u.erg / (u.s * u.cm**2 * u.AA * u.sr)
    expected = BlackBody(6000 * u.K, scale=1 * scale)(wavelength * u.AA).value
    ratio = planck(wavelength, 6000) / expected
    assert_allclose(ratio, ratio[0], rtol=1e-3)


def test_balmer_lines_are_strongest_in_a_stars():
    temperatures = (4500, 5800, 7000, 9500, 17000, 30000)
    widths = [
        measure_equivalent_width(star_flux(t), get_line("Hβ").wavelength, 20, 60)
        for t in temperatures
    ]
    assert np.argmax(widths) == 3
    assert 8 < widths[3] < 18  # Å; Vega has about 12 within these limits


def test_suns_sodium_and_calcium_agree_with_the_solar_atlas():
    sun = star_flux(5777, 4.44, 0.0)
    sodium = measure_equivalent_width(sun, 5894.6, 8)
    assert 0.7 < sodium < 2.2  # D1 + D2 = 1.3 Å (Moore, Minnaert & Houtgast 1966), blends included
    triplet = measure_equivalent_width(sun, get_line("Ca II 8542").wavelength, 10)
    assert 1.5 < triplet < 5.0  # 3.7 Å with the far wings


def test_titanium_oxide_appears_in_m_stars_only():
    def depth(teff):
        flux = star_flux(teff, 4.6)
        inside = flux[(REST_WAVELENGTH > 7060) & (REST_WAVELENGTH < 7130)].mean()
        return inside / flux[(REST_WAVELENGTH > 7010) & (REST_WAVELENGTH < 7045)].mean()

    assert depth(5800) > 0.97
    assert depth(3300) < 0.85


def test_metals_weaken_with_metallicity_and_hydrogen_does_not():
    rich, poor = star_flux(6000, 4.4, 0.0), star_flux(6000, 4.4, -2.0)
    magnesium = get_line("Mg").wavelength - 8
    assert measure_equivalent_width(poor, magnesium) < 0.75 * measure_equivalent_width(
        rich, magnesium
    )
    hydrogen = [measure_equivalent_width(f, get_line("Hα").wavelength) for f in (rich, poor)]
    assert_allclose(hydrogen[1], hydrogen[0], rtol=0.25)


def test_star_moves_with_its_radial_velocity():
    for seed in range(20):
        flux, facts = simulate_star(np.random.default_rng(seed))
        assert flux.shape == OBSERVED_WAVELENGTH.shape
        assert np.isfinite(flux).all()
        assert flux.max() > 0
        assert abs(facts["z"]) < 0.003


def test_white_dwarfs_have_lines_broader_than_stars():
    rng = np.random.default_rng(0)
    dwarfs = [make_white_dwarf(rng) for _ in range(60)]
    hydrogen = [flux for flux, kind in dwarfs if kind == "DA"]
    assert len(hydrogen) > 30
    widths = [measure_equivalent_width(f, get_line("Hβ").wavelength, 80, 110) for f in hydrogen]
    assert np.max(widths) > 25  # Å; an A star has about 15


def test_reddening_follows_the_ratio_of_total_to_selective_extinction():
    reddened = instrument.redden(FLAT, 0.3)
    visual = np.argmin(np.abs(OBSERVED_WAVELENGTH - 5500))
    assert_allclose(-2.5 * np.log10(reddened[visual]), 3.1 * 0.3, rtol=0.02)
    assert reddened[0] < reddened[-1]


def test_blur_has_the_stated_width_and_keeps_flux():
    line = np.zeros_like(FLAT)
    line[500] = 1.0
    blurred = instrument.blur_arms(line, 3.0, 4.0)
    x = OBSERVED_WAVELENGTH
    width = np.sqrt(np.sum(blurred * (x - x[500]) ** 2) / blurred.sum()) * 2.3548
    assert_allclose(width, 3.0, rtol=0.05)
    assert_allclose(blurred.sum(), 1.0, rtol=1e-6)


@pytest.mark.parametrize("snr", [10, 40])
def test_noise_gives_the_stated_signal_to_noise(snr):
    window = (WAVELENGTH > 6000) & (WAVELENGTH < 6500)
    rng = np.random.default_rng(3)
    flat = np.ones(len(WAVELENGTH))
    scatter = [
        np.std(instrument.draw_survey_noise(flat, snr, rng, rng)[0][window]) for _ in range(40)
    ]
    assert_allclose(np.median(scatter), 1 / snr, rtol=0.1)


def test_noise_is_larger_in_the_blue_and_at_the_join():
    rng = np.random.default_rng(4)
    flat = np.ones(3000)
    sigma = np.mean(
        [instrument.draw_survey_noise(flat, 20, rng, rng)[1] for _ in range(50)], axis=0
    )
    at = {w: sigma[np.argmin(np.abs(WAVELENGTH - w))] for w in (3950, 5500, 5710, 7500)}
    assert at[3950] > 2 * at[5500]
    assert at[5710] > 1.3 * at[5500] > at[7500]


def test_instrument_does_not_know_the_class():
    results = [
        instrument.observe(FLAT + 0.0, label, np.random.default_rng(5)) for label in (0, 1, 2)
    ]
    assert len({facts["ebv"] for _, facts in results}) == 1
    assert results[0][0].shape == (3000,)
    assert len(FLAT) - 2 * PADDING == 3000


@pytest.mark.parametrize(("plates", "shared"), [((7, 7), True), ((7, 8), False)])
def test_spectra_of_one_plate_share_the_response(plates, shared):
    first, second = (
        instrument.observe(FLAT, 2, np.random.default_rng(row), True, np.random.default_rng(plate))
        for row, plate in enumerate(plates)
    )
    ratio = np.log(first[0] / second[0])
    dust = np.log(instrument.redden(FLAT, first[1]["ebv"] - second[1]["ebv"]))[PADDING:-PADDING]
    assert (np.ptp(ratio - dust) < 1e-3) == shared


def test_noiseless_spectra_are_the_truth_behind_the_same_rows():
    noisy = simulate_survey(60, seed=4)
    clean = simulate_survey(60, seed=4, noiseless=True)
    window = (WAVELENGTH > 6000) & (WAVELENGTH < 6250)
    noise = (noisy.flux - clean.flux)[:, window]
    level = np.median(clean.flux[:, window], axis=1)
    spread = 1.48 * np.median(np.abs(noise), axis=1)  # few cosmic rays and dead pixels do not count
    assert_allclose(np.median(level / spread / noisy.truth["snr"]), 1, atol=0.1)
    assert_allclose(np.median(np.median(noise, axis=1) / spread), 0, atol=0.1)
    assert (clean.flux == 0).sum() == 0 < (noisy.flux == 0).sum()
    assert np.array_equal(clean.label, noisy.label)


def test_inverse_variance_is_that_of_the_noise_and_tells_of_nothing_else():
    told, same = simulate_survey(120, seed=3, ivar=True), simulate_survey(120, seed=3)
    np.testing.assert_array_equal(told.flux, same.flux)
    assert same.ivar is None
    assert told.truth.colnames == same.truth.colnames
    np.testing.assert_array_equal(told.ivar == 0, told.flux == 0)
    clean = simulate_survey(120, seed=3, noiseless=True).flux
    error = (told.flux - clean) * np.sqrt(told.ivar)
    error = np.where(told.ivar > 0, error, np.nan)
    away = np.min(np.abs(WAVELENGTH[:, None] - np.array(sky.AIRGLOW)[:, 0]), axis=1)
    spread = 1.4826 * np.nanmedian(np.abs(error), axis=0)
    assert_allclose(np.median(spread[away > 15]), 1, atol=0.02)  # robust against cosmic rays
    assert np.median(spread[away < 1]) > 1.2  # badly subtracted sky


def test_deep_survey_tells_no_inverse_variance():
    with pytest.raises(ValueError, match="ask the published one"):
        simulate_survey(2, survey="deep", ivar=True)

"""Dust, joins, foreign light, noise and ends of the deep survey, one by one."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.simulate.deep import instrument, joins, noise, sky
from spectra_helpers.simulate.grid import OBSERVED_WAVELENGTH, STEP
from spectra_helpers.simulate.instrument import redden

FLAT = np.ones(len(OBSERVED_WAVELENGTH))


def test_dust_leaves_bands_and_saturating_sodium():
    def width_of(ebv, low, high):
        rng = np.random.default_rng(0)
        lost = 1 - instrument._absorb_by_dust(FLAT, ebv, rng) / redden(FLAT, ebv)
        return lost[(low < OBSERVED_WAVELENGTH) & (high > OBSERVED_WAVELENGTH)].sum() * STEP

    assert width_of(0.0, 4000, 9000) == pytest.approx(0, abs=1e-4)
    # Friedman et al. (2011): 1.2 Å at 6284 Å for E(B-V) = 1; 0.2 of scatter in ln
    assert width_of(1.0, 6270, 6300) == pytest.approx(1.2, rel=0.35)
    sodium = [width_of(ebv, 5880, 5910) for ebv in (0.1, 0.7, 1.4)]
    assert sodium[1] == pytest.approx(1.1, abs=0.25)  # Poznanski et al. (2012)
    assert sodium[2] < 1.2 * sodium[1]


def test_only_stars_lie_behind_the_galactic_plane():
    rng = np.random.default_rng(1)
    star, galaxy = ([instrument._draw_dust(k, rng) for _ in range(2000)] for k in (2, 0))
    assert np.mean(np.array(star) > 0.3) == pytest.approx(0.12, abs=0.04)
    assert np.mean(np.array(galaxy) > 0.3) < 0.01
    assert max(star) <= 1.5


def test_bad_joins_reach_a_factor_of_several_and_are_smooth_elsewhere():
    rng = np.random.default_rng(2)
    factors = np.array([joins.draw_join(rng) for _ in range(300)])
    assert 1 / 11 < factors.min() < 0.5  # a step of 3, half of it in each arm, and a bump of 6
    assert 2 < factors.max() < 11
    step = factors[:, -1] / factors[:, 0]
    assert np.abs(np.log(step)).max() < math.log(3.0) + 0.01
    assert np.mean(np.abs(np.log(step)) > 0.3) > 0.3
    ends = np.abs(np.diff(np.log(factors[:, :300]), axis=1)).max()
    assert ends < 0.01


def test_calibration_has_a_tail_of_bad_plates():
    rng = np.random.default_rng(3)
    drawn = [joins.draw_deep_response("BOSS", rng) for _ in range(400)]
    bad = np.array([flags & joins.FLAG_PLATE > 0 for _, flags in drawn])
    tilt = np.array([np.log(r[100:200].mean() / r[2200:2300].mean()) for r, _ in drawn])
    assert bad.mean() == pytest.approx(0.2, abs=0.06)
    assert tilt[bad].std() > 2 * tilt[~bad].std()
    joined = [flags & joins.FLAG_JOIN > 0 for _, flags in drawn]
    assert np.mean(joined) == pytest.approx(0.05, abs=0.03)


def test_lamps_and_moonlight_lie_where_they_must():
    mercury, sodium = sky._city_light()
    assert WAVELENGTH[mercury.argmax()] in (
        pytest.approx(4359.6, abs=STEP),
        pytest.approx(5462.3, abs=STEP),
    )
    peak = np.abs(WAVELENGTH - WAVELENGTH[sodium.argmax()])
    assert sodium[np.abs(WAVELENGTH - 5893.5) < 2].max() < 0.5 * sodium.max()
    assert peak.min() == 0
    moon = sky._moonlight()
    hydrogen = moon[np.abs(WAVELENGTH - 4862.7) < 3].mean()
    beside = moon[(np.abs(WAVELENGTH - 4862.7) > 20) & (np.abs(WAVELENGTH - 4862.7) < 40)].mean()
    assert hydrogen < 0.9 * beside  # Hβ of the Sun at redshift 0


def test_foreign_light_has_the_size_of_the_noise():
    rng = np.random.default_rng(4)
    sigma, clean = np.full(3000, 0.5, np.float32), np.ones(3000, np.float32)
    light = np.array([sky.draw_foreign_light(sigma, clean, rng) for _ in range(400)])
    size = np.abs(light).mean(axis=1)
    assert np.mean(size == 0) > 0.25
    assert 0.02 < np.median(size) < 0.3
    assert size.max() < 20 * 0.5


@pytest.mark.parametrize("name", noise.SPECTROGRAPHS)
def test_noise_has_the_signal_to_noise_that_was_drawn(name):
    rng = np.random.default_rng(5)
    flux = np.linspace(2.0, 1.0, 3000)
    for snr in (1.0, 5.0, 100.0):
        sigma = noise.draw_noise_level(flux, snr, name, rng)
        assert np.median((flux / sigma)[noise.SNR_WINDOW]) == pytest.approx(snr, rel=0.05)
        drawn = noise.draw_noise_of(sigma, rng) / sigma
        assert drawn.std() == pytest.approx(1, abs=0.06)


def test_spectrographs_differ_in_the_blue():
    rng = np.random.default_rng(6)
    blue = {
        name: np.mean([noise.draw_noise_level(np.ones(3000), 2, name, rng)[60] for _ in range(50)])
        for name in ("LAMOST", "SDSS", "DESI", "even")
    }
    assert blue["LAMOST"] > blue["SDSS"] > blue["even"]
    assert blue["LAMOST"] > blue["DESI"] > blue["even"]


def test_a_spectrum_without_light_in_the_window_keeps_finite_noise():
    flux = np.zeros(3000)
    flux[2000:] = 1.0  # a quasar beyond z = 5
    sigma = noise.draw_noise_level(flux, 3.0, "even", np.random.default_rng(0))
    assert np.isfinite(sigma).all()
    assert sigma.min() > 0
    assert np.median(sigma) == pytest.approx(0.3 * flux.mean() / 3.0, rel=0.3)


def test_smoothing_keeps_flux_and_has_its_width():
    line = np.zeros(301)
    line[150] = 1.0
    smooth = instrument._smooth(line, 8.0)
    assert smooth.sum() == pytest.approx(1, abs=1e-3)
    assert np.sum(smooth > smooth.max() / 2) * STEP == pytest.approx(8.0, abs=2 * STEP)
    assert_allclose(instrument._smooth(np.ones(100), 5.0), 1, rtol=1e-5)


def test_ends_that_are_missing_continue_flat():
    rng, short = np.random.default_rng(7), 0
    for _ in range(300):
        flux = np.random.default_rng(0).standard_normal(3000)
        if instrument._shorten(flux, rng):
            short += 1
            constant = np.flatnonzero(np.diff(flux) == 0)
            middle = (WAVELENGTH > 4710) & (WAVELENGTH < 7590)
            assert len(constant) > 10
            assert not middle[constant].any()
    assert short / 300 == pytest.approx(0.12, abs=0.05)


def test_noiseless_is_the_truth_behind_the_same_draws():
    noisy, facts = instrument.observe(FLAT, 0, np.random.default_rng(8))
    clean, same = instrument.observe(FLAT, 0, np.random.default_rng(8), noiseless=True)
    assert facts == same
    assert np.abs(np.diff(clean)).max() < np.abs(np.diff(noisy)).max()

"""Is there anything in it? Noise on smooth continua, and features whose strength is known."""

import numpy as np
import pytest

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.files import read_spectra
from spectra_helpers.models import LEAST_EVIDENCE, measure_evidence
from spectra_helpers.models.log_grid import make_log_edges
from spectra_helpers.preprocess import clip_spikes

SHAPE = np.log(WAVELENGTH / 6000)
EDGES = make_log_edges(1024)


def draw_continua(n, seed):
    """Smooth continua of mean level 1: power laws, bent a little."""
    rng = np.random.default_rng(seed)
    slope, bend = rng.uniform(-2.5, 2.5, (n, 1)), rng.uniform(-1.5, 1.5, (n, 1))
    flux = np.exp(slope * SHAPE + bend * SHAPE**2)
    return flux / flux.mean(axis=1, keepdims=True)


@pytest.mark.parametrize("kind", ["even", "blue", "bridged", "filled"])
def test_noise_on_a_smooth_continuum_is_no_evidence(kind):
    rng = np.random.default_rng(21)
    snr = np.geomspace(1, 30, 600)[:, None]
    noise = rng.normal(0, 1, (600, 3000)) / snr
    if kind == "blue":
        noise *= 1 + 3 * np.exp(-(WAVELENGTH - 3900) / 500)
    flux = draw_continua(600, 22) + noise
    if kind == "bridged":
        flux[:, 1500:1700] = 0
    if kind == "filled":
        flux[:, 2100:] = 0
    assert np.mean(measure_evidence(clip_spikes(flux)) < LEAST_EVIDENCE) > 0.98


@pytest.mark.parametrize("width", [1, 4, 16])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_box_is_measured_as_strong_as_it_is(width, sign):
    rng = np.random.default_rng(23)
    first = 500  # about 5,870 Å
    inside = (EDGES[first] <= WAVELENGTH) & (EDGES[first + width] > WAVELENGTH)
    noise, strength = 0.05, 25.0
    height = strength * noise / np.sqrt(inside.sum())
    flux = draw_continua(200, 24) + rng.normal(0, noise, (200, 3000)) + sign * height * inside
    assert np.median(measure_evidence(flux)) == pytest.approx(strength, rel=0.15)


def test_scale_does_not_matter():
    flux = draw_continua(30, 25) + np.random.default_rng(26).normal(0, 0.1, (30, 3000))
    flux = flux.astype(np.float32)
    expected = measure_evidence(flux)
    for scale in (1e-30, 1e-17, 1e5, 1e30):
        np.testing.assert_allclose(measure_evidence(flux * np.float32(scale)), expected, rtol=1e-3)
    assert measure_evidence(flux[0]) == pytest.approx(expected[0], rel=1e-5)


@pytest.mark.parametrize("name", ["break", "band", "broad line"])
def test_what_is_broad_is_found_too(name):
    feature = {
        "break": np.where(WAVELENGTH < 4800, 0.6, 1),
        "band": 1 - 0.3 * ((WAVELENGTH > 6150) & (WAVELENGTH < 6300)),
        "broad line": 1 + 0.5 * np.exp(-0.5 * ((WAVELENGTH - 5600) / 60) ** 2),
    }[name]
    rng = np.random.default_rng(27)
    flux = draw_continua(100, 28) * feature + rng.normal(0, 0.1, (100, 3000))
    assert np.mean(measure_evidence(flux) > LEAST_EVIDENCE) > 0.97


def test_odd_spectra_have_a_number():
    line = 1 + 3 * (np.abs(WAVELENGTH - 6000) < 10)
    flux = line + np.random.default_rng(29).normal(0, 0.1, 3000)
    half = np.where(WAVELENGTH > 7000, flux[1500], flux)
    noise = np.random.default_rng(30).normal(0, 1, 3000)
    ramp = np.linspace(1, 2, 3000)
    constant, ramp, smooth, lit, filled, negative, faint = measure_evidence(
        np.stack([np.full(3000, 3.0), ramp, SHAPE + 2, flux, half, -flux, noise])
    )
    assert max(constant, ramp, smooth, faint) < LEAST_EVIDENCE
    assert min(lit, filled, negative) > 20
    with pytest.raises(ValueError, match="NaN"):
        measure_evidence(np.full((1, 3000), np.nan))


def test_real_faint_spectra_hold_something(real_folder):
    path = real_folder.parent / "faint" / "faint_dev.fits.gz"
    if not path.is_file():
        pytest.skip(f"no faint spectra at {path}")
    evidence = measure_evidence(clip_spikes(read_spectra([path]).flux))
    assert np.mean(evidence > LEAST_EVIDENCE) >= 0.97

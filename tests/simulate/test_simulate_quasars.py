"""Quasars and what lies before them, against published numbers and analytic lines."""

import numpy as np
import pytest
from scipy import stats

from spectra_helpers.files import find_edges, rebin_flux
from spectra_helpers.simulate import absorbers, frame, quasars
from spectra_helpers.simulate.dust import calzetti_curve, smc_extinction
from spectra_helpers.simulate.grid import OBSERVED_EDGES, OBSERVED_WAVELENGTH
from spectra_helpers.simulate.quasar_traits import draw_quasar


def make_traits(rng, **changes):
    """Draw a quasar of ordinary kind; then set what a test wants to hold fixed."""
    traits = draw_quasar(rng)
    while traits["subtype"] != "typical":
        traits = draw_quasar(rng)
    return traits | {"host_fraction": 0.0, "ebv": 0.0, "absorption": None} | changes


def rest_stack(z, n, seed=0):
    """Median of many quasars at one redshift, each divided by its own median."""
    rng = np.random.default_rng(seed)
    flux = [quasars.render_quasar(make_traits(rng, z=z), rng) for _ in range(n)]
    return OBSERVED_WAVELENGTH / (1 + z), np.median([f / np.median(f) for f in flux], axis=0)


def equivalent_width(wavelength, flux, blue, red, line):
    """Equivalent width above a straight line through the medians of two windows."""
    x, y = zip(
        *[
            (np.mean(w), np.median(flux[(wavelength > w[0]) & (wavelength < w[1])]))
            for w in (blue, red)
        ],
        strict=True,
    )
    inside = (wavelength > line[0]) & (wavelength < line[1])
    continuum = np.interp(wavelength[inside], x, y)
    return np.trapezoid(flux[inside] / continuum - 1, wavelength[inside])


def test_a_placed_and_blurred_line_is_the_analytic_gaussian():
    z, rest, sigma, area = 0.1, 5008.24, 250.0, 3.0
    lines = frame.place_lines(np.array([rest]), np.array([area]), z)
    flux = frame.rebin_frame(frame.blur((lines, frame.gaussian_transform(sigma))))
    centre = rest * (1 + z)
    cdf = stats.norm(centre, sigma / frame.SPEED_OF_LIGHT * centre).cdf(OBSERVED_EDGES)
    expected = area * np.diff(cdf) / np.diff(OBSERVED_EDGES)
    assert np.sum(flux * np.diff(OBSERVED_EDGES)) == pytest.approx(area, rel=1e-4)
    # sharing a line between two pixels of 60 km/s widens it by up to 30 km/s in quadrature
    np.testing.assert_allclose(flux, expected, atol=0.012 * expected.max())


def test_frame_and_direct_redshift_agree():
    rest = 2 + np.sin(np.log(frame.REST_WAVELENGTH) * 40)
    # The frame meets a redshift to half a pixel: 1e-4 in ln λ.
    by_frame = frame.rebin_frame(frame.slice_rest(rest, 0.35))
    direct = rebin_flux(find_edges(frame.REST_WAVELENGTH) * 1.35, rest, OBSERVED_EDGES)
    np.testing.assert_allclose(by_frame, direct, rtol=40 * 1e-4)


def test_redshift_beyond_the_rest_grid_is_refused():
    with pytest.raises(ValueError, match="leaves the rest-frame grid"):
        frame.slice_rest(frame.REST_WAVELENGTH, 5.0)


# The composite of Vanden Berk et al. (2001, table 2) is the lower end, the medians of single
# quasars (Shen et al. 2011), a third to a half higher, the upper.
@pytest.mark.parametrize(
    ("z", "blue", "red", "line", "low", "high"),
    [
        (1.8, (1455, 1475), (1690, 1720), (1500, 1590), 21, 42),  # C IV: 23.8
        (1.0, (2640, 2690), (3000, 3050), (2700, 2900), 25, 55),  # Mg II: 32.3
        (0.5, (4740, 4770), (5090, 5110), (4780, 4940), 38, 72),  # Hβ: 46.2
    ],
)
def test_median_quasar_has_published_equivalent_widths(z, blue, red, line, low, high):
    wavelength, flux = rest_stack(z, 120)
    assert low < equivalent_width(wavelength, flux, blue, red, line) < high


def test_slope_of_a_quasar_without_lines_is_recovered():
    rng = np.random.default_rng(3)
    bare = {"strength": -30.0, "oxygen": 0.0, "iron": 0.0, "iron_uv": 0.0, "ripple": np.zeros(8)}
    for slope in (-2.0, -1.0):
        traits = make_traits(rng, z=0.9, slopes=(slope, slope, slope + 1.0), **bare)
        flux = quasars.render_quasar(traits, np.random.default_rng(17))
        blue = OBSERVED_WAVELENGTH / 1.9 < 4000
        fit = np.polyfit(np.log(OBSERVED_WAVELENGTH[blue]), np.log(flux[blue]), 1)
        assert fit[0] == pytest.approx(slope, abs=0.05)


@pytest.mark.parametrize("z", [2.8, 3.6])
def test_forest_transmits_the_published_mean(z):
    rng = np.random.default_rng(1)
    mean = np.mean([absorbers.forest_transmission(z, rng) for _ in range(150)], axis=0)
    gas_z = frame.FRAME_WAVELENGTH / absorbers.LYMAN_ALPHA - 1
    rest = frame.FRAME_WAVELENGTH / (1 + z)
    window = (rest > 1045) & (rest < 1185)  # clear of Lyβ and of the quasar's own ionized zone
    # Becker et al. (2013), table 2.
    table_z = np.arange(2.15, 3.60, 0.10)
    table_f = [0.8806, 0.8590, 0.8304, 0.7968, 0.7810, 0.7545, 0.7371, 0.7167, 0.6966, 0.6670]
    table_f += [0.6385, 0.6031, 0.5762, 0.5548, 0.5325]
    published = np.interp(gas_z, table_z, table_f)
    assert mean[window].mean() == pytest.approx(published[window].mean(), abs=0.03)
    assert mean[rest > 1216].min() == 1


def test_outflow_absorbs_blueward_of_its_lines_alone():
    for seed in range(5):
        transmission = absorbers.broad_absorption(2.0, "high", np.random.default_rng(seed))
        rest = frame.FRAME_WAVELENGTH / 3.0
        assert transmission[(rest > 1300) & (rest < 1549)].min() < 0.8
        assert transmission[(rest > 1620) & (rest < 3023)].min() > 0.99


def test_narrow_oxygen_lies_at_its_redshifted_wavelength():
    rng = np.random.default_rng(5)
    for z in (0.15, 0.6):
        traits = make_traits(rng, z=z, oxygen=200.0, narrow_fwhm=300.0)
        flux = quasars.render_quasar(traits, np.random.default_rng(0))
        assert OBSERVED_WAVELENGTH[flux.argmax()] == pytest.approx(5008.24 * (1 + z), abs=4)


def test_the_same_generator_gives_the_same_quasar():
    first, facts = quasars.simulate_quasar(np.random.default_rng(9))
    again, _ = quasars.simulate_quasar(np.random.default_rng(9))
    np.testing.assert_array_equal(first, again)
    assert set(facts) == {"z", "subtype"}


def test_every_quasar_is_finite_and_positive_in_the_median():
    rng = np.random.default_rng(21)
    for _ in range(150):
        flux, facts = quasars.simulate_quasar(rng)
        assert np.isfinite(flux).all(), facts
        assert np.median(flux) == pytest.approx(1), facts


def test_dust_laws_at_published_points():
    # Calzetti et al. (2000): k(5500 Å) = 4.05, k(1600 Å) = 9.97 and k(Hβ) - k(Hα) = 1.27.
    assert calzetti_curve(5500.0) == pytest.approx(4.05, abs=0.05)
    assert calzetti_curve(1600.0) == pytest.approx(9.97, abs=0.1)
    assert calzetti_curve(4862.7) - calzetti_curve(6564.6) == pytest.approx(1.27, abs=0.03)
    # Gordon et al. (2003): A(B) - A(V) = E(B-V) by definition.
    depth = -2.5 * np.log10(smc_extinction(np.array([4400.0, 5500.0]), 0.2))
    assert depth[0] - depth[1] == pytest.approx(0.2, abs=0.02)

"""Galaxies: their stars, dust and lines, against atomic physics and published sequences."""

import numpy as np
import pytest

from spectra_helpers.files import find_edges, rebin_flux
from spectra_helpers.simulate import galaxies, nebula, populations, simulate_survey
from spectra_helpers.simulate.frame import FRAME_START, SPEED_OF_LIGHT
from spectra_helpers.simulate.galaxy_traits import KINDS, REDSHIFT_RANGES, draw_galaxy
from spectra_helpers.simulate.grid import (
    LOG_STEP,
    OBSERVED_EDGES,
    OBSERVED_WAVELENGTH,
    REST_WAVELENGTH,
)
from spectra_helpers.simulate.kinds import draw_kind

AGES = populations.light_table()[0]


def line(flux, name):
    return flux[list(nebula.LINES).index(name)]


def make_traits(**changes):
    """A dust-free old galaxy without gas; then set what a test wants to differ."""
    light = np.eye(len(AGES))[7]
    return {
        "z": 0.1,
        "feh": 0.0,
        "stars": populations.mix_stars(light, 0.0),
        "old": 1.0,
        "enhancement": 0.2,
        "nucleus": 0.0,
        "ebv_stars": 0.0,
        "ebv_gas": 0.0,
        "sigma_stars": 150.0,
        "sigma_gas": 100.0,
        "gas_velocity": 0.0,
        "lines": np.zeros(len(nebula.WAVELENGTH)),
        "interstellar": 0.0,
        "outflow": 0.0,
    } | changes


def break_4000(rest, flux):
    """D4000 (Balogh et al. 1999): mean F_ν at 4000-4100 Å over that at 3850-3950 Å."""
    f_nu = flux * rest**2
    mean = [f_nu[(rest > a) & (rest < a + 100)].mean() for a in (4001, 3851)]
    return mean[0] / mean[1]


def measure_line(flux, rest, z, width=25.0):
    """Flux of a line in a difference of two spectra, over ± width Å."""
    centre = rest * (1 + z)
    return flux[np.abs(OBSERVED_WAVELENGTH - centre) < width].sum() * np.diff(OBSERVED_EDGES)[0]


def render_age(index, feh=0.0, z=0.1):
    stars = populations.mix_stars(np.eye(len(AGES))[index], feh)
    old = float(AGES[index] >= 1)
    return galaxies.render_galaxy(make_traits(stars=stars, feh=feh, old=old, z=z))


def test_break_at_4000_rises_with_age_and_metals():
    rest = OBSERVED_WAVELENGTH / 1.1
    by_age = [break_4000(rest, render_age(i)) for i in range(len(AGES))]
    assert np.all(np.diff(by_age) > 0)
    # Kauffmann et al. (2003, MNRAS 341, 33, fig. 2): 1.0-1.1 below 0.1 Gyr, 1.4 at 1 Gyr, 1.9-2.1
    # at 10 Gyr.
    assert by_age[0] == pytest.approx(1.0, abs=0.1)
    assert by_age[5] == pytest.approx(1.4, abs=0.12)
    assert by_age[7] == pytest.approx(2.0, abs=0.15)
    assert break_4000(rest, render_age(7, feh=-1.0)) < by_age[7] - 0.2


def test_old_populations_have_metal_lines_and_young_ones_balmer_lines():
    rest = OBSERVED_WAVELENGTH / 1.1

    def depth(flux, window, sides):
        """Lick index: equivalent width against a line through the means of two side bands."""
        y = [flux[(rest > a) & (rest < b)].mean() for a, b in sides]
        inside = (rest > window[0]) & (rest < window[1])
        level = np.interp(rest[inside], [np.mean(s) for s in sides], y)
        return np.trapezoid(1 - flux[inside] / level, rest[inside])

    mg_b = ((5161.6, 5194.1), ((5119.1, 5144.1), (5192.8, 5207.8)))
    h_delta = ((4084.7, 4123.4), ((4042.8, 4082.0), (4129.7, 4163.2)))
    # Maraston et al. (2020), solar metals: Mg b 3.7 Å at 9 Gyr; HδA 8.7 Å at 0.3 Gyr, below 0 when
    # old.
    assert depth(render_age(7), *mg_b) == pytest.approx(3.9, abs=0.7)
    assert depth(render_age(4), *h_delta) == pytest.approx(8.5, abs=1.2)
    assert depth(render_age(7), *h_delta) < 0


def test_balmer_decrement_is_case_b_and_grows_with_dust():
    rng = np.random.default_rng(0)
    lines = nebula.draw_star_forming(rng, 0.7)
    bare = galaxies.render_galaxy(make_traits())
    for ebv in (0.0, 0.3):
        flux = galaxies.render_galaxy(make_traits(lines=lines, ebv_gas=ebv)) - bare
        # Hα overlaps [N II]: subtract the rendering without Hα.
        no_alpha = np.where(np.array(list(nebula.LINES)) == "Hα", 0, lines)
        alpha = flux - (galaxies.render_galaxy(make_traits(lines=no_alpha, ebv_gas=ebv)) - bare)
        ratio = measure_line(alpha, 6564.61, 0.1) / measure_line(flux, 4862.68, 0.1)
        # Calzetti et al. (2000): k(Hβ) - k(Hα) = 1.27.
        assert ratio == pytest.approx(2.86 * 10 ** (0.4 * 1.27 * ebv), rel=0.02)


def test_star_forming_gas_lies_below_the_limit_and_active_gas_above():
    rng = np.random.default_rng(1)
    forming = np.array([nebula.draw_star_forming(rng, m) for m in rng.uniform(0, 1, 300)])
    x, y = (np.log10(a / b) for a, b in bpt(forming))
    assert np.all(y < nebula.kewley_line(x))
    assert np.mean(y < 0.61 / (x - 0.05) + 1.3) > 0.9  # Kauffmann et al. (2003, eq. 1)
    seyfert = np.array([nebula.draw_active(rng, "Seyfert") for _ in range(300)])
    x, y = (np.log10(a / b) for a, b in bpt(seyfert))
    assert np.mean((y > nebula.kewley_line(np.minimum(x, 0.3))) | (x > 0.3)) > 0.85
    liner = np.array([nebula.draw_active(rng, "LINER") for _ in range(300)])
    assert np.median(bpt(liner)[1][0] / bpt(liner)[1][1]) < 10 ** np.median(y)


def bpt(flux):
    return (line(flux.T, "[N II]"), line(flux.T, "Hα")), (
        line(flux.T, "[O III]"),
        line(flux.T, "Hβ"),
    )


def test_doublets_keep_their_atomic_ratios():
    flux = nebula.draw_active(np.random.default_rng(2), "Seyfert")
    assert line(flux, "[O III]") / line(flux, "[O III]a") == pytest.approx(2.98, abs=0.05)
    assert line(flux, "[N II]") / line(flux, "[N II]a") == pytest.approx(3.05, abs=0.05)
    # [O II] 3729 / 3726 and [S II] 6718 / 6733 lie between high (0.35, 0.44) and low density (1.5,
    # 1.45).
    assert 0.9 < line(flux, "[O II]b") / line(flux, "[O II]a") < 1.55
    assert 0.9 < line(flux, "[S II]a") / line(flux, "[S II]b") < 1.55


@pytest.mark.parametrize("z", [0.02, 0.25, 1.2])
def test_oxygen_doublet_lies_at_its_redshifted_wavelength_with_its_width(z):
    lines = np.zeros(len(nebula.WAVELENGTH))
    lines[list(nebula.LINES).index("[O II]b")] = 1.0
    if z < 0.05:  # [O II] is still outside the survey: use [O III]
        lines = np.roll(lines, list(nebula.LINES).index("[O III]") - 2)
    rest = nebula.WAVELENGTH[lines.argmax()]
    flux = galaxies.render_galaxy(make_traits(z=z, lines=lines, sigma_gas=200.0))
    flux -= galaxies.render_galaxy(make_traits(z=z))
    near = np.abs(OBSERVED_WAVELENGTH - rest * (1 + z)) < 25
    wavelength, flux = OBSERVED_WAVELENGTH[near], flux[near]
    centre = np.average(wavelength, weights=flux)
    spread = np.sqrt(np.average((wavelength - centre) ** 2, weights=flux))
    assert centre == pytest.approx(rest * (1 + z), abs=0.2)
    assert spread / centre * SPEED_OF_LIGHT == pytest.approx(200, rel=0.05)
    assert flux.sum() * np.diff(OBSERVED_EDGES)[0] == pytest.approx(1 + z, rel=0.01)


def test_population_on_the_frame_agrees_with_the_direct_redshift():
    stars = populations.mix_stars(np.eye(len(AGES))[4], 0.0)
    basis = populations._star_basis()[populations.METALLICITIES.index(0.0)]
    # A redshift at which the two grids fall on each other; elsewhere they differ by up to half a
    # pixel.
    z = np.expm1(0.2 + (FRAME_START - np.log(REST_WAVELENGTH[0])) % LOG_STEP)
    direct = rebin_flux(find_edges(REST_WAVELENGTH) * (1 + z), stars @ basis, OBSERVED_EDGES)
    traits = make_traits(z=z, stars=stars, old=0.0, sigma_stars=1.0)
    np.testing.assert_allclose(galaxies.render_galaxy(traits), direct, rtol=0.003)


def test_dust_makes_galaxies_redder_by_the_law():
    clear, dusty = (galaxies.render_galaxy(make_traits(ebv_stars=e)) for e in (0.0, 0.4))
    depth = -2.5 * np.log10(dusty / clear)
    blue, red = (np.argmin(np.abs(OBSERVED_WAVELENGTH / 1.1 - w)) for w in (4400, 5500))
    # Calzetti et al. (2000): A(B) - A(V) = E(B-V), up to 5 % between bands and wavelengths.
    assert depth[blue] - depth[red] == pytest.approx(0.4, rel=0.1)


def test_shares_add_up():
    for kinds in KINDS.values():
        assert sum(kinds.values()) == pytest.approx(1)
    assert sum(share for share, _, _ in REDSHIFT_RANGES.values()) == pytest.approx(1)


def test_kinds_are_drawn_as_numpy_draws_them():
    ours, numpys = np.random.default_rng(5), np.random.default_rng(5)
    shares = KINDS["near"]
    drawn = [draw_kind(ours, shares) for _ in range(500)]
    assert drawn == [numpys.choice(list(shares), p=list(shares.values())) for _ in range(500)]


def test_drawn_galaxies_span_the_sky():
    rng = np.random.default_rng(3)
    traits = [draw_galaxy(rng) for _ in range(1000)]
    z = np.array([t["z"] for t in traits])
    assert np.quantile(z, 0.05) > 0.02
    assert np.mean((z > 0.02) & (z < 0.32)) > 0.65
    assert 0.015 < np.mean(z > 0.8) < 0.12
    assert min(t["sigma_stars"] for t in traits) >= 50
    assert {t["subtype"] for t in traits} == {k for kinds in KINDS.values() for k in kinds}


def test_every_galaxy_is_finite_positive_and_repeatable():
    rng = np.random.default_rng(4)
    for _ in range(150):
        flux, facts = galaxies.simulate_galaxy(rng)
        assert np.isfinite(flux).all(), facts
        assert flux.min() > -0.02, facts
    first, _ = galaxies.simulate_galaxy(np.random.default_rng(8))
    np.testing.assert_array_equal(first, galaxies.simulate_galaxy(np.random.default_rng(8))[0])


@pytest.mark.parametrize(("kind", "label"), [("CV", 2), ("BAL", 1)])
def test_a_rare_kind_can_be_simulated_alone(kind, label):
    spectra = simulate_survey(30, seed=4, survey=kind)
    assert set(spectra.label) == {label}
    named = np.array([str(one).startswith(kind) for one in spectra.truth["subtype"]])
    assert np.all(named | (np.asarray(spectra.truth["z"]) < 1.6))  # troughs in the ultraviolet
    assert named.mean() > 0.3
    assert np.isfinite(spectra.flux).all()
    again = simulate_survey(3, seed=4, first_row=20, survey=kind)
    np.testing.assert_array_equal(again.flux, spectra.flux[20:23])
    assert np.asarray(spectra.truth["snr"]).min() > 5

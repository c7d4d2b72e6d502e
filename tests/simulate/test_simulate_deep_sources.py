"""Objects of the deep survey against what is known of them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from spectra_helpers.simulate import rare_stars
from spectra_helpers.simulate.deep import galaxies, quasars, simulate_star, stars
from spectra_helpers.simulate.galaxies import _young_excess, render_galaxy
from spectra_helpers.simulate.grid import OBSERVED_WAVELENGTH, REST_WAVELENGTH, STEP
from spectra_helpers.simulate.nebula import LINES
from spectra_helpers.simulate.quasar_traits import draw_traits
from spectra_helpers.simulate.quasars import render_quasar, render_with_host
from spectra_helpers.simulate.stars import star_flux

OXYGEN = np.isin(list(LINES), ("[O II]a", "[O II]b"))


def mean_between(wavelength, flux, low, high):
    return flux[(wavelength > low) & (wavelength < high)].mean()


def find_break(wavelength, flux, red=(4000, 4100), blue=(3400, 3600)):
    """Mean f_ν between two pairs of wavelengths, one over the other."""
    f_nu = flux * wavelength**2
    return mean_between(wavelength, f_nu, *red) / mean_between(wavelength, f_nu, *blue)


def draw_far_galaxies(kind, n=60, seed=0):
    """Draw galaxies at z = 0.7-1.1; return traits, rest wavelengths and light without lines."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        traits = galaxies._draw_traits(rng.uniform(0.7, 1.1), kind, rng)
        bare = traits | {"lines": np.zeros(len(OXYGEN)), "interstellar": 0.0}
        yield traits, OBSERVED_WAVELENGTH / (1 + traits["z"]), render_galaxy(bare)


def test_emission_line_galaxies_have_the_oxygen_and_the_break_of_real_ones():
    widths, breaks, sigmas = [], [], []
    for traits, rest, light in draw_far_galaxies("emission-line"):
        with_line = traits | {"lines": traits["lines"] * OXYGEN, "interstellar": 0.0}
        line = (render_galaxy(with_line) - light)[np.abs(rest - 3728.5) < 15].sum() * STEP
        level = mean_between(rest, light, 3710, 3746)
        widths.append(line / level / (1 + traits["z"]))
        breaks.append(find_break(rest, light))
        sigmas.append(traits["sigma_gas"])
    # DESI and DEEP2: 50 Å; break of the composite of Zhu et al. (2015): 1.3-1.5; DEEP2: 60 km/s.
    assert 35 < np.median(widths) < 70
    assert 1.2 < np.median(breaks) < 1.6
    assert 45 < np.median(sigmas) < 75
    assert np.percentile(sigmas, 2) > 28


def test_red_galaxies_keep_their_break_and_are_faint_in_the_blue():
    breaks, colours = [], []
    for traits, rest, light in draw_far_galaxies("passive"):
        breaks.append(find_break(rest, light, (4001, 4101), (3851, 3951)))
        colours.append(np.interp(4500, OBSERVED_WAVELENGTH, light) / light[-300:].mean())
        assert traits["z"] < galaxies.REDDEST
    # D4000 of luminous red galaxies at z = 0.5-1 (Moresco et al. 2012): 1.5-2.1
    assert 1.5 < np.percentile(breaks, 10) < np.percentile(breaks, 90) < 2.3
    assert np.median(colours) < 0.25


def test_redshifts_reach_as_far_as_the_surveys():
    rng = np.random.default_rng(5)
    facts = [galaxies.simulate_galaxy(rng)[1] for _ in range(400)]
    z = np.array([fact["z"] for fact in facts])
    assert np.mean(z < 0.4) == pytest.approx(0.47, abs=0.08)
    assert z.max() > 1.41  # [O II] has left the window
    assert z.max() < 1.6
    red = np.array([fact["subtype"] == "passive" for fact in facts])
    assert np.mean((z[red] > 0.4) & (z[red] < 1)) > 0.35


def test_young_light_has_the_balmer_jump_of_vega():
    vega = star_flux(9600.0) * np.exp(_young_excess())
    # Bohlin (2014): 4050 Å over 3500 Å 2.55, 3500 Å over 2750 Å 1.5, in f_ν
    assert find_break(REST_WAVELENGTH, vega) == pytest.approx(2.55, abs=0.15)
    ultraviolet = find_break(REST_WAVELENGTH, vega, (3400, 3600), (2650, 2850))
    assert ultraviolet == pytest.approx(1.5, abs=0.12)


def test_gas_has_the_balmer_continuum_that_belongs_to_its_hydrogen_lines():
    traits, rest, _ = next(draw_far_galaxies("emission-line", 1))
    traits = traits | {"interstellar": 0.0, "ebv_gas": 0.0}
    hydrogen = 5.0 * (np.array(list(LINES)) == "Hβ")
    shining = render_galaxy(traits | {"lines": hydrogen})
    dark = render_galaxy(traits | {"lines": 0 * hydrogen})
    jump = mean_between(rest, shining - dark, 3600, 3640) - mean_between(
        rest, shining - dark, 3800, 3840
    )
    # Liu et al. (2001): the jump over H11 is 0.11 /Å at 10^4 K; H11 over Hβ is 0.040.
    assert jump / 5.0 == pytest.approx(0.11 * 0.040, rel=0.1)


def test_label_of_an_active_galaxy_follows_its_host():
    rng = np.random.default_rng(2)
    facts = [quasars.simulate_border(rng)[1] for _ in range(300)]
    host, label = (np.array([fact[name] for fact in facts]) for name in ("host", "label"))
    np.testing.assert_array_equal(label, host <= quasars.BORDER)
    assert 0.3 < label.mean() < 0.7
    near = np.abs(host - quasars.BORDER) < 0.1  # no hole at the border
    assert near.mean() > 0.15
    assert {f["subtype"] for f in facts} == {"seyfert", "broad-line"}


def test_quasars_beyond_the_border_are_galaxies_too():
    rng = np.random.default_rng(6)
    facts = [quasars.simulate_quasar(rng)[1] for _ in range(300)]
    for fact in facts:
        assert fact["label"] == (0 if fact["host"] > quasars.BORDER else 1)
    z = np.array([fact["z"] for fact in facts])
    assert 4 < z.max() < 5
    assert np.mean([fact["label"] for fact in facts]) > 0.9
    assert not any(fact["subtype"] == "blazar" for fact in facts)


def test_share_of_host_grows_with_dust_before_the_nucleus():
    rng, shares = np.random.default_rng(4), []
    traits = draw_traits("seyfert", 0.1, rng) | {"absorption": None, "host_fraction": 0.5}
    for ebv in (0.0, 0.3, 1.0):
        share = render_with_host(traits | {"ebv": ebv}, np.random.default_rng(1))[1]
        shares.append(share)
    assert render_with_host(traits | {"host_fraction": 0.0}, rng)[1] == 0
    assert 0.1 < shares[0] < shares[1] < shares[2] < 1


def test_red_galaxy_with_magnesium_in_its_ultraviolet_is_a_quasar():
    # As SDSS 1325-52762-133 at z = 0.456: at 5100 Å at rest its host takes three quarters.
    rng, shares = np.random.default_rng(4), []
    for _ in range(40):
        traits = draw_traits("seyfert", 0.456, rng) | {"ebv": 0.0, "host_fraction": 0.75}
        shares.append(render_with_host(traits, rng)[1])
    assert np.median(shares) < quasars.BORDER


def test_broad_hydrogen_at_the_border_is_weak_but_seen():
    rng, widths = np.random.default_rng(9), []
    while len(widths) < 25:
        traits = draw_traits("seyfert", 0.15, rng) | {"ebv": 0.0, "oxygen": 0.0, "iron": 0.0}
        traits |= {"absorption": None, "host_fraction": rng.uniform(0.6, 0.95)}
        state = rng.bit_generator.state
        flux, host = render_with_host(traits, rng)
        if abs(host - quasars.BORDER) > 0.05:
            continue
        rng.bit_generator.state = state
        bare = render_quasar(traits | {"strength": -20.0}, rng)
        rest = OBSERVED_WAVELENGTH / 1.15
        near = np.abs(rest - 4862.7) < 120
        widths.append(((flux - bare) / bare)[near].sum() * STEP / 1.15)
    assert 8 < np.median(widths) < 25  # Å


def test_coolest_dwarfs_redden_and_change_their_bands():
    hot, cool = (mean_ultracool(low) for low in (2700.0, 1700.0))
    for flux in (hot, cool):
        potassium = mean_between(REST_WAVELENGTH, flux, 7660, 7705)
        assert potassium < 0.6 * mean_between(REST_WAVELENGTH, flux, 7500, 7560)
    colour = [
        mean_between(REST_WAVELENGTH, f, 8750, 8850) / mean_between(REST_WAVELENGTH, f, 6500, 6600)
        for f in (hot, cool)
    ]
    assert 3.5 < colour[0] < 6 < colour[1]  # Kirkpatrick et al. (1999), figs 1 to 5
    assert [stars._name_ultracool(t) for t in (2640, 2240, 1710)] == ["M7V", "L0", "L4"]


def mean_ultracool(low):
    class Fixed:
        def uniform(self, *_):
            return low + 1.0

    return stars.make_ultracool(Fixed())[0]


def test_planetary_nebulae_shine_in_oxygen_with_its_atomic_ratio():
    ratios = stars.PLANETARY[np.isin(stars.GAS_LINES, (4960.30, 5008.24))]
    assert ratios[1] / ratios[0] == pytest.approx(2.98, abs=0.05)
    flux, subtype = stars.make_planetary_nebula(np.random.default_rng(1))
    assert subtype == "PN"
    near = np.abs(REST_WAVELENGTH - 5008.24) < 5
    assert flux[near].max() > 10 * np.median(flux)


def test_hydrogen_white_dwarfs_have_a_balmer_jump():
    for seed in range(30):
        flux, kind = stars.make_white_dwarf(np.random.default_rng(seed))
        bare, _ = rare_stars.make_white_dwarf(np.random.default_rng(seed))
        assert kind in ("DA", "DB", "DC", "DZ", "DQ")
        jump = np.log(
            mean_between(REST_WAVELENGTH, flux / bare, 3950, 4000)
            / mean_between(REST_WAVELENGTH, flux / bare, 3500, 3640)
        )
        # Bergeron et al. (1992): up to half a magnitude; none without hydrogen
        assert 0.1 < jump < 0.55 if kind == "DA" else jump == pytest.approx(0)


def test_stars_stay_near_rest_and_are_labelled():
    rng = np.random.default_rng(3)
    facts = [simulate_star(rng)[1] for _ in range(300)]
    assert max(abs(fact["z"]) for fact in facts) < 0.002
    assert {fact["label"] for fact in facts} == {2}
    assert_allclose([fact["host"] for fact in facts], 0)
    assert any(fact["subtype"].startswith("L") for fact in facts)

"""Class and redshift together, against redshifts that were planted, and against brute force."""

import numpy as np
import pytest
from numpy.polynomial.legendre import legvander
from test_templates import GALAXY, QUASAR, STAR, draw_set

from spectra_helpers.data import UNKNOWN, WAVELENGTH, split_train_test
from spectra_helpers.lessons import load_lesson_data
from spectra_helpers.models import build_model, find_matcher, load_model, save_model
from spectra_helpers.models.shifted import ShiftedTemplates
from spectra_helpers.models.templates import TemplateMatcher

LIGHT = 299792.458  # km/s
OII, HALPHA = 3728.5, 6564.6


def draw_sky(n, noise=0.05, seed=0):
    """`n` spectra of each kind, each at a redshift of its own."""
    rng = np.random.default_rng(seed)
    z = [rng.uniform(0.02, 0.2, n), rng.uniform(0.3, 0.7, n), rng.normal(0, 100 / LIGHT, n)]
    flux = np.concatenate([draw_set(k, z[k], noise, seed=10 * seed + k) for k in range(3)])
    return flux, np.repeat([GALAXY, QUASAR, STAR], n), np.concatenate(z)


@pytest.fixture(scope="module")
def matcher():
    sky = draw_sky(40)
    return TemplateMatcher(n_templates=4).fit(*sky[:2]).learn_redshifts(*sky)


def test_planted_redshifts_of_new_spectra_are_found(matcher):
    flux, label, z = draw_sky(30, seed=5)
    found = matcher.measure_redshifts(flux)
    np.testing.assert_array_equal(found.label, label)
    error = np.abs(found.z - z) / (1 + z)
    assert error[label == GALAXY].max() < 30 / LIGHT
    assert error[label == QUASAR].max() < 300 / LIGHT  # lines as wide as 4,000 km/s
    assert error[label == STAR].max() < 60 / LIGHT
    assert found.gap.min() > 100


def test_parabola_beats_the_pixel(matcher):
    """A log pixel is 245 km/s: rounding to it alone would leave errors of 70 km/s."""
    flux, _, z = draw_sky(30, noise=0.01, seed=6)
    stars, z = flux[-30:], z[-30:]
    error = matcher.measure_redshifts(stars).z - z
    assert LIGHT * error.std() < 25


def test_any_brightness_has_the_same_redshift(matcher):
    flux, *_ = draw_sky(5, seed=7)
    scale = np.geomspace(1e-3, 1e3, len(flux), dtype=np.float32)[:, None]
    first, second = matcher.measure_redshifts(flux), matcher.measure_redshifts(flux * scale)
    np.testing.assert_allclose(second.z, first.z, atol=1e-6)
    np.testing.assert_allclose(second.gap, first.gap, rtol=0.02)


def test_the_class_whose_redshift_is_wanted_may_be_given(matcher):
    flux, label, _ = draw_sky(5, seed=8)
    free = matcher.measure_redshifts(flux)
    forced = matcher.measure_redshifts(flux, np.full(len(flux), GALAXY))
    galaxy = label == GALAXY
    np.testing.assert_array_equal(forced.z[galaxy], free.z[galaxy])
    assert (forced.gap[~galaxy] < 0).all()  # another class fits better
    np.testing.assert_array_equal(forced.next_label[~galaxy], label[~galaxy])
    np.testing.assert_allclose(forced.next_z[~galaxy], free.z[~galaxy])


def draw_single_lines(line, z, noise=0.1, seed=0):
    """Spectra of one narrow emission line on an even continuum."""
    rng = np.random.default_rng(seed)
    at = line * (1 + np.reshape(z, (-1, 1)))
    flux = 1 + 3 * np.exp(-0.5 * ((WAVELENGTH - at) / 8) ** 2)
    return (flux + rng.normal(0, noise, flux.shape)).astype(np.float32)


def test_a_single_line_has_two_redshifts():
    rng = np.random.default_rng(1)
    z = np.concatenate([rng.uniform(0.5, 0.8, 20), rng.uniform(-0.1, 0.1, 20)])
    flux = np.concatenate(
        [draw_single_lines(OII, z[:20], seed=2), draw_single_lines(HALPHA, z[20:], seed=3)]
    )
    stars, label = draw_set(STAR, np.zeros(10), 0.1, seed=4), np.repeat([GALAXY, STAR], [40, 10])
    flux, z = np.concatenate([flux, stars]), np.append(z, np.zeros(10))
    matcher = TemplateMatcher(n_templates=1, n_rounds=3).fit(flux, label)
    matcher.learn_redshifts(flux[:20], label[:20], z[:20])  # only where the line is [O II]
    assert np.isnan(matcher.zeros_[1]).all()
    first = matcher.zeros_[0][0]
    matcher.templates_[0] = np.repeat(matcher.templates_[0], 2, axis=0)
    matcher.zeros_[0] = np.array([first, first + np.log(OII / HALPHA)])  # and Hα just as well
    new = np.linspace(0.6, 0.7, 8)
    found = matcher.measure_redshifts(draw_single_lines(OII, new, seed=5), np.full(8, GALAXY))
    low = OII * (1 + new) / HALPHA - 1
    both = np.sort([found.z, found.next_z], axis=0)
    np.testing.assert_allclose(both, [low, new], atol=5e-4)  # half a log pixel
    np.testing.assert_allclose(found.gap, 0, atol=0.5)


def test_the_slope_beside_a_match_is_no_runner_up(matcher):
    """Lines of quasars are wider than 1 % in 1 + z."""
    flux = draw_set(QUASAR, np.linspace(0.4, 0.6, 10), 0.1, seed=9)
    found = matcher.measure_redshifts(flux, np.full(10, QUASAR))
    same = found.next_label == QUASAR
    near = np.abs(np.log1p(found.next_z) - np.log1p(found.z)) < 0.03
    assert not (same & near).any()


def test_chi2_of_all_shifts_is_a_loop_of_least_squares():
    rng = np.random.default_rng(3)
    templates = np.cumsum(rng.normal(0, 1, (2, 46)), axis=1).astype(np.float32)
    rows = (templates[1, 2:42] + rng.normal(0, 2, (3, 40))).astype(np.float32)
    sigma = np.geomspace(1, 4, 40)
    root = 1 / sigma / np.sqrt(np.mean(1 / sigma**2))
    light, height = ShiftedTemplates(templates, 40, 2, sigma).measure_all(rows)
    assert height.shape == (3, 2, 7)
    for i, k, j in np.ndindex(height.shape):
        powers = legvander(np.linspace(-1, 1, 40), 2)
        design = np.column_stack([templates[k, j : j + 40], powers])
        solution = np.linalg.lstsq(design * root[:, None], rows[i] * root, rcond=None)[0]
        if solution[0] < 0:
            assert height[i, k, j] == 0
        else:
            left = np.sum((root * (rows[i] - design @ solution)) ** 2)
            np.testing.assert_allclose(light[i] - height[i, k, j] ** 2, left, rtol=1e-3)


def test_scan_is_lowest_where_the_redshift_is(matcher):
    tried = np.expm1(np.arange(-0.4, 1.0, 0.0004))
    for label, z in ((GALAXY, 0.13), (QUASAR, 0.5), (STAR, 0.0)):
        flux = draw_set(label, [z], 0.1, seed=11)
        scan = matcher.scan_redshifts(flux[0], tried)
        assert scan.chi2.shape == (3, len(tried))
        assert np.nanmin(scan.chi2) == pytest.approx(1024)
        best = np.unravel_index(np.nanargmin(scan.chi2), scan.chi2.shape)
        assert best[0] == label
        assert tried[best[1]] == pytest.approx(z, abs=0.002)
        found = matcher.measure_redshifts(flux)
        place = np.argmin(np.abs(tried - found.next_z[0]))
        around = scan.chi2[found.next_label[0], max(place - 2, 0) : place + 3]
        assert np.nanmin(around) - 1024 == pytest.approx(found.gap[0], rel=0.05)


def test_scan_draws_the_match_over_the_spectrum(matcher):
    flux = draw_set(GALAXY, [0.1], 0.02, seed=12)[0]
    scan = matcher.scan_redshifts(flux, [0.1, 0.15, 3.0])
    left = np.std(scan.fit[:2] - flux, axis=1) / np.std(flux)
    assert left[0] < 0.2  # a shift is a whole log pixel
    assert left[1] > 0.5
    assert np.isnan(scan.fit[2]).all()  # no template reaches this redshift
    assert np.isnan(scan.chi2[:, 2]).all()


def test_members_that_disagree_leave_a_template_without_redshift():
    flux, label, z = draw_sky(20, seed=13)
    wrong = np.where(label == QUASAR, np.random.default_rng(1).uniform(0, 3, len(z)), z)
    wrong[label == STAR] = np.nan
    matcher = TemplateMatcher(n_templates=1).fit(flux, label).learn_redshifts(flux, label, wrong)
    known = [np.isfinite(zeros).tolist() for zeros in matcher.zeros_]
    assert known == [[True], [False], [False]]
    found = matcher.measure_redshifts(flux)
    assert np.isfinite(found.z[found.label == GALAXY]).all()
    others = found.label != GALAXY
    assert np.isnan(found.z[others]).all()
    assert np.isnan(found.gap[others]).all()
    assert (found.next_label[others] == UNKNOWN).all()


def test_a_masked_redshift_is_not_known():
    flux, label, z = draw_sky(10, seed=14)
    matcher = TemplateMatcher(n_templates=1).fit(flux, label)
    hidden = np.ma.masked_array(np.where(label == STAR, -9999.0, z), label == STAR)
    matcher.learn_redshifts(flux, label, hidden)
    assert np.isnan(matcher.zeros_[STAR]).all()
    assert np.isfinite(matcher.zeros_[GALAXY]).all()


def test_templates_without_redshifts_say_so(matcher):
    flux, label, z = draw_sky(4, seed=15)
    new = TemplateMatcher(n_templates=1)
    with pytest.raises(ValueError, match="not fitted"):
        new.learn_redshifts(flux, label, z)
    new.fit(flux, label)
    for ask in (new.measure_redshifts, lambda rows: new.scan_redshifts(rows[0], [0.1])):
        with pytest.raises(ValueError, match="know no redshifts: call learn_redshifts"):
            ask(flux)
    with pytest.raises(ValueError, match="inconsistent numbers"):
        new.learn_redshifts(flux, label, z[1:])
    new.learn_redshifts(flux, label, z).fit(flux, label)
    assert new.zeros_ is None  # new templates, new zero points


def test_simulated_truth_and_a_stored_model(tmp_path):
    train, test = split_train_test(load_lesson_data("tiny", n=450), 1 / 3)
    model = build_model("templates", n_templates=30).fit(train.flux, train.label)
    matcher = find_matcher(model)
    matcher.learn_redshifts(model[0].transform(train.flux), train.label, train.truth["z"])
    save_model(model, tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    flux, z = model[0].transform(test.flux), np.asarray(test.truth["z"])
    found = find_matcher(loaded).measure_redshifts(flux)
    np.testing.assert_array_equal(found.label, loaded.predict(test.flux))
    np.testing.assert_array_equal(found.z, matcher.measure_redshifts(flux).z)
    good = np.abs(found.z - z) / (1 + z) < 0.003
    assert np.mean(good[test.label == GALAXY]) > 0.9
    assert np.mean(good[test.label == STAR]) > 0.95


def test_other_models_hold_no_matcher(easy_set):
    model = build_model("forest", n_trees=5).fit(easy_set.flux, easy_set.label)
    assert find_matcher(model) is None

"""Template matching against brute force, known shifts, and the class that is most frequent."""

import numpy as np
import pytest
from numpy.polynomial.legendre import legvander

from spectra_helpers.data import WAVELENGTH, split_train_test
from spectra_helpers.evaluate import fit_temperature
from spectra_helpers.files import rebin_flux
from spectra_helpers.lessons import load_lesson_data
from spectra_helpers.models import (
    build_model,
    load_model,
    make_templates,
    measure_misfit,
    save_model,
)
from spectra_helpers.models.log_grid import (
    estimate_log_noise,
    make_log_edges,
    measure_noise_curves,
    rebin_to_log,
)
from spectra_helpers.models.shifted import ShiftedTemplates, learn_templates
from spectra_helpers.models.templates import TemplateMatcher

STEP = np.log(9000 / 3900) / 1024
GALAXY, QUASAR, STAR = range(3)


def draw_source(label, z, wavelength=WAVELENGTH):
    """Lines of three kinds of source, on a slope; z may be a column."""
    rest = wavelength / (1 + z)
    at, width, slope = [
        ((3728, 4862, 5008, 6565), 8, 0.5),
        ((2799, 4341, 4862, 6565), 50, -1.5),
        ((4102, 4341, 4862, 6565), -12, -0.7),
    ][label]
    lines = sum(np.exp(-0.5 * ((rest - w) / width) ** 2) for w in at)
    return (rest / 6000) ** slope * (1 + np.sign(width) * 0.6 * lines)


def draw_set(label, z, noise, seed=0):
    """Spectra of random brightness."""
    rng = np.random.default_rng(seed)
    flux = draw_source(label, np.reshape(z, (-1, 1)))
    flux = flux + rng.normal(0, noise, flux.shape)
    return (flux * rng.uniform(1, 100, (len(flux), 1))).astype(np.float32)


@pytest.fixture(scope="module")
def matcher():
    """Trained on one galaxy, quasar and star, each at its own redshift, nearly without noise."""
    known = {GALAXY: 0.1, QUASAR: 0.5, STAR: 0.0}
    flux = np.concatenate([draw_set(k, [z] * 4, 0.001, seed=k) for k, z in known.items()])
    return TemplateMatcher(n_templates=1).fit(flux, np.repeat(list(known), 4))


def get_matcher(model):
    """The matching inside a model of `make_templates`; it takes prepared spectra."""
    return model[-1].calibrated_classifiers_[0].estimator


def find_redshift(matcher, flux, label):
    """Redshift of the spectra against the best template of a class."""
    shifted = ShiftedTemplates(matcher.templates_[label], matcher.n_pixels, matcher.degree)
    _, start, _ = shifted.match(rebin_to_log(flux, matcher.n_pixels))
    return np.expm1(((shifted.n_shifts - 1) // 2 - start) * STEP)


@pytest.fixture(scope="module")
def survey():
    return split_train_test(load_lesson_data("tiny", n=450), 1 / 3)


@pytest.fixture(scope="module")
def trained(survey):
    train, _ = survey
    return build_model("templates", n_templates=12).fit(train.flux, train.label)


def test_log_pixels_hold_the_flux_of_the_old_ones():
    flux = np.random.default_rng(0).normal(3, 1, (2, 3000))
    half = (WAVELENGTH[1] - WAVELENGTH[0]) / 2
    edges = np.append(WAVELENGTH - half, WAVELENGTH[-1] + half)
    expected = [rebin_flux(edges, row, make_log_edges(700)) for row in flux]
    np.testing.assert_allclose(rebin_to_log(flux, 700), expected, rtol=1e-4)


@pytest.mark.parametrize("few", [0, 11], ids=["by FFT", "by matrix product"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("weighted", [False, True])
def test_smallest_chi2_equals_a_loop_of_least_squares(weighted, sign, few, monkeypatch):
    monkeypatch.setattr("spectra_helpers.models.shifted.FEW_SHIFTS", few)
    rng = np.random.default_rng(3)
    templates = np.cumsum(rng.normal(0, 1, (3, 50)), axis=1).astype(np.float32)
    rows = (sign * templates[1, 4:44] + rng.normal(0, 2, (6, 40))).astype(np.float32)
    sigma = np.geomspace(1, 8, 40) * rng.uniform(0.7, 1.4, 40) if weighted else None
    root = 1 / sigma / np.sqrt(np.mean(1 / sigma**2)) if weighted else np.ones(40)
    shifted = ShiftedTemplates(templates, 40, degree=2, sigma=sigma)
    template, start, amplitude = shifted.match(rows)
    drawn = shifted.draw(rows, template, start, amplitude)
    powers = legvander(np.linspace(-1, 1, 40), 2)
    for i, row in enumerate(rows):
        found = []
        for k in range(3):
            for j in range(11):
                design = np.column_stack([templates[k, j : j + 40], powers])
                solution = np.linalg.lstsq(design * root[:, None], row * root, rcond=None)[0]
                if solution[0] > 0:
                    best = design @ solution
                    found.append(((root**2 * (row - best) ** 2).sum(), k, j, solution[0], best))
        chi2, k, j, a, best = min(found, key=lambda match: match[0])
        assert (template[i], start[i]) == (k, j)
        mine = shifted.measure_chi2(rows)[i]
        np.testing.assert_allclose([mine, amplitude[i]], [chi2, a], rtol=1e-3)
        np.testing.assert_allclose(drawn[i], best, atol=0.02)


def test_upside_down_is_no_match():
    template = np.sin(np.linspace(0, 20, 40, dtype=np.float32))[None]
    shifted = ShiftedTemplates(template, 40, degree=0)
    found = shifted.match(-template)
    assert found[2] == 0
    np.testing.assert_allclose(shifted.draw(-template, *found), -template.mean(), atol=1e-5)


@pytest.mark.parametrize(("label", "trained_at"), [(GALAXY, 0.1), (QUASAR, 0.5)])
def test_a_known_redshift_is_found(matcher, label, trained_at):
    z = np.array([-0.04, -0.01, 0.0, 0.02, 0.12])  # no line comes in or leaves
    flux = draw_set(label, (1 + z) * (1 + trained_at) - 1, 0.05, seed=9)
    np.testing.assert_allclose(find_redshift(matcher, flux, label), z, atol=1.5 * STEP)
    np.testing.assert_array_equal(matcher.predict(flux), label)


def test_stars_move_by_their_velocity_only(matcher):
    flux = draw_set(STAR, [0.0, 400 / 299792, 0.05], 0.02)
    velocity = find_redshift(matcher, flux, STAR) * 299792.458
    np.testing.assert_allclose(velocity[:2], [0, 400], atol=180)
    assert abs(velocity[2]) < 700


def test_a_true_match_leaves_the_noise(matcher):
    flux = draw_set(GALAXY, np.full(20, 0.15), 0.1, seed=4)
    reduced = matcher.measure_chi2(flux) / 1024
    assert 0.8 < np.median(reduced[:, GALAXY]) < 1.6  # the red log pixels are less noisy
    assert reduced[:, [QUASAR, STAR]].min() > 1.2 * reduced[:, GALAXY].max()


def test_dust_is_left_to_the_polynomial(matcher):
    flux = draw_set(GALAXY, np.full(5, 0.12), 0.03)
    bent = flux * (1 + 0.3 * np.linspace(-1, 1, 3000))
    np.testing.assert_array_equal(matcher.predict(bent), GALAXY)
    np.testing.assert_allclose(find_redshift(matcher, bent, GALAXY), 1.12 / 1.1 - 1, atol=2 * STEP)


def test_aligned_averages_lose_noise_and_reach_beyond_the_ends():
    rng = np.random.default_rng(5)
    z = rng.uniform(0, 0.15, 60)
    rows = rebin_to_log(draw_source(GALAXY, z[:, None]) + rng.normal(0, 0.3, (60, 3000)), 1024)
    reach = round(np.log1p(0.2) / STEP)
    templates = learn_templates(rows, 1, reach, 2, 5, rng)
    assert templates.shape == (1, 1024 + 2 * reach)
    clean = rebin_to_log(draw_source(GALAXY, np.array([[0.0], [0.15]])), 1024)

    def misfit(templates):
        shifted = ShiftedTemplates(templates, 1024, 2)
        return np.std(clean - shifted.draw(clean, *shifted.match(clean)), axis=1).max()

    single = np.pad(rows[:1], ((0, 0), (reach, reach)), mode="edge")
    assert misfit(templates) < 0.5 * misfit(single)


def test_simulated_classes_are_told_apart(trained, survey):
    _, test = survey
    proba = trained.predict_proba(test.flux)
    right = np.mean(proba.argmax(axis=1) == test.label)
    assert right > np.mean(test.label == STAR) + 0.25
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(trained.predict(test.flux), proba.argmax(axis=1))
    assert 0.3 < fit_temperature(test.label, proba) < 3  # 1: as sure as it may be


def test_scale_does_not_matter(trained, survey):
    flux = survey[1].flux[:40]
    scale = np.geomspace(1e-3, 1e3, 40, dtype=np.float32)[:, None]
    proba = trained.predict_proba(flux)
    np.testing.assert_allclose(trained.predict_proba(flux * scale), proba, atol=0.02)
    matcher = get_matcher(trained)
    chi2 = matcher.measure_chi2(flux)
    np.testing.assert_allclose(matcher.measure_chi2(flux * scale), chi2, rtol=0.01)


def test_same_seed_same_templates(survey):
    flux, label = survey[0].flux[:80], survey[0].label[:80]
    first, second, other = (
        TemplateMatcher(n_templates=3, n_pixels=256, seed=s).fit(flux, label) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.templates_[0], second.templates_[0])
    assert not np.array_equal(first.templates_[0], other.templates_[0])


def test_two_classes_few_rows_and_many_rows(survey):
    train, test = survey
    two = train[train.label != QUASAR]
    model = build_model("templates", n_templates=4, max_rows=20).fit(two.flux, two.label)
    proba = model.predict_proba(test.flux)
    assert proba.shape == (len(test), 2)
    np.testing.assert_array_equal(model.predict(test.flux), [0, 2] @ np.eye(2)[proba.argmax(1)].T)
    kept = test.label != QUASAR
    assert np.mean(model.predict(test.flux)[kept] == test.label[kept]) > 0.75
    few = TemplateMatcher(n_templates=50).fit(two.flux[:20], two.label[:20])
    assert sum(len(t) for t in few.templates_) == 20


def test_bad_input_gets_a_clear_message(trained, survey):
    train, test = survey
    with pytest.raises(ValueError, match="one class"):
        build_model("templates").fit(train.flux[:20], np.zeros(20, int))
    with pytest.raises(ValueError, match="one class"):
        TemplateMatcher().fit(train.flux[:20], np.zeros(20, int))
    with pytest.raises(ValueError, match="no label"):
        build_model("templates").fit(train.flux[:20], np.full(20, -1))
    with pytest.raises(ValueError, match="2999 pixels"):
        trained.predict(test.flux[:, 1:])
    for value, word in ((np.nan, "Row 1 holds NaN"), (0, "Row 1 is zero everywhere")):
        bad = test.flux[:3].copy()
        bad[1] = value
        for model in (trained, get_matcher(trained)):
            with pytest.raises(ValueError, match=word):
                model.predict(bad)


@pytest.mark.parametrize(
    "wrong", [{"n_templates": 0}, {"max_redshift": -0.1}, {"degree": -1}, {"n_pixels": 12}]
)
def test_impossible_parameters_are_refused(survey, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)) + "|pixels"):
        TemplateMatcher(**wrong).fit(survey[0].flux[:9], np.arange(9) % 3)


def test_stored_model_predicts_the_same(trained, survey, tmp_path):
    flux = survey[1].flux
    save_model(trained, tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    np.testing.assert_array_equal(loaded.predict_proba(flux), trained.predict_proba(flux))
    first, second = (get_matcher(m).measure_chi2(flux) for m in (loaded, trained))
    np.testing.assert_array_equal(first, second)


def test_broken_templates_are_refused(trained, tmp_path):
    import copy

    broken = copy.deepcopy(trained)
    matcher = get_matcher(broken)
    matcher.templates_ = [templates[:, :500] for templates in matcher.templates_]
    save_model(broken, tmp_path / "m")
    with pytest.raises(ValueError, match="no model that can be loaded"):
        load_model(tmp_path / "m")


def test_noisy_spectra_make_no_templates_where_there_are_clean_ones():
    clean = draw_set(GALAXY, np.full(6, 0.1), 0.01)
    noisy = draw_set(GALAXY, np.full(20, 0.1), 3.0, seed=1)
    stars = draw_set(STAR, np.zeros(6), 0.01, seed=2)
    flux, label = np.concatenate([noisy, clean, stars]), np.repeat([GALAXY, STAR], [26, 6])
    options = {"n_templates": 3, "seed": 1}
    strict = TemplateMatcher(**options, max_noise=0.06).fit(flux, label)
    alone = TemplateMatcher(**options).fit(flux[20:], label[20:])
    for given, expected in zip(strict.templates_, alone.templates_, strict=True):
        np.testing.assert_array_equal(given, expected)
    few = TemplateMatcher(**options, max_noise=1e-9).fit(flux, label)  # as many as are needed
    assert [len(templates) for templates in few.templates_] == [3, 3]


def test_matcher_stored_before_there_was_a_limit_of_noise_can_be_shown():
    old = TemplateMatcher(n_templates=5, n_curves=0)
    del old.__dict__["max_noise"]
    assert repr(old) == "TemplateMatcher(n_curves=0, n_templates=5)"


def test_model_stored_before_there_were_weights_predicts_as_it_did(survey, tmp_path):
    train, test = survey
    new = build_model("templates", n_templates=3).set_params(templates__estimator__n_curves=0)
    new.fit(train.flux[:100], train.label[:100])
    matcher = get_matcher(new)
    for one in (matcher, new[-1].estimator):
        del one.__dict__["n_curves"]
    assert "n_curves=0" in repr(matcher)
    save_model(new, tmp_path / "m")
    loaded = get_matcher(load_model(tmp_path / "m"))
    flux = new[0].transform(test.flux)
    rows = rebin_to_log(flux, 1024)
    rows /= np.sqrt(np.mean(rows**2, axis=1, keepdims=True))
    plain = [ShiftedTemplates(t, 1024, 3).measure_chi2(rows) for t in matcher.templates_]
    noise = np.maximum(estimate_log_noise(rows), 1e-3)
    np.testing.assert_allclose(loaded.measure_chi2(flux).T, plain / noise**2, rtol=1e-4)
    assert loaded.predict(flux).shape == (len(flux),)


@pytest.mark.parametrize("n_pixels", [1024, 1000])  # 1,000 pixels are no multiple of 16 blocks
def test_noise_that_changes_along_the_spectrum_is_measured(n_pixels):
    rng = np.random.default_rng(8)
    true = np.linspace(0.5, 3, 16)
    length = n_pixels // 16
    sigma = np.append(np.repeat(true, length), np.full(n_pixels - 16 * length, 3))
    level = np.linspace(20, 40, n_pixels)  # a slope is no noise
    rows = level + sigma * rng.normal(0, 1, (400, n_pixels))
    found = measure_noise_curves(rows, misfit=0.0)
    np.testing.assert_allclose(np.sqrt(np.mean(found**2, axis=0)), true, rtol=0.06)
    middle = [block.mean() for block in np.split(level[: 16 * length], 16)]
    both = np.hypot(found, 0.1 * np.array(middle))
    np.testing.assert_allclose(measure_noise_curves(rows), both, rtol=0.05)


@pytest.mark.parametrize("filled", [slice(0, 256), slice(512, 640), slice(960, 1024)])
def test_what_was_bridged_or_filled_is_ten_times_as_uncertain(filled):
    rng = np.random.default_rng(9)
    rows = 10 + rng.normal(0, 1, (20, 1024))
    known = np.ones(1024, bool)
    known[filled] = False
    first, last = rows[:, [filled.start]], rows[:, [filled.stop - 1]]
    rows[:, filled] = np.linspace(first, last, 1024)[: (~known).sum(), :, 0].T
    curves = measure_noise_curves(rows)
    blocks = known.reshape(16, 64).all(axis=1)
    noisiest = curves[:, blocks].max(axis=1, keepdims=True)
    np.testing.assert_allclose(curves[:, ~blocks] / noisiest, 10, rtol=1e-6)
    assert np.all(curves[:, blocks] < 3)


def test_a_constant_spectrum_has_a_noise_curve():
    curves = measure_noise_curves(np.full((1, 1024), 3.0, np.float32))
    assert np.isfinite(curves).all()
    assert (curves > 0).all()


def test_weights_find_the_class_where_the_blue_is_all_noise():
    known = {GALAXY: 0.1, QUASAR: 0.5, STAR: 0.0}
    noise = np.exp(np.interp(WAVELENGTH, [3900, 7000], np.log([8, 0.15])))

    def draw(n, seed):
        rng = np.random.default_rng(seed)
        clean = np.concatenate([np.tile(draw_source(k, z), (n, 1)) for k, z in known.items()])
        return clean, clean + noise * rng.normal(0, 1, clean.shape)

    label = np.repeat(list(known), 20)
    train, (_, test) = draw(20, 1)[0], draw(20, 2)
    train = train + 0.001 * np.random.default_rng(3).normal(0, 1, train.shape)
    both, names = np.concatenate([train, draw(20, 4)[1]]), np.tile(label, 2)
    options = {"n_templates": 1, "max_noise": 0.01, "n_pixels": 512}
    right = [
        np.mean(TemplateMatcher(**options, n_curves=n).fit(both, names).predict(test) == label)
        for n in (0, 8)
    ]
    assert right[1] > right[0] + 0.1
    assert right[1] > 0.95


def test_equal_spectra_have_one_shape_of_noise_and_are_told_apart(recwarn):
    flux = np.concatenate([np.tile(draw_set(k, [0.1], 0.1, seed=k), (10, 1)) for k in range(3)])
    matcher = TemplateMatcher(n_templates=2, n_pixels=256).fit(flux, np.repeat(range(3), 10))
    np.testing.assert_array_equal(matcher.predict(flux), np.repeat(range(3), 10))
    assert not recwarn.list  # k-means warns where it is asked for more groups than there are


def test_a_matcher_without_templates_says_so():
    with pytest.raises(ValueError, match="not fitted"):
        TemplateMatcher().measure_chi2(np.ones((1, 3000)))


def test_misfit_is_one_where_a_template_fits_and_large_where_none_does():
    rng = np.random.default_rng(2)
    wavelength = np.linspace(3900, 9000, 3000)
    label = np.arange(90) % 3
    center = np.array([5000, 6000, 7000])[label, None]
    light = 10 + 5 * np.exp(-0.5 * ((wavelength - center) / 40) ** 2)
    flux = light + rng.normal(0, 0.5, light.shape)
    model = make_templates(n_templates=3).fit(flux[:60], label[:60])
    strange = 10 + 5 * np.sign(np.sin(wavelength / 60)) + rng.normal(0, 0.5, (5, 3000))
    known = measure_misfit(model, flux[60:])
    assert 0.7 < np.median(known) < 1.6
    assert measure_misfit(model, strange).min() > 5 * known.max()

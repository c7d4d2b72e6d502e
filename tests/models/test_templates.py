"""Template matching against brute force, known shifts, and the class that is most frequent."""

import numpy as np
import pytest
from numpy.polynomial.legendre import legvander

from spectra_helpers.data import WAVELENGTH, split_train_test
from spectra_helpers.evaluate import fit_temperature
from spectra_helpers.files import rebin_flux
from spectra_helpers.lessons import load_lesson_data
from spectra_helpers.models import build_model, load_model, save_model
from spectra_helpers.models.log_grid import make_log_edges, rebin_to_log
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
def test_smallest_chi2_equals_a_loop_of_least_squares(sign, few, monkeypatch):
    monkeypatch.setattr("spectra_helpers.models.shifted.FEW_SHIFTS", few)
    rng = np.random.default_rng(3)
    templates = np.cumsum(rng.normal(0, 1, (3, 50)), axis=1).astype(np.float32)
    rows = (sign * templates[1, 4:44] + rng.normal(0, 2, (6, 40))).astype(np.float32)
    shifted = ShiftedTemplates(templates, 40, degree=2)
    template, start, amplitude = shifted.match(rows)
    mine = ((rows - shifted.draw(rows, template, start, amplitude)) ** 2).sum(axis=1)
    powers = legvander(np.linspace(-1, 1, 40), 2)
    for i, row in enumerate(rows):
        found = []
        for k in range(3):
            for j in range(11):
                design = np.column_stack([templates[k, j : j + 40], powers])
                solution = np.linalg.lstsq(design, row, rcond=None)[0]
                if solution[0] > 0:
                    found.append((((row - design @ solution) ** 2).sum(), k, j, solution[0]))
        chi2, k, j, a = min(found)
        assert (template[i], start[i]) == (k, j)
        np.testing.assert_allclose([mine[i], amplitude[i]], [chi2, a], rtol=1e-3)


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
    old = TemplateMatcher(n_templates=5)
    del old.__dict__["max_noise"]
    assert repr(old) == "TemplateMatcher(n_templates=5)"

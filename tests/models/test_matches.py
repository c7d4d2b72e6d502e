"""Features of template matching: no spectrum is measured by templates that it is part of."""

import numpy as np
import pytest
from test_templates import GALAXY, QUASAR, STAR, draw_set

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.models import TemplateMatches, build_model, load_model, save_model
from spectra_helpers.models.matches import MatchedSpectra, describe_matches
from spectra_helpers.models.templates import TemplateMatcher

QUICK = {"n_templates": 4, "n_pixels": 256, "n_rounds": 2}
MODELS = {
    "forest": {"n_trees": 50},
    "svm": {},
    "cnn": {
        "epochs": 3,
        "batch_size": 32,
        "network": {"kernel_sizes": (7,), "filters": (4, 8), "dense": (16, 8), "summary": 16},
    },
}


def draw_sky(n, noise=0.3, seed=0):
    """`n` spectra of each kind, each at a redshift of its own, in random order."""
    rng = np.random.default_rng(seed)
    z = [rng.uniform(0.02, 0.2, n), rng.uniform(0.3, 0.7, n), np.zeros(n)]
    flux = np.concatenate([draw_set(k, z[k], noise, seed=10 * seed + k) for k in range(3)])
    order = rng.permutation(3 * n)
    return flux[order], np.repeat([GALAXY, QUASAR, STAR], n)[order]


def name_best(matches, features):
    """Position of the class of smallest χ², from features as `transform` gives them."""
    return (features / matches.scale_ + matches.mean_)[:, :-1].argmin(axis=1)


@pytest.fixture(scope="module")
def sky():
    return draw_sky(30)


@pytest.fixture(scope="module")
def matches(sky):
    return TemplateMatches(**QUICK).fit(*sky)


def test_description_of_known_chi2():
    chi2 = np.array([[200.0, 100.0, 400.0], [512.0, 512.0, 512.0]])
    a = np.log(5 + np.sqrt(26))  # arcsinh(100 (200 / 100 - 1) / 20)
    b = np.log(15 + np.sqrt(226))  # arcsinh(100 (400 / 100 - 1) / 20)
    expected = [[a, 0, b, 0], [0, 0, 0, np.log(5.12)]]
    np.testing.assert_allclose(describe_matches(chi2, 100), expected, atol=1e-12)
    np.testing.assert_allclose(describe_matches(7 * chi2, 100)[:, :3], np.array(expected)[:, :3])
    nothing = [[0, 0, 0, np.log(0.1)]]  # to be told from a spectrum without noise
    np.testing.assert_allclose(describe_matches(1e-12 * chi2[:1], 100), nothing)


@pytest.mark.parametrize("cv", [2, 3])
def test_spectra_are_measured_by_templates_that_never_saw_them(cv):
    """Random labels on noise: whoever is right more often than one in three has cheated."""
    rng = np.random.default_rng(4)
    flux = (5 + rng.normal(0, 1, (240, 3000))).astype(np.float32)
    label = rng.permutation(np.arange(240) % 3)
    matches = TemplateMatches(n_templates=20, n_pixels=256, n_rounds=2, max_noise=None, cv=cv)
    honest = np.mean(name_best(matches, matches.fit_transform(flux, label)) == label)
    assert abs(honest - 1 / 3) < 3 * np.sqrt(2 / 9 / 240)
    inside = np.mean(name_best(matches, matches.transform(flux)) == label)
    assert inside > 0.6


def test_features_are_those_of_the_other_fold(sky):
    """Against matchers that are trained here, on the halves of each class."""
    flux, label = sky
    half = np.zeros(len(label), int)
    for k in range(3):
        half[np.flatnonzero(label == k)[15:]] = 1
    expected = np.empty((len(label), 4))
    for fold in (0, 1):
        matcher = TemplateMatcher(4, n_pixels=256, n_rounds=2, max_noise=0.06, seed=30)
        matcher.fit(flux[half != fold], label[half != fold])
        expected[half == fold] = describe_matches(matcher.measure_chi2(flux[half == fold]), 256)
    matches = TemplateMatches(**QUICK)
    found = matches.fit_transform(flux, label)
    np.testing.assert_allclose(found / matches.scale_ + matches.mean_, expected, atol=1e-4)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(found.var(axis=0).sum(), 1, rtol=1e-4)


def test_new_spectra_are_told_apart_whatever_their_brightness(matches):
    flux, label = draw_sky(20, seed=1)
    features = matches.transform(flux)
    assert np.mean(name_best(matches, features) == label) > 0.95
    scale = np.geomspace(1e-3, 1e3, len(flux), dtype=np.float32)[:, None]
    np.testing.assert_allclose(matches.transform(flux * scale), features, atol=0.02)


def test_a_redshift_hardly_changes_the_features(matches):
    """Galaxies farther than any in training, but within reach of the templates."""
    near, far = (draw_set(GALAXY, np.full(30, z), 0.3, seed=5) for z in (0.1, 0.26))
    other = draw_set(QUASAR, np.full(30, 0.5), 0.3, seed=6)
    near, far, other = (matches.transform(flux).mean(axis=0) for flux in (near, far, other))
    assert np.abs(far - near).max() < 0.25 * np.abs(other - near).max()


def test_a_forest_with_matches_finds_galaxies_where_there_were_none_in_training():
    """Their continua are bent at random, so lines alone tell what they are."""
    rng = np.random.default_rng(8)

    def draw(label, z):
        flux = draw_set(label, z, 1.0, seed=rng.integers(10**6))
        return flux * (WAVELENGTH / 6000) ** rng.uniform(-2, 2, (len(flux), 1))

    z = [rng.uniform(0, 0.06, 80), rng.uniform(0.3, 0.9, 80), np.zeros(80)]
    flux = np.concatenate([draw(k, z[k]) for k in range(3)])
    label = np.repeat(range(3), 80)
    far = draw(GALAXY, np.linspace(0.15, 0.25, 80))
    found = [
        np.mean(build_model("forest", n_trees=50, matches=m).fit(flux, label).predict(far) == 0)
        for m in (False, {"n_templates": 10, "n_pixels": 256})
    ]
    assert found[1] > 0.8
    assert found[1] > found[0] + 0.1


@pytest.mark.parametrize("name", MODELS)
def test_stored_models_with_matches_predict_the_same(sky, name, tmp_path):
    model = build_model(name, matches=QUICK, **MODELS[name]).fit(*sky)
    flux, label = draw_sky(10, seed=2)
    proba = model.predict_proba(flux)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)
    save_model(model, tmp_path / "m")
    np.testing.assert_array_equal(load_model(tmp_path / "m").predict_proba(flux), proba)
    if name != "cnn":  # three epochs are too few
        assert np.mean(proba.argmax(axis=1) == label) > 0.9


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("matches", "wanted"), [(True, True), ({}, True), (False, False)])
def test_matches_are_there_where_they_are_asked_for(name, matches, wanted):
    names = [name.split("__")[-1] for name in build_model(name, matches=matches).get_params()]
    assert ("matches" in names) is wanted


def test_the_network_hears_of_the_matches():
    """Without its flux the network has nothing else to tell the classes by."""
    from spectra_helpers.models import SpectrumNetwork

    rng = np.random.default_rng(3)
    label = rng.permutation(np.arange(240) % 3)
    told = np.hstack([np.ones((240, 96)), 0.5 * np.eye(3)[label], np.zeros((240, 1))])
    told = (told + rng.normal(0, 0.05, told.shape)).astype(np.float32)
    network = {
        "kernel_sizes": (3,),
        "filters": (4,),
        "strides": (2,),
        "dense": (16,),
        "augment": False,
    }
    options = {"epochs": 20, "learning_rate": 0.01, "batch_size": 32}
    both = MatchedSpectra(told[:, :96], told[:, 96:])
    np.testing.assert_array_equal(both[170:], told[170:])
    learn, ask = (MatchedSpectra(part[:, :96], part[:, 96:]) for part in np.split(told, [180]))
    model = SpectrumNetwork(**options, network=network).fit(learn, label[:180])
    assert np.mean(model.predict(ask) == label[180:]) > 0.9


@pytest.mark.parametrize("name", ["forest", "svm"])
def test_one_constant_spectrum_spoils_no_model(easy_set, name):
    flux = easy_set.flux.copy()
    flux[4] = 3
    model = build_model(name, matches=True).fit(flux, easy_set.label)
    right = model.predict(easy_set.flux) == easy_set.label
    assert np.delete(right, 4).all()


@pytest.mark.parametrize("name", ["forest", "svm"])
def test_few_spectra_know_their_own_class(easy_set, name):
    """Templates of few spectra hold these very spectra, which then fit them beyond all measure."""
    few = easy_set[(easy_set.label < 2) | (np.arange(60) < 18)]  # 20, 20 and 6
    model = build_model(name, matches=True).fit(few.flux, few.label)
    np.testing.assert_array_equal(model.predict(few.flux), few.label)


def test_two_classes(sky):
    flux, label = sky
    two = label != QUASAR
    matches = TemplateMatches(**QUICK)
    assert matches.fit_transform(flux[two], label[two]).shape == (60, 3)
    assert matches.get_feature_names_out().tolist() == ["Δχ² galaxy", "Δχ² star", "χ² of the best"]
    assert matches.transform(flux).shape == (90, 3)


@pytest.mark.parametrize("n_pixels", [1000, 3000, 3700])
def test_any_number_of_pixels(n_pixels):
    rng = np.random.default_rng(1)
    label = np.arange(30) % 3
    bump = np.exp(-0.5 * ((np.linspace(0, 3, n_pixels) - 0.5 - label[:, None]) / 0.1) ** 2)
    flux = 5 + 5 * bump + rng.normal(0, 0.3, bump.shape)
    matches = TemplateMatches(**QUICK).fit(flux, label)
    np.testing.assert_array_equal(name_best(matches, matches.transform(flux)), label)


def test_odd_spectra_have_features(matches, sky):
    """Constant, half filled, negative, of no mean level: none is a reason to stop."""
    galaxy = sky[0][sky[1] == GALAXY][:1]
    half = galaxy.copy()
    half[:, 1500:] = half[:, 1499:1500]
    noise = np.random.default_rng(0).normal(0, 1, (1, 3000)).astype(np.float32)
    odd = np.concatenate([np.full((1, 3000), 3, np.float32), half, -galaxy, noise])
    assert np.isfinite(matches.transform(odd)).all()
    flux = sky[0].copy()
    flux[[3, 40, 41, 42]] = odd
    assert np.isfinite(TemplateMatches(**QUICK).fit_transform(flux, sky[1])).all()


def test_bad_input_gets_a_clear_message(matches, sky):
    flux, label = sky
    keep = np.flatnonzero(label != STAR)
    one_star = np.append(keep, np.flatnonzero(label == STAR)[0])
    with pytest.raises(ValueError, match=r"Label 2 has 1 spectra, but 2 folds need at least"):
        TemplateMatches(**QUICK).fit(flux[one_star], label[one_star])
    with pytest.raises(ValueError, match="one class"):
        TemplateMatches(**QUICK).fit(flux, np.zeros(90, int))
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[90, 80\]"):
        TemplateMatches(**QUICK).fit(flux, label[:80])
    with pytest.raises(ValueError, match="2999 pixels"):
        matches.transform(flux[:, 1:])
    with pytest.raises(ValueError, match="not fitted"):
        TemplateMatches().transform(flux)
    bad = flux.copy()
    bad[1, 5] = np.nan
    for wrong in (matches.transform, lambda rows: TemplateMatches(**QUICK).fit(rows, label)):
        with pytest.raises(ValueError, match="Row 1 holds NaN"):
            wrong(bad)


def test_models_that_share_a_folder_measure_the_same_spectra_once(tmp_path, monkeypatch):
    rng = np.random.default_rng(8)
    flux, label = rng.normal(5, 1, (60, 3000)).astype(np.float32), np.arange(60) % 3
    few = {"n_templates": 3, "n_pixels": 128, "n_rounds": 1, "max_noise": None}
    alone, fitted, count = TemplateMatches(**few), TemplateMatcher.fit, []
    monkeypatch.setattr(TemplateMatcher, "fit", lambda *a: count.append(1) or fitted(*a))
    first, second = (TemplateMatches(**few, memory=str(tmp_path)) for _ in range(2))
    found = [matches.fit_transform(flux, label) for matches in (alone, first, second)]
    assert len(count) == 4  # two folds alone, two for the first; none for the second
    np.testing.assert_array_equal(found[1], found[0])
    np.testing.assert_array_equal(found[2], found[0])
    np.testing.assert_array_equal(second.transform(flux[:9]), alone.transform(flux[:9]))
    other = TemplateMatches(**few, memory=str(tmp_path)).fit_transform(flux[::-1], label)
    assert not np.array_equal(other, found[0])
    assert len(count) == 6

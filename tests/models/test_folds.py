"""What a model cuts inside its training spectra, it cuts by object."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from test_matches import MODELS, QUICK, draw_sky

from spectra_helpers.models import ObjectKFold, build_model, fit_by_object
from spectra_helpers.models.cnn import SpectrumNetwork


@pytest.mark.parametrize("shuffle", [True, False])
def test_folds_of_single_spectra_are_those_of_scikit_learn(shuffle):
    label = np.random.default_rng(0).integers(0, 3, 100)
    options = {"shuffle": shuffle, "random_state": 3 if shuffle else None}
    groups = np.random.default_rng(1).permutation(100)  # names, in any order
    expected = list(StratifiedKFold(4, **options).split(label, label))
    for names in (None, groups):
        for ours, theirs in zip(
            ObjectKFold(4, **options).split(label, label, names), expected, strict=True
        ):
            for part, rows in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(part, rows)


def test_folds_keep_objects_together_and_the_mix_of_classes():
    rng = np.random.default_rng(2)
    label = np.repeat([0, 1, 2], [300, 60, 240])
    every = rng.permutation(np.append(np.arange(600), rng.integers(0, 600, 400)))
    seen = np.zeros(len(every), int)
    for train, test in ObjectKFold(5).split(every, label[every], every):
        assert not set(every[train]) & set(every[test])
        np.testing.assert_array_equal(np.sort(np.append(train, test)), np.arange(1000))
        share = np.bincount(label[np.unique(every[test])], minlength=3)
        np.testing.assert_array_equal(share, [60, 12, 48])
        seen[test] += 1
    assert np.all(seen == 1)


def draw_twins(n=400, seed=0):
    """Noise that says nothing of the class, each row twice: only a twin tells the label."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 20)), rng.integers(0, 3, n)
    order = rng.permutation(2 * n)
    return np.vstack([x, x + 1e-3])[order], np.append(y, y)[order], np.tile(np.arange(n), 2)[order]


def test_calibration_is_not_learned_from_twins():
    x, y, objects = draw_twins()
    new_x, new_y, _ = draw_twins(seed=1)
    loss = {}
    for name in ("by row", "by object"):
        nearest = KNeighborsClassifier(2)
        folds = StratifiedKFold(3, shuffle=True, random_state=0)
        calibrated = CalibratedClassifierCV(nearest, method="temperature", cv=3, ensemble=False)
        model = Pipeline([("near", calibrated)])
        if name == "by row":
            model.set_params(near__cv=folds).fit(x, y)
        else:
            fit_by_object(model, x, y, objects)
            assert model.get_params()["near__cv"] == 3
        loss[name] = log_loss(new_y, model.predict_proba(new_x))
    assert loss["by row"] > np.log(3) + 0.2  # as sure as if a twin were always near
    assert loss["by object"] == pytest.approx(np.log(3), abs=0.02)  # nothing can be known


def test_a_failed_training_leaves_the_folds_as_they_were():
    model = build_model("svm")
    with pytest.raises(ValueError, match="NaN"):
        fit_by_object(model, np.full((9, 3000), np.nan), np.arange(9) % 3, np.arange(9))
    assert model.get_params()["svm__cv"] == 3


@pytest.mark.parametrize("name", MODELS)
def test_matches_are_measured_with_templates_of_other_objects(name, monkeypatch):
    flux, label = draw_sky(12)
    objects = np.arange(len(label)) // 2 * 2 + 5
    label = label[np.arange(len(label)) // 2 * 2]  # of neighbours
    cuts = []
    split = ObjectKFold.split

    def spy(self, X, y, groups):
        for train, test in split(self, X, y, groups):
            cuts.append((train, test))
            yield train, test

    monkeypatch.setattr(ObjectKFold, "split", spy)
    held = []
    network = SpectrumNetwork._build
    monkeypatch.setattr(
        SpectrumNetwork,
        "_build",
        lambda s, f, *a: held.append(f) or network(s, f, *a),
    )
    model = build_model(name, matches=QUICK, **MODELS[name])
    fit_by_object(model, flux, label, objects)
    assert len(cuts) == (5 if name == "svm" else 2)  # two folds of matches, three of calibration
    for train, test in cuts:
        assert not set(objects[train]) & set(objects[test])
    if name == "cnn":
        prepared = model[0].transform(flux)
        (part,) = held
        inside = [np.any(np.all(prepared == row[: flux.shape[1]], axis=1)) for row in part]
        assert all(inside)
        rows = [np.argmax(np.all(prepared == row[: flux.shape[1]], axis=1)) for row in part]
        names, counts = np.unique(objects[rows], return_counts=True)
        assert len(names) >= 3
        assert np.all(counts == 2)


def test_the_forest_has_no_folds_without_matches():
    x, y, objects = draw_twins(60)
    forest = Pipeline([("forest", RandomForestClassifier(10, random_state=1))])
    ours = fit_by_object(forest, x, y, objects).predict_proba(x)
    theirs = RandomForestClassifier(10, random_state=1).fit(x, y).predict_proba(x)
    np.testing.assert_array_equal(ours, theirs)

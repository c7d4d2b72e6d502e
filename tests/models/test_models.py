"""Models on a toy sky, the network's own layers, and model files that must not be trusted."""

import io
import json
import os
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import skops.io
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.published import (
    RECIPE_MODELS,
    make_published_features,
    run_published,
)
from spectra_helpers.data import WAVELENGTH, SpectraSet, split_train_test
from spectra_helpers.features import SpectrumFeatures
from spectra_helpers.models import (
    SpectrumComponents,
    SpectrumNetwork,
    build_model,
    compress_flux,
    load_model,
    measure_pattern,
    save_model,
    vote,
)
from spectra_helpers.models.classic import SubsetSVC
from spectra_helpers.preprocess import SpectrumPreprocessor, energy_normalize

SMALL = {
    "forest": {"n_trees": 20},
    "svm": {},
    "cnn": {
        "epochs": 24,
        "batch_size": 32,
        "network": {"kernel_sizes": (3, 7), "filters": (8, 16), "dense": (32, 16, 8)},
    },
}


def make_toy_sky(n, seed=0):
    """Stars as blackbodies, galaxies with a redshifted break, quasars with broad lines."""
    rng = np.random.default_rng(seed)
    label = rng.choice(3, n, p=[0.34, 0.16, 0.5])
    z = np.where(label == 0, rng.uniform(0.02, 0.3, n), rng.uniform(0.3, 2, n))[:, None]
    rest = WAVELENGTH / (1 + z)
    galaxy = np.where(rest > 4000, 1, 0.5) * (1 - 0.3 * np.exp(-(((rest - 5175) / 20) ** 2)))
    lines = sum(np.exp(-(((rest - w) / 40) ** 2)) for w in (1909, 2798, 4861, 6563))
    quasar = (WAVELENGTH / 6000) ** -1.5 * (1 + 2 * lines)
    heat = 1.44e8 / (WAVELENGTH * rng.uniform(3500, 9000, (n, 1)))
    star = (WAVELENGTH / 6000) ** -5 / np.expm1(heat)
    star = star / star.mean(axis=1, keepdims=True)
    star *= 1 - 0.4 * np.exp(-(((WAVELENGTH - 5892) / 6) ** 2))
    flux = np.select([label[:, None] == 0, label[:, None] == 1], [galaxy, quasar], star)
    flux = flux + rng.normal(0, 0.04, flux.shape)
    return SpectraSet(flux * rng.uniform(5, 500, (n, 1)), label, np.arange(n))


@pytest.fixture(scope="module")
def sky():
    return split_train_test(make_toy_sky(500), 0.3)


@pytest.fixture(scope="module")
def trained(sky):
    train, _ = sky
    return {name: build_model(name, **SMALL[name]).fit(train.flux, train.label) for name in SMALL}


@pytest.mark.parametrize("name", SMALL)
def test_models_learn_the_toy_sky(trained, sky, name):
    _, test = sky
    proba = trained[name].predict_proba(test.flux)
    assert proba.shape == (len(test), 3)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(trained[name].predict(test.flux), proba.argmax(axis=1))
    assert np.mean(proba.argmax(axis=1) == test.label) > 0.9
    np.testing.assert_array_equal(trained[name].classes_, [0, 1, 2])


@pytest.mark.parametrize("name", SMALL)
def test_scale_and_dead_pixels_do_not_matter(trained, sky, name):
    flux = sky[1].flux
    changed = flux * 1000
    changed[:, 1700:1703] = 0
    proba = trained[name].predict_proba(flux)
    assert np.abs(trained[name].predict_proba(changed) - proba).max() < 0.2
    assert np.abs(trained[name].predict_proba(changed) - proba).mean() < 0.01


@pytest.mark.parametrize("name", SMALL)
def test_same_seed_same_model(trained, sky, name):
    train, test = sky
    again = clone(build_model(name, **SMALL[name])).fit(train.flux, train.label)
    expected = trained[name].predict_proba(test.flux)
    np.testing.assert_allclose(again.predict_proba(test.flux), expected, atol=1e-4)


@pytest.mark.parametrize("name", SMALL)
def test_bad_input_gets_a_clear_message(trained, sky, name):
    train, test = sky
    with pytest.raises(ValueError, match="one class"):
        build_model(name).fit(train.flux[:20], np.zeros(20, int))
    with pytest.raises(ValueError, match="no label"):
        build_model(name).fit(train.flux[:20], np.full(20, -1))
    with pytest.raises(ValueError, match="2999 pixels"):
        trained[name].predict(test.flux[:, 1:])
    for value, word in ((np.nan, "Row 1 holds NaN"), (0, "Row 1 is zero everywhere")):
        bad = test.flux[:3].copy()
        bad[1] = value
        with pytest.raises(ValueError, match=word):
            trained[name].predict(bad)


def test_prediction_of_a_row_does_not_depend_on_its_batch(trained, sky, monkeypatch):
    model, flux = trained["cnn"], sky[1].flux
    whole = model.predict_proba(flux)
    monkeypatch.setattr("spectra_helpers.models.cnn.ROWS_PREDICTED", 64)  # the last batch: 22 rows
    np.testing.assert_allclose(model.predict_proba(flux), whole, atol=1e-5)
    np.testing.assert_allclose(model.predict_proba(flux[:5]), whole[:5], atol=1e-5)


def test_unknown_model():
    with pytest.raises(ValueError, match="forest, svm, cnn"):
        build_model("knn")


def test_network_in_cross_validation_stops_early_where_there_is_nothing_to_learn():
    rng = np.random.default_rng(2)
    flux, label = rng.normal(10, 1, (90, 3000)), np.arange(90) % 3
    options = {**SMALL["cnn"], "epochs": 40, "patience": 1, "learning_rate": 0.01}
    result = cross_validate(
        build_model("cnn", **options), flux, label, cv=2, return_estimator=True, error_score="raise"
    )
    assert len(result["test_score"]) == 2
    assert min(len(e[-1].history_["val_loss"]) for e in result["estimator"]) < 40


def test_learning_rate_of_the_last_step_is_on_the_cosine(trained):
    network = trained["cnn"][-1]
    done, epochs = int(network.model_.optimizer.iterations), len(network.history_["loss"])
    total = done // epochs * network.epochs
    part = (done - 1 - total // 10) / (total - total // 10)
    expected = network.learning_rate * (0.01 + 0.99 * (1 + np.cos(np.pi * part)) / 2)
    rate = float(network.model_.optimizer.learning_rate)
    np.testing.assert_allclose(rate, expected, rtol=1e-3)


def test_network_is_imported_without_a_word():
    code = "from spectra_helpers.models import make_cnn"
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_learning_rates_are_those_of_the_keras_schedule():
    network = SpectrumNetwork(epochs=3, learning_rate=0.01)
    optimizer = keras.optimizers.Adam()
    callback = network._set_rate(optimizer, 10)
    theirs = keras.optimizers.schedules.CosineDecay(
        0.001, 27, alpha=0.01, warmup_target=0.01, warmup_steps=3
    )
    for step in range(30):
        callback.on_train_batch_begin(step, None)
        np.testing.assert_allclose(float(optimizer.learning_rate), theirs(step), rtol=1e-4)


def test_components_without_balance_are_scikit_learns(sky):
    flux = energy_normalize(sky[0].flux)
    mine = SpectrumComponents(5, compress=False, balance=0).fit_transform(flux)
    theirs = PCA(5, svd_solver="full").fit_transform(flux)
    theirs /= np.sqrt((theirs**2).sum(axis=1).mean())
    np.testing.assert_allclose(np.abs(mine), np.abs(theirs), atol=0.02)


def test_components_balance_and_ignore_scale(sky):
    flux = sky[0].flux
    scores = SpectrumComponents(20, balance=1.0).fit_transform(flux)
    np.testing.assert_allclose(scores.std(axis=0), 1 / np.sqrt(20), rtol=0.01)
    components = SpectrumComponents(20).fit(flux)
    np.testing.assert_allclose(
        components.transform(flux), components.transform(flux * 50), atol=1e-3
    )
    few = SpectrumComponents(60).fit(flux[:10])
    assert few.transform(flux).shape == (len(flux), 9)
    some = SpectrumComponents(5, max_rows=50).fit(flux)
    assert some.transform(flux).shape == (len(flux), 5)


def test_svm_learns_from_a_subset_with_the_same_mix():
    rng = np.random.default_rng(1)
    y = rng.choice(3, 3000, p=[0.2, 0.1, 0.7])
    x = rng.normal(0, 1, (3000, 2)) + 3 * np.eye(3)[y][:, :2]
    svc = SubsetSVC(max_rows=300).fit(x, y)
    assert svc.shape_fit_ == (300, 2)
    assert svc.score(x, y) > 0.8  # the classes overlap


def test_margins_of_a_class_are_summed_over_its_pairs():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 300)
    x = rng.normal(0, 1, (300, 2)) + 2 * np.eye(3)[y][:, :2]
    ours = SubsetSVC(C=1.0, gamma=0.5).fit(x, y)
    plain = SVC(C=1.0, gamma=0.5, class_weight="balanced", decision_function_shape="ovo").fit(x, y)
    first, second, third = plain.decision_function(x).T  # galaxy-quasar, galaxy-star, quasar-star
    expected = np.stack([first + second, third - first, -second - third], axis=1)
    np.testing.assert_allclose(ours.decision_function(x), expected, atol=1e-9)
    assert np.mean(ours.decision_function(x).argmax(axis=1) == plain.predict(x)) > 0.97
    two = SubsetSVC().fit(x[y < 2], y[y < 2])
    assert two.decision_function(x).shape == (300,)


@pytest.mark.parametrize("norm", ["batch", "dropout", None])
def test_network_shapes(norm):
    from spectra_helpers.models import build_cnn_network

    network = build_cnn_network(1200, 4, kernel_sizes=(3, 5), norm=norm, dense=(16, 8))
    assert network.output_shape == (None, 4)
    kinds = [type(layer).__name__ for layer in network.layers]
    assert ("BatchNormalization" in kinds) == (norm == "batch")
    assert ("Dropout" in kinds) == (norm == "dropout")
    assert kinds.count("Dense") == 5
    assert build_cnn_network(3000).count_params() < 500_000
    with pytest.raises(ValueError, match="unknown"):
        build_cnn_network(norm="layer")


def test_augmentation_acts_in_training_only():
    from spectra_helpers.models.layers import SpectralAugment

    flux = np.tile(np.linspace(1, 2, 3000, dtype=np.float32), (400, 1))
    layer = SpectralAugment(seed=1)
    np.testing.assert_array_equal(layer(flux), flux)
    once, twice = (np.array(layer(flux, training=True)) for _ in range(2))
    assert not np.allclose(once, twice)
    assert np.all(once.std(axis=0) > 0)
    again = np.array(SpectralAugment(seed=1)(flux, training=True))
    np.testing.assert_array_equal(again, once)


def test_augmentation_does_what_each_parameter_says():
    from spectra_helpers.models.layers import SpectralAugment

    none = {"tilt": 0, "offset": 0, "shift": 0, "blur": 0, "noise": 0, "mask": 0}
    flux = np.ones((500, 3000), np.float32)

    def change(**options):
        return np.array(SpectralAugment(**{**none, **options})(flux, training=True))

    np.testing.assert_allclose(change(), flux, atol=1e-6)
    assert np.log(change(tilt=0.1)[:, -1]).std() == pytest.approx(0.1 * np.sqrt(1 + 4 / 9), rel=0.1)
    step = change(offset=0.1)
    assert np.all(step[:, :1000] == 1)
    assert step[:, -1].std() == pytest.approx(0.1, rel=0.1)
    width = change(noise=0.5)[:, 1000:].std(axis=1)
    assert 0.4 < width.max() < 0.52
    assert 0.005 < width.min() < 0.01
    spike = flux.copy()
    spike[:, 1500] = 100
    layer = SpectralAugment(**{**none, "blur": 1.0})
    blurred = np.array(layer(spike, training=True))
    assert blurred[0].sum() == pytest.approx(spike[0].sum(), rel=1e-5)
    assert 30 < blurred[0].max() < 60


def test_patches_keep_every_pixel():
    from spectra_helpers.models.layers import SpectrumPatches

    flux = np.random.default_rng(3).normal(2, 1, (4, 96)).astype(np.float32)
    patches = np.array(SpectrumPatches(width=8, reach=1, gain=1.0)(flux))
    assert patches.shape == (4, 12, 9)
    back = (patches[:, :, 1:] + patches[:, :, :1]).reshape(4, 96)
    scaled = flux / np.sqrt((flux**2).mean(axis=1, keepdims=True))
    np.testing.assert_allclose(back, np.arcsinh(scaled), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        np.array(SpectrumPatches(width=8)(flux * 1e4)), SpectrumPatches(width=8)(flux), atol=1e-5
    )


def test_the_pattern_forgets_the_redshift():
    """A line list moved by a redshift: other pixels, nearly the same pattern."""
    lines = np.array([4100.0, 4350.0, 4862.0, 5007.0])

    def draw(z, widths=8.0):
        centers = (lines * (1 + z))[:, None]
        return 1 + np.exp(-0.5 * ((WAVELENGTH - centers) / (widths * (1 + z))) ** 2).sum(axis=0)

    near, far, wide = (
        measure_pattern(flux[None])[0] for flux in (draw(0.20), draw(0.35), draw(0.2, 40))
    )
    assert near.shape == (256,)
    assert np.corrcoef(near, far)[0, 1] > 0.9
    assert np.abs(near - far).mean() < 0.3 * np.abs(near - wide).mean()
    pixels = np.abs(draw(0.2) - draw(0.35)).mean()
    assert pixels > 0.9 * np.abs(draw(0.2) - 1).mean()  # the spectra themselves hardly overlap


def test_pattern_of_the_network_is_that_of_the_forest():
    from spectra_helpers.models.layers import LinePattern

    flux = np.random.default_rng(5).normal(2, 1, (3, 3000)).astype(np.float32)
    by_layer = np.array(LinePattern(100)(flux))
    np.testing.assert_allclose(by_layer, measure_pattern(compress_flux(flux), 100), atol=2e-3)


def test_broad_shape_is_the_mean_of_blocks():
    from spectra_helpers.models.layers import BroadShape

    flux = np.random.default_rng(6).normal(2, 1, (3, 205)).astype(np.float32)
    means = np.array(BroadShape(10)(flux))
    assert means.shape == (3, 20)
    scaled = np.arcsinh(flux / np.sqrt((flux**2).mean(axis=1, keepdims=True)))
    np.testing.assert_allclose(means[:, 3], scaled[:, 30:40].mean(axis=1), rtol=1e-4)


@pytest.mark.parametrize("name", SMALL)
def test_stored_models_predict_the_same(trained, sky, name, tmp_path):
    path = tmp_path / "a.model"
    save_model(trained[name], path, {"seed": 30})
    loaded = load_model(path)
    flux = sky[1].flux
    np.testing.assert_array_equal(loaded.predict_proba(flux), trained[name].predict_proba(flux))
    np.testing.assert_array_equal(loaded.predict(flux), trained[name].predict(flux))
    about = read_about(path)
    assert about["about"] == {"seed": 30}
    assert about["classes"] == ["galaxy", "quasar", "star"]
    assert [p.name for p in tmp_path.iterdir()] == ["a.model"]
    assert b"pickle" not in path.read_bytes()
    with pytest.raises(ValueError, match="2999 pixels"):
        loaded.predict(flux[:, 1:])


def test_a_pipeline_of_a_lesson_can_be_stored(sky, tmp_path):
    train, test = sky
    forest = RandomForestClassifier(5, random_state=0)
    model = make_pipeline(SpectrumPreprocessor(), SpectrumFeatures(50), StandardScaler(), forest)
    save_model(model.fit(train.flux, train.label), tmp_path / "m")
    expected = model.predict_proba(test.flux)
    np.testing.assert_array_equal(load_model(tmp_path / "m").predict_proba(test.flux), expected)


def test_what_cannot_be_stored_is_refused(sky, tmp_path):
    train, _ = sky
    with pytest.raises(ValueError, match="not trained"):
        save_model(build_model("forest"), tmp_path / "m")
    with pytest.raises(ValueError, match="Pipeline"):
        save_model(SubsetSVC(), tmp_path / "m")

    class Mine(SpectrumPreprocessor):
        pass

    model = make_pipeline(Mine(), RandomForestClassifier(2)).fit(train.flux, train.label)
    with pytest.raises(ValueError, match="Mine"):
        save_model(model, tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def read_about(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("metadata.json"))


def rewrite(source, target, **members):
    """Copy a model file with some of its files replaced (None: left out)."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        content = {n: old.read(n) for n in old.namelist()}
        content.update({n.replace("__", "."): data for n, data in members.items()})
        for name, data in content.items():
            if data is not None:
                new.writestr(name, data)


@pytest.fixture(scope="module")
def files(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, model in trained.items():
        save_model(model, folder / name)
    return folder


OLD_NAMES = {  # what files of earlier versions say of the modules that have moved since
    "spectra_helpers.preprocess.prepare": "spectra_helpers.preprocess",
    "spectra_helpers.models.layers": "spectra_helpers.models.augment_layer",
}


def rename_modules(data):
    """Return the bytes of a zip with the old names of modules in its JSON."""
    renamed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as new, zipfile.ZipFile(renamed, "w") as old:
        for name in new.namelist():
            content = new.read(name)
            if name.endswith(".json"):
                for now, before in OLD_NAMES.items():
                    content = content.replace(f'"{now}"'.encode(), f'"{before}"'.encode())
            old.writestr(name, content)
    return renamed.getvalue()


@pytest.mark.parametrize("name", SMALL)
def test_models_of_earlier_versions_are_read(files, trained, sky, name, tmp_path):
    with zipfile.ZipFile(files / name) as archive:
        packed = [part for part in archive.namelist() if part != "metadata.json"]
        old = {part.replace(".", "__"): rename_modules(archive.read(part)) for part in packed}
    with zipfile.ZipFile(io.BytesIO(old["model__skops"])) as archive:
        assert b'"spectra_helpers.preprocess"' in archive.read("schema.json")
    rewrite(files / name, tmp_path / "m", **old)
    flux = sky[1].flux
    expected = trained[name].predict_proba(flux)
    np.testing.assert_array_equal(load_model(tmp_path / "m").predict_proba(flux), expected)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 0.999])
def test_truncated_files_are_refused(files, name, part, tmp_path):
    data = (files / name).read_bytes()
    (tmp_path / "m").write_bytes(data[: int(len(data) * part)])
    with pytest.raises(ValueError, match="no model that can be loaded"):
        load_model(tmp_path / "m")


def test_other_files_are_refused(tmp_path, files):
    (tmp_path / "text").write_text("SIMPLE  =                    T")
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        archive.writestr("../outside", "x")
    flipped = bytearray((files / "svm").read_bytes())
    flipped[len(flipped) // 2] ^= 255
    (tmp_path / "flipped").write_bytes(flipped)
    for name in ("text", "zip", "flipped"):
        with pytest.raises(ValueError, match="no model that can be loaded"):
            load_model(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "nothing")


@pytest.mark.parametrize(
    "change",
    [
        {"format": 99},
        {"kind": "pickle"},
        {"classes": ["galaxy", "dog", "star"]},
        {"classes": ["star", "quasar", "galaxy"]},
        {"n_pixels": 2999},
        {"n_pixels": "many"},
    ],
)
def test_metadata_that_does_not_fit_is_refused(files, tmp_path, change):
    about = {**read_about(files / "svm"), **change}
    rewrite(files / "svm", tmp_path / "m", metadata__json=json.dumps(about))
    with pytest.raises(ValueError, match="no model that can be loaded"):
        load_model(tmp_path / "m")


class Hostile:
    def __reduce__(self):
        return print, ("executed",)


def test_unknown_types_are_refused(files, tmp_path, capsys):
    for strange in (Hostile(), {"a": Hostile()}, PCA(2)):
        data = skops.io.dumps(strange)
        rewrite(files / "svm", tmp_path / "m", model__skops=data)
        with pytest.raises(ValueError, match=r"unknown types|no pipeline"):
            load_model(tmp_path / "m")
    assert capsys.readouterr().out == ""


def test_too_large_files_are_refused_also_packed_in_the_zip_inside(files, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", bytes(10**7))
    bomb = (tmp_path / "bomb").read_bytes()
    assert len(bomb) < 10**5
    monkeypatch.setattr("spectra_helpers.models.store.MAX_BYTES", 10**6)
    for content in (bytes(10**7), bomb):
        rewrite(files / "svm", tmp_path / "m", model__skops=content)
        with pytest.raises(ValueError, match="would unpack to more than"):
            load_model(tmp_path / "m")


def test_broken_trees_and_support_vectors_are_refused(trained, tmp_path):
    import copy

    forest = copy.deepcopy(trained["forest"])
    tree = forest[-1].estimators_[0].tree_
    state = tree.__getstate__()
    state["nodes"]["left_child"][0] = 10**6
    tree.__setstate__(state)
    save_model(forest, tmp_path / "m")
    with pytest.raises(ValueError, match="tree of it is broken"):
        load_model(tmp_path / "m")
    svm = copy.deepcopy(trained["svm"])
    svc = svm[-1].calibrated_classifiers_[0].estimator
    svc.support_vectors_ = svc.support_vectors_[:5]
    save_model(svm, tmp_path / "m")
    with pytest.raises(ValueError, match="support vectors are broken"):
        load_model(tmp_path / "m")


def test_networks_of_unknown_layers_are_refused(files, tmp_path):
    inputs = keras.Input((3000,))
    outputs = keras.layers.Dense(3)(keras.layers.Lambda(lambda x: x * 2)(inputs))
    keras.Model(inputs, outputs).save(tmp_path / "n.keras")
    rewrite(files / "cnn", tmp_path / "m", network__keras=(tmp_path / "n.keras").read_bytes())
    with pytest.raises(ValueError, match="unknown layers: Lambda"):
        load_model(tmp_path / "m")
    rewrite(files / "cnn", tmp_path / "m", network__keras=None)
    with pytest.raises(ValueError, match=r"network\.keras"):
        load_model(tmp_path / "m")


def test_importing_the_package_does_not_import_tensorflow():
    import subprocess
    import sys

    code = "import sys, benchmarks.published; print('tensorflow' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def test_published_recipe_leaks_as_published(sky):
    train, _ = sky
    values, label = make_published_features(train, n_copies=30)
    assert values.shape == (len(train) + 60, min(500, len(train) + 60))
    assert np.bincount(label)[1] == np.sum(train.label == 1) + 30
    script, _ = make_published_features(train, "script", n_copies=30)
    assert script.shape[1] == values.shape[1] + 306
    assert script[:, -100:].max() > 2900  # argmax and argmin, unscaled as published
    with pytest.raises(ValueError, match="'pca' or 'script'"):
        make_published_features(train, "all")


@pytest.mark.parametrize("model", RECIPE_MODELS)
def test_published_models_run(model):
    spectra = make_toy_sky(120, seed=5)
    result = run_published(spectra, model, epochs=1)
    assert len(result["truth"]) == len(result["predicted"]) == 104
    assert set(result["seconds"]) == {"features", "training", "prediction"}
    if model == "forest":
        assert np.mean(result["truth"] == result["predicted"]) > 0.8


def test_published_network_is_as_described():
    from benchmarks.published import build_published_network

    kinds = [type(layer).__name__ for layer in build_published_network().layers]
    assert kinds.count("Conv1D") == 24
    assert kinds.count("BatchNormalization") == 27
    assert kinds.count("MaxPooling1D") == 24
    assert kinds.count("Dense") == 4
    with pytest.raises(ValueError, match="Unknown model"):
        run_published(make_toy_sky(30), "knn")


# --- voting


def test_vote_of_equal_models_is_what_they_say_and_opposites_cancel():
    proba = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    np.testing.assert_allclose(vote([proba, proba, proba]), proba, atol=1e-12)
    turned = proba[:, ::-1]
    joint = vote([proba, turned])
    np.testing.assert_allclose(joint[:, 0], joint[:, 2])
    np.testing.assert_allclose(joint.sum(axis=1), 1)


def test_a_class_that_one_model_rules_out_loses_but_not_without_hope():
    sure, doubtful = np.array([[0.0, 1.0, 0.0]]), np.array([[0.9, 0.05, 0.05]])
    assert vote([sure, doubtful]).argmax() == 1
    assert vote([sure, doubtful, doubtful, doubtful, doubtful, doubtful]).argmax() == 0
    assert np.isfinite(vote([sure, sure[:, ::-1]])).all()

"""The published recipe as it was published, leak and all, to stand beside ours (lessons 05-07).

Parameters are those of "LAMOST-Spectra-Classifier" (2025): copies of galaxies and quasars and
the principal components are made *before* the split, which is not stratified.
"""

from time import perf_counter

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from spectra_helpers.augment import augment_training_set
from spectra_helpers.features import block_statistics, measure_lines
from spectra_helpers.preprocess import energy_normalize, smooth_savgol

KERNEL_SIZES = (3, 5, 7, 9, 11, 13, 15, 17)
RECIPE_MODELS = ("forest", "svm", "cnn")


def build_published_network(n_features=500, n_classes=3, kernel_sizes=KERNEL_SIZES, filters=32):
    """Return the published network: eight branches over a vector of features.

    Parameters
    ----------
    n_features, n_classes : int
    kernel_sizes : sequence of int
        A branch each, of three times convolution, ReLU, batch norm, pooling by 3.
    filters : int

    Returns
    -------
    keras.Model
        Compiled with Adam at 5e-4.
    """
    from spectra_helpers.models.layers import keras, layers

    inputs = keras.Input((n_features, 1))
    branches = []
    for size in kernel_sizes:
        x = inputs
        for _ in range(3):
            x = layers.Conv1D(filters, size, padding="same", activation="relu")(x)
            x = layers.MaxPooling1D(3, padding="same")(layers.BatchNormalization()(x))
        branches.append(x)
    x = layers.Flatten()(layers.Concatenate()(branches))
    for units in (128, 64, 32):
        x = layers.BatchNormalization()(layers.Dense(units, activation="relu")(x))
    network = keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))
    network.compile(keras.optimizers.Adam(5e-4), "sparse_categorical_crossentropy")
    return network


def make_published_features(spectra, features="pca", n_copies=200, seed=30, more=None):
    """Augment, normalize, smooth and describe *all* spectra: here the test set leaks.

    Parameters
    ----------
    spectra : SpectraSet
    features : {"pca", "script"}
        500 principal components (the notebook), or these with six line fluxes and 50 blocks of
        mean, variance, max, min, argmax and argmin beside them (the script: 806 values).
    n_copies : int
        Noisy copies (SNR 100) of galaxies and of quasars.
    seed : int
    more : SpectraSet, optional
        Spectra that take no part, to be described in the same way.

    Returns
    -------
    values : ndarray, shape (n_spectra + 2 * n_copies, n_features)
    label : ndarray of int
    values_of_more : ndarray, shape (n_more, n_features)
        Only with `more`.

    Raises
    ------
    ValueError
        Unknown `features`, or bad rows of flux.
    """
    if features not in ("pca", "script"):
        raise ValueError(f"features={features!r} is unknown. Choose 'pca' or 'script'.")
    copies = {"galaxy": n_copies, "quasar": n_copies}
    everything = augment_training_set(spectra, copies, snr=100, seed=seed)
    flux = smooth_savgol(energy_normalize(everything.flux), 10, 3, center=False)
    pca = PCA(min(500, *flux.shape), svd_solver="randomized", random_state=seed)
    values = _describe(flux, pca.fit_transform(flux), features)
    if more is None:
        return values, everything.label
    flux = smooth_savgol(energy_normalize(more.flux), 10, 3, center=False)
    return values, everything.label, _describe(flux, pca.transform(flux), features)


def _describe(flux, components, features):
    if features == "script":
        blocks = block_statistics(flux, 50, positions=True)
        components = np.hstack([components, measure_lines(flux, air=True), blocks])
    return components.astype(np.float32)


def make_published(model="forest", seed=30, n_features=500):
    """Return the published classifier of a name, untrained: it takes features, not spectra.

    Parameters
    ----------
    model : {"forest", "svm", "cnn"}
    seed : int
        Of forest and network.
    n_features : int
        Values a spectrum; only the network has to know.

    Returns
    -------
    RandomForestClassifier, SVC or keras.Model

    Raises
    ------
    ValueError
        Unknown model.
    """
    if model == "forest":
        return RandomForestClassifier(100, class_weight="balanced", n_jobs=-1, random_state=seed)
    if model == "svm":
        return SVC(kernel="rbf", class_weight="balanced", random_state=seed)
    if model == "cnn":
        from spectra_helpers.models.layers import keras

        keras.utils.set_random_seed(seed)
        return build_published_network(n_features)
    raise ValueError(f"Unknown model {model!r}. Choose one of: {', '.join(RECIPE_MODELS)}.")


def run_published(spectra, model="forest", seed=30, epochs=20, features="pca"):
    """Run the published recipe from raw spectra to predictions of its test set.

    Parameters
    ----------
    spectra : SpectraSet
    model : {"forest", "svm", "cnn"}
    seed : int
        Of copies, components, split and classifier; published: 30.
    epochs : int
        Of the network; 20 in its code, 50 in its text.
    features : {"pca", "script"}
        As in `make_published_features`. Nothing is scaled, so with "script" the SVM collapses.

    Returns
    -------
    dict
        ``"truth"`` and ``"predicted"``, arrays of labels of the test fifth; ``"seconds"``: times of
        features, training and prediction.
    """
    start = perf_counter()
    values, label = make_published_features(spectra, features, seed=seed)
    train, test, y_train, y_test = train_test_split(values, label, test_size=0.2, random_state=seed)
    classifier = make_published(model, seed, values.shape[1])
    prepared = perf_counter()
    if model == "cnn":
        classifier.fit(train, y_train, batch_size=128, epochs=epochs, verbose=0)
        trained = perf_counter()
        predicted = classifier.predict(test, batch_size=128, verbose=0).argmax(axis=1)
    else:
        classifier.fit(train, y_train)
        trained = perf_counter()
        predicted = classifier.predict(test)
    seconds = {
        "features": prepared - start,
        "training": trained - prepared,
        "prediction": perf_counter() - trained,
    }
    return {"truth": y_test, "predicted": predicted, "seconds": seconds}

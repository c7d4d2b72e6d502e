"""The convolutional network, and its training as a scikit-learn classifier (lesson 06)."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import check_is_fitted

from spectra_helpers.data import CLASSES, split_rows
from spectra_helpers.models.layers import (
    BroadShape,
    LinePattern,
    SpectralAugment,
    SpectrumPatches,
    TakeColumns,
    keras,
    layers,
)
from spectra_helpers.models.matches import AddMatches, MatchedSpectra, list_matches
from spectra_helpers.preprocess import SpectrumPreprocessor, check_flux

ROWS_PREDICTED = 1024  # bounds the memory of a prediction at about 100 MB


def build_cnn_network(
    n_pixels=3000,
    n_classes=3,
    kernel_sizes=(5,),
    filters=(16, 32),
    strides=(2, 4),
    norm="batch",
    dropout_rate=0.2,
    summary=128,
    dense=(128, 64, 32),
    augment=True,
    n_matches=0,
    seed=30,
):
    """Return an untrained network: branches that look at the spectrum, then three dense layers.

    Convolutions of different reach find lines, breaks and bands where they are. Two branches
    without convolutions sum up the whole: `BroadShape` and the redshift-free `LinePattern`.

    Parameters
    ----------
    n_pixels, n_classes : int
    kernel_sizes : sequence of int
        One branch of convolutions each: narrow kernels see lines, wide ones bands and breaks.
    filters, strides : sequence of int
        Convolutions of every branch. Strides instead of pooling make it ten times faster.
    norm : {"batch", "dropout", None}
        What follows each convolution and dense layer (an experiment of lesson 06).
    dropout_rate : float
        For ``norm="dropout"``.
    summary : int
        Units of each branch without convolutions; 0 leaves both out.
    dense : sequence of int
    augment : bool or dict
        Begin with `SpectralAugment`, which acts while training only; a dict holds its parameters.
    n_matches : int
        Columns after the spectrum that say how well templates fit it (`TemplateMatches`). They go
        to the first dense layer, beside what the branches found.
    seed : int
        Of the augmentation.

    Returns
    -------
    keras.Model
        Takes spectra (n_spectra, n_pixels + n_matches) on any scale, gives probabilities.
    """
    if norm not in ("batch", "dropout", None):
        raise ValueError(f"norm={norm!r} is unknown. Choose 'batch', 'dropout' or None.")

    def normalize(x):
        if norm == "batch":
            return layers.BatchNormalization(momentum=0.9)(x)
        return layers.Dropout(dropout_rate)(x) if norm == "dropout" else x

    x = inputs = keras.Input((n_pixels + n_matches,), name="spectrum")
    if n_matches:
        x = TakeColumns(0, n_pixels)(inputs)
    if augment:
        options = augment if isinstance(augment, dict) else {}
        x = SpectralAugment(seed=seed, **options)(x)
    patches, branches = SpectrumPatches()(x), []
    for size in kernel_sizes:
        branch = patches
        for number, stride in zip(filters, strides, strict=True):
            branch = layers.Conv1D(number, size, strides=stride, padding="same")(branch)
            branch = layers.ReLU()(normalize(branch))
        branches.append(layers.Flatten()(layers.AveragePooling1D(2, padding="same")(branch)))
    for whole in (BroadShape, LinePattern) if summary else ():
        branches.append(layers.ReLU()(normalize(layers.Dense(summary)(whole()(x)))))
    if n_matches:
        fit = normalize(TakeColumns(n_pixels, n_pixels + n_matches)(inputs))
        branches.append(layers.ReLU()(normalize(layers.Dense(32)(fit))))
    x = layers.Concatenate()(branches) if len(branches) > 1 else branches[0]
    for units in dense:
        x = layers.ReLU()(normalize(layers.Dense(units)(x)))
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax", name="class")(x))


def join_networks(networks):
    """Return a network that gives the mean of the probabilities of several; of one, itself.

    Parameters
    ----------
    networks : list of keras.Model
        With inputs and outputs of the same shapes.

    Returns
    -------
    keras.Model
    """
    if len(networks) == 1:
        return networks[0]
    inputs = keras.Input(networks[0].input.shape[1:], name="spectrum")
    return keras.Model(inputs, layers.Average()([network(inputs) for network in networks]))


class Batches(keras.utils.PyDataset):
    """Rows of an array in a new random order each epoch, without a copy of the array."""

    def __init__(self, flux, target, weight, rows, batch_size, seed):
        super().__init__()
        self.flux, self.target, self.weight, self.rows = flux, target, weight, rows
        self.batch_size = batch_size
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self):
        return max(len(self.rows) // self.batch_size, 1)

    def __getitem__(self, i):
        rows = self.order[i * self.batch_size : (i + 1) * self.batch_size]
        return self.flux[rows], self.target[rows], self.weight[rows]

    def on_epoch_end(self):
        """Draw the order of the next epoch."""
        self.order = self.rng.permutation(self.rows)


class SpectrumNetwork(keras.wrappers.SKLearnClassifier):
    """`build_cnn_network` as a scikit-learn classifier: trained, stopped early, reproducible.

    Parameters
    ----------
    epochs : int
        At most; the learning rate falls along a cosine over all of them.
    batch_size : int
    learning_rate : float
        Its peak, after a warm-up of one tenth of the steps.
    validation : float
        Part of the training spectra, with the same class mix, that training stops by.
    patience : int
        Epochs without a lower validation loss before it stops; the best weights are kept.
    network : dict, optional
        Options of `build_cnn_network`.
    members : int
        Networks that are trained from seeds of their own, and whose probabilities are averaged.
    seed : int
        Of weights, order of the batches, augmentation and validation part.
    verbose : bool
        Show the progress of each epoch.

    Attributes
    ----------
    classes_ : ndarray
    model_ : keras.Model
    history_ : dict of list
        Loss and accuracy of each epoch, on training and validation part; of the last member.

    Notes
    -----
    Keras draws from the global random states of Python, NumPy and TensorFlow: `fit` sets all three
    (``keras.utils.set_random_seed``). Generators made with ``numpy.random.default_rng`` are not
    touched.
    """

    def __init__(
        self,
        epochs=8,
        batch_size=128,
        learning_rate=2e-3,
        validation=0.1,
        patience=5,
        network=None,
        members=1,
        seed=30,
        verbose=False,
    ):
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation = validation
        self.patience = patience
        self.network = network
        self.members = members
        self.seed = seed
        self.verbose = verbose

    def __sklearn_clone__(self):
        return type(self)(**self.get_params(deep=False))

    def fit(self, X, y, groups=None):
        """Train on spectra (n_spectra, n_pixels); ValueError on bad rows or fewer than 2 classes.

        A class with fewer than 2 objects is refused too: it cannot be in both parts. `groups` has
        the object of each spectrum; the validation part shares none with the others.
        """
        matched = isinstance(X, MatchedSpectra)
        flux, n_matches = (X, X.matches.shape[1]) if matched else (check_flux(X), 0)
        target = self._process_target(np.asarray(y), reset=True).astype(np.float32)
        self.n_features_in_ = flux.shape[1]
        seeds = range(self.seed, self.seed + self.members)
        trained = [self._train(flux, target, groups, n_matches, seed) for seed in seeds]
        self.model_ = join_networks([network for network, _ in trained])
        self.history_ = trained[-1][1]
        return self

    def _train(self, flux, target, groups, n_matches, seed):
        keras.utils.set_random_seed(seed)
        label = target.argmax(axis=1)
        n_objects = len(label) if groups is None else len(np.unique(groups))
        held = max(int(self.validation * n_objects), len(CLASSES))
        train, check = split_rows(label, held, seed, groups)
        balance = compute_class_weight("balanced", classes=np.unique(label), y=label[train])
        weight = np.sqrt(balance).astype(np.float32)[label]
        batches = Batches(flux, target, weight, train, self.batch_size, seed)
        validation = (flux[check], target[check])
        model = self._build(*validation, n_matches, seed)
        stop = keras.callbacks.EarlyStopping(
            "val_loss", patience=self.patience, restore_best_weights=True
        )
        history = model.fit(
            batches,
            epochs=self.epochs,
            validation_data=validation,
            validation_batch_size=ROWS_PREDICTED,
            callbacks=[stop, self._set_rate(model.optimizer, len(batches))],
            verbose=2 if self.verbose else 0,
        )
        return model, history.history

    def _build(self, flux, target, n_matches, seed):
        """Return the network, compiled; all that its first step would create is created already.

        TensorFlow compiles a step that creates variables (of optimizer and metrics) twice.
        """
        options = {"n_matches": n_matches, "seed": seed, **(self.network or {})}
        model = build_cnn_network(flux.shape[1] - n_matches, target.shape[1], **options)
        optimizer = keras.optimizers.AdamW(self.learning_rate, weight_decay=1e-4)
        model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
        optimizer.build(model.trainable_variables)
        model.evaluate(flux, target, batch_size=ROWS_PREDICTED, verbose=0)
        return model

    def _set_rate(self, optimizer, steps):
        """Return a callback that sets the learning rate of each step.

        Given to the optimizer, a schedule would be computed once for every array of weights.
        """
        total = steps * self.epochs
        first = max(total // 10, 1)
        rise = np.linspace(0.1, 1, first, endpoint=False)
        fall = (1 + np.cos(np.pi * np.arange(total - first) / max(total - first, 1))) / 2
        rates = iter(self.learning_rate * np.append(rise, 0.01 + 0.99 * fall))
        return keras.callbacks.LambdaCallback(
            on_train_batch_begin=lambda batch, logs: optimizer.learning_rate.assign(next(rates))
        )

    def get_state(self):
        """Return what is not in the network, as JSON can hold it, to store the model."""
        return {
            "parameters": self.get_params(deep=False),
            "classes": self.classes_.tolist(),
            "n_pixels": self.n_features_in_,
            "history": {name: [float(v) for v in values] for name, values in self.history_.items()},
        }

    @classmethod
    def from_state(cls, network, state):
        """Rebuild a trained classifier from its network and `get_state`."""
        self = cls(**state["parameters"])
        self.model_, self.history_ = network, state["history"]
        self.classes_ = np.array(state["classes"])
        self.n_features_in_ = int(state["n_pixels"])
        return self

    def predict_proba(self, X):
        """Return the probability of each class of `classes_`, shape (n_spectra, n_classes)."""
        check_is_fitted(self, "model_")
        flux = X
        if not isinstance(X, MatchedSpectra):
            flux = np.atleast_2d(check_flux(X, self.n_features_in_))
        proba = np.empty((len(flux), len(self.classes_)), np.float32)
        for start in range(0, len(flux), ROWS_PREDICTED):
            # The last batch reaches back to be as long: another length would be compiled anew.
            start = max(min(start, len(flux) - ROWS_PREDICTED), 0)
            rows = slice(start, start + ROWS_PREDICTED)
            proba[rows] = self.model_.predict_on_batch(flux[rows])
        return proba

    def decision_function(self, X):
        """Return the probabilities, which scikit-learn may rank by."""
        return self.predict_proba(X)

    def predict(self, X):
        """Return the most probable class of each spectrum."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def make_cnn(seed=30, epochs=8, matches=False, **options):
    """Return an untrained network with its preprocessing, from raw flux to class.

    Parameters
    ----------
    seed, epochs : int
    matches : bool or dict
        Also tell the network how well templates fit (`TemplateMatches`); a dict holds its
        parameters.
    **options
        Of `SpectrumNetwork`.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Takes raw flux (n_spectra, 3000); has fit, predict, predict_proba and classes_.
    """
    network = SpectrumNetwork(epochs=epochs, seed=seed, **options)
    added = list_matches(matches, seed, AddMatches)
    return Pipeline([("prepare", SpectrumPreprocessor()), *added, ("network", network)])

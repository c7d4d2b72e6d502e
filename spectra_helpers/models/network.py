"""The multi-scale convolutional network on the spectrum itself (lesson 06)."""

from spectra_helpers.models.augment_layer import SpectralAugment
from spectra_helpers.models.backend import keras, layers
from spectra_helpers.models.layers import BroadShape, LinePattern, SpectrumPatches


def _normalize(x, norm, dropout_rate):
    if norm == "batch":
        return layers.BatchNormalization(momentum=0.9)(x)
    return layers.Dropout(dropout_rate)(x) if norm == "dropout" else x


def _add_branch(x, kernel_size, filters, strides, norm, dropout_rate):
    for number, stride in zip(filters, strides, strict=True):
        x = layers.Conv1D(number, kernel_size, strides=stride, padding="same")(x)
        x = _normalize(x, norm, dropout_rate)
        x = layers.ReLU()(x)
    return layers.Flatten()(layers.AveragePooling1D(2, padding="same")(x))


def _add_dense(x, units, norm, dropout_rate):
    return layers.ReLU()(_normalize(layers.Dense(units)(x), norm, dropout_rate))


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
    seed : int
        Of the augmentation.

    Returns
    -------
    keras.Model
        Takes spectra (n_spectra, n_pixels) on any scale, gives probabilities.
    """
    if norm not in ("batch", "dropout", None):
        raise ValueError(f"norm={norm!r} is unknown. Choose 'batch', 'dropout' or None.")
    x = inputs = keras.Input((n_pixels,), name="spectrum")
    if augment:
        options = augment if isinstance(augment, dict) else {}
        x = SpectralAugment(seed=seed, **options)(x)
    patches = SpectrumPatches()(x)
    branches = [
        _add_branch(patches, size, filters, strides, norm, dropout_rate) for size in kernel_sizes
    ]
    if summary:
        branches += [
            _add_dense(branch(x), summary, norm, dropout_rate)
            for branch in (BroadShape(), LinePattern())
        ]
    x = layers.Concatenate()(branches) if len(branches) > 1 else branches[0]
    for units in dense:
        x = _add_dense(x, units, norm, dropout_rate)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax", name="class")(x))

"""Layers of the network that know what a spectrum is (lesson 06), and Keras itself.

Those that look at a spectrum first divide it by its root mean square and compress it, so that they
are free of scale and strong lines do not swamp the rest. None of the layers has weights.
"""

import os
from contextlib import contextmanager

import numpy as np

from spectra_helpers.models.components import N_STEPS, wave_matrix

__all__ = [
    "BroadShape",
    "LinePattern",
    "SpectralAugment",
    "SpectrumPatches",
    "TakeColumns",
    "keras",
    "layers",
    "ops",
]

PACKAGE = "spectra_helpers"


@contextmanager
def _without_notes():
    """Send stderr nowhere, for who asked for no notes: the one on oneDNN knows no log level."""
    try:
        kept = os.dup(2) if os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "3" else None
    except OSError:  # there is no stderr
        kept = None
    if kept is None:
        yield
        return
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


with _without_notes():
    import keras
    from keras import layers, ops


def compress(x):
    """Return arcsinh(flux / root mean square), shape (n_spectra, n_pixels)."""
    x = x / (ops.sqrt(ops.mean(x * x, axis=1, keepdims=True)) + 1e-20)
    return ops.log(x + ops.sqrt(x * x + 1))  # arcsinh, in an eighth of the time of TensorFlow's


@keras.saving.register_keras_serializable(package=PACKAGE)
class TakeColumns(keras.layers.Layer):
    """Take some columns of the input, where others hold something else.

    Parameters
    ----------
    start, stop : int
    """

    def __init__(self, start, stop, **kwargs):
        super().__init__(**kwargs)
        self.start = start
        self.stop = stop

    def call(self, x):
        """Return columns `start` up to `stop`, shape (n_spectra, stop - start)."""
        return x[:, self.start : self.stop]

    def get_config(self):
        """Return the parameters, for the model file."""
        return {**super().get_config(), "start": self.start, "stop": self.stop}


@keras.saving.register_keras_serializable(package=PACKAGE)
class SpectrumPatches(keras.layers.Layer):
    """Cut spectra into patches of neighbouring pixels, each with the continuum round it.

    Parameters
    ----------
    width : int
        Pixels of a patch; must divide the number of pixels. A convolution over patches is one
        over pixels whose stride is `width`, but several times faster.
    reach : int
        Patches on either side that make up the continuum.
    gain : float
        Lines are multiplied by this, so that they are about as large as the continuum.

    Notes
    -----
    A patch holds its continuum, and its pixels minus that: broad shape and narrow lines at their
    own scales.
    """

    def __init__(self, width=8, reach=4, gain=4.0, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.reach = reach
        self.gain = gain

    def call(self, x):
        """Return patches, shape (n_spectra, n_pixels / width, 1 + width)."""
        flux = compress(x)
        patches = ops.reshape(flux, (-1, x.shape[1] // self.width, self.width))
        level = ops.mean(patches, axis=2)
        n, side = level.shape[1], self.reach
        padded = ops.pad(level, ((0, 0), (side, side)), mode="symmetric")
        continuum = sum(padded[:, i : i + n] for i in range(2 * side + 1)) / (2 * side + 1)
        continuum = continuum[:, :, None]
        return ops.concatenate([continuum, (patches - continuum) * self.gain], axis=-1)

    def get_config(self):
        """Return the parameters, for the model file."""
        mine = {"width": self.width, "reach": self.reach, "gain": self.gain}
        return {**super().get_config(), **mine}


@keras.saving.register_keras_serializable(package=PACKAGE)
class BroadShape(keras.layers.Layer):
    """Average spectra over blocks of neighbouring pixels: the continuum, breaks and bands.

    Parameters
    ----------
    width : int
        Pixels of a block; pixels at the red end that do not fill one are left out.
    """

    def __init__(self, width=10, **kwargs):
        super().__init__(**kwargs)
        self.width = width

    def call(self, x):
        """Return the means, shape (n_spectra, n_pixels // width)."""
        n = x.shape[1] // self.width
        blocks = ops.reshape(compress(x)[:, : n * self.width], (-1, n, self.width))
        return ops.mean(blocks, axis=2)

    def get_config(self):
        """Return the parameters, for the model file."""
        return {**super().get_config(), "width": self.width}


@keras.saving.register_keras_serializable(package=PACKAGE)
class LinePattern(keras.layers.Layer):
    """Measure how lines are spaced, wherever redshift has moved them.

    Parameters
    ----------
    n_frequencies : int
        As in `spectra_helpers.models.measure_pattern`, which does the same to arrays.
    """

    def __init__(self, n_frequencies=256, **kwargs):
        super().__init__(**kwargs)
        self.n_frequencies = n_frequencies

    def call(self, x):
        """Return the logarithm of the modulus, shape (n_spectra, n_frequencies)."""
        waves = ops.matmul(compress(x), wave_matrix(x.shape[1], self.n_frequencies))
        real, imaginary = ops.split(waves, 2, axis=1)
        return ops.log(ops.sqrt(real**2 + imaginary**2) + 0.01)

    def compute_output_shape(self, input_shape):
        """Return the shape of the result."""
        return (input_shape[0], min(self.n_frequencies, N_STEPS // 2))

    def get_config(self):
        """Return the parameters, for the model file."""
        return {**super().get_config(), "n_frequencies": self.n_frequencies}


@keras.saving.register_keras_serializable(package=PACKAGE)
class SpectralAugment(keras.layers.Layer):
    """Change every training spectrum a little, another way each time; do nothing at prediction.

    Each spectrum of a batch gets its own draw of: slope and curvature, a step between the arms,
    a shift by whole pixels, blur, noise that is stronger in the blue, and masked runs and ends.

    Parameters
    ----------
    tilt : float
        Width of the normal distribution of slope and curvature (logarithm of the factor).
    offset : float
        Width of that of the step between the arms.
    shift : int
        Largest shift, pixels; the same for a whole batch, which keeps it cheap.
    blur : float
        Part of the batches that are smoothed by a 3- or 5-pixel triangle.
    noise : float
        Largest noise, in units of the root mean square of the spectrum. Its logarithm is drawn
        evenly down to a hundredth of this.
    mask : int
        Longest masked run, pixels.
    seed : int
        Of the draws.

    Notes
    -----
    As a layer, augmentation happens on the fly, needs no memory, and cannot touch a test spectrum.
    Taught in lesson 03; the functions of `spectra_helpers.augment` do the same to arrays.
    """

    def __init__(
        self, tilt=0.1, offset=0.04, shift=4, blur=0.3, noise=0.3, mask=120, seed=30, **kwargs
    ):
        super().__init__(**kwargs)
        self.tilt = tilt
        self.offset = offset
        self.shift = shift
        self.blur = blur
        self.noise = noise
        self.mask = mask
        self.seed = seed
        self.random = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        """Return changed spectra while training, `x` itself otherwise."""
        if not training:
            return x
        x = self._blur(self._shift(x))
        x = x * self._draw_calibration(x)
        return self._mask(x + self._draw_noise(x))

    def _uniform(self, x, low=0.0, high=1.0):
        return keras.random.uniform((ops.shape(x)[0], 1), low, high, seed=self.random)

    def _normal(self, x):
        return keras.random.normal((ops.shape(x)[0], 1), seed=self.random)

    def _draw_calibration(self, x):
        position = np.linspace(-1, 1, x.shape[1], dtype="float32")
        red = (position > -0.25).astype("float32")  # from 5,800 Å, where the arms meet
        slope = self.tilt * self._normal(x) * position
        curve = self.tilt * self._normal(x) * (position**2 - 1 / 3)
        return ops.exp(slope + curve) * (1 + self.offset * self._normal(x) * red)

    def _draw_noise(self, x):
        position = np.linspace(0, 1, x.shape[1], dtype="float32")
        profile = 1 + 3 * np.exp(-position * 20)  # fourfold at 3,900 Å, gone by 4,600 Å
        rms = ops.sqrt(ops.mean(x * x, axis=1, keepdims=True))
        width = self.noise * rms * ops.exp(-np.log(100.0) * self._uniform(x))
        # Even noise costs a third of normal noise; a kernel that sums pixels sees no difference.
        even = keras.random.uniform(ops.shape(x), -np.sqrt(3.0), np.sqrt(3.0), seed=self.random)
        return width * profile * even

    def _shift(self, x):
        if not self.shift:
            return x
        step = keras.random.randint((), -self.shift, self.shift + 1, seed=self.random)
        return ops.roll(x, step, axis=1)

    def _blur(self, x):
        if not self.blur:
            return x
        kind = keras.random.uniform((), seed=self.random)
        mild = ops.cond(kind < self.blur, lambda: weigh_neighbours(x), lambda: x)
        return ops.cond(kind < self.blur / 2, lambda: weigh_neighbours(mild), lambda: mild)

    def _mask(self, x):
        n = x.shape[1]
        pixel = np.arange(n, dtype="float32")
        start = self._uniform(x, -self.mask, n)
        run = (pixel >= start) & (pixel < start + self._uniform(x, 0, self.mask))
        # One spectrum in four also loses an end, as those of other spectrographs do.
        blue = pixel < self._uniform(x, -3 * self.mask, self.mask)
        red = pixel > n - self._uniform(x, -3 * self.mask, self.mask)
        return ops.where(run | blue | red, ops.mean(x, axis=1, keepdims=True), x)

    def get_config(self):
        """Return the parameters, for the model file."""
        names = ("tilt", "offset", "shift", "blur", "noise", "mask", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def weigh_neighbours(x):
    """Weigh each pixel and its neighbours 1 : 2 : 1."""
    padded = ops.pad(x, ((0, 0), (1, 1)), mode="symmetric")
    return 0.25 * (padded[:, :-2] + padded[:, 2:]) + 0.5 * x

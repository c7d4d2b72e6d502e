"""The layer that varies training spectra on the fly (lessons 03 and 06)."""

import numpy as np

from spectra_helpers.models.backend import keras, ops

PACKAGE = "spectra_helpers"


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
    Taught in lesson 03; the functions of `spectra_helpers.augment.copies` do the same to arrays.
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
        mild = ops.cond(kind < self.blur, lambda: _smooth(x), lambda: x)
        return ops.cond(kind < self.blur / 2, lambda: _smooth(mild), lambda: mild)

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


def _smooth(x):
    """Weigh each pixel and its neighbours 1 : 2 : 1."""
    padded = ops.pad(x, ((0, 0), (1, 1)), mode="symmetric")
    return 0.25 * (padded[:, :-2] + padded[:, 2:]) + 0.5 * x

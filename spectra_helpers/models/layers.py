"""Layers of the network that know what a spectrum is (lesson 06).

All of them first divide flux by its root mean square and compress it, so that they are free of
scale and strong lines do not swamp the rest. None of them has weights.
"""

from spectra_helpers.models.backend import keras, ops
from spectra_helpers.models.pattern import N_STEPS, wave_matrix

PACKAGE = "spectra_helpers"


def compress(x):
    """Return arcsinh(flux / root mean square), shape (n_spectra, n_pixels)."""
    x = x / (ops.sqrt(ops.mean(x * x, axis=1, keepdims=True)) + 1e-20)
    return ops.log(x + ops.sqrt(x * x + 1))  # arcsinh, in an eighth of the time of TensorFlow's


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
        As in `spectra_helpers.models.pattern.measure_pattern`, which does the same to arrays.
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

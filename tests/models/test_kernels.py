"""Kernels of a network against Keras, and sums by hand."""

import numpy as np
import pytest

from spectra_helpers.models import correlate_kernel


def test_kernel_answer_is_a_weighted_sum_of_neighbours():
    flux, kernel = np.random.default_rng(1).normal(5, 1, 50), np.array([-1.0, 2.0, -1.0])
    answer = correlate_kernel(kernel, flux)
    assert answer.shape == (50,)
    assert answer[10] == pytest.approx(2 * flux[10] - flux[9] - flux[11])
    assert answer[0] == pytest.approx(2 * flux[0] - flux[1])  # zero beyond the end
    both = correlate_kernel(np.column_stack([kernel] * 2), np.column_stack([flux] * 2))
    np.testing.assert_allclose(both, 2 * answer)


@pytest.mark.parametrize("size", [3, 4, 15])
def test_kernel_answer_is_that_of_a_convolution_layer(size):
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(2)
    kernel = rng.normal(size=(size, 2)).astype("float32")
    channels = rng.normal(size=(40, 2)).astype("float32")
    layer = keras.layers.Conv1D(1, size, padding="same", use_bias=False)
    layer.build((None, 40, 2))
    layer.set_weights([kernel[:, :, None]])
    expected = np.asarray(layer(channels[None]))[0, :, 0]
    np.testing.assert_allclose(correlate_kernel(kernel, channels), expected, atol=1e-5)

"""What the kernels of a network look for, and where they find it (lesson 06)."""

import numpy as np


def correlate_kernel(kernel, channels):
    """Slide a kernel over the channels as a convolution layer does, and add up its answers.

    Parameters
    ----------
    kernel : array, shape (n_weights,) or (n_weights, n_channels)
    channels : array, shape (n_steps,) or (n_steps, n_channels)

    Returns
    -------
    ndarray, shape (n_steps,)
        Beyond the ends the channels count as zero.
    """
    # One channel is a column of its own.
    kernel, channels = (np.reshape(x, (len(x), -1)) for x in (kernel, channels))
    ends = ((len(kernel) - 1) // 2, len(kernel) // 2)
    pairs = zip(kernel.T, channels.T, strict=True)
    return sum(np.correlate(np.pad(channel, ends), weights, "valid") for weights, channel in pairs)


def read_kernels(network, flux):
    """Return the kernels of a network's first convolutions, and what they read of a spectrum.

    Parameters
    ----------
    network : keras.Model
        A network whose ``Conv1D`` layers read the spectrum, or channels made of it.
    flux : ndarray, shape (n_pixels,)
        A spectrum as the network takes it.

    Returns
    -------
    kernels : dict of str to ndarray, shape (n_weights, n_channels, n_filters)
        The kernels of each layer that reads what the first one reads.
    channels : ndarray, shape (n_steps, n_channels)
        What these layers read.
    """
    from spectra_helpers.models.layers import keras, layers  # seconds: only when used

    convolutions = [layer for layer in network.layers if isinstance(layer, layers.Conv1D)]
    source = convolutions[0].input
    first = [layer for layer in convolutions if layer.input is source]
    channels = keras.Model(network.input, source)(flux[None], training=False)
    names = [f"{layer.kernel_size[0]} steps ({layer.name})" for layer in first]
    kernels = [np.asarray(layer.kernel) for layer in first]
    return dict(zip(names, kernels, strict=True)), np.asarray(channels)[0]

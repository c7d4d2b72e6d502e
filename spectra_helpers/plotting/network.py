"""What lesson 06 shows of a network: learning curve, kernels, line patterns, occlusion maps."""

import numpy as np

from spectra_helpers.lines import ARM_JOIN, SKY_LINES, TELLURIC_BANDS
from spectra_helpers.plotting.axes import choose_lines, draw_verticals, find_flux_range, mark_lines
from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import (
    ACCENT,
    INK,
    MUTED,
    SHADE,
    WAVELENGTH_LABEL,
    class_color,
    styled,
)


@styled
def plot_learning_curve(history):
    """Plot loss and accuracy against the epoch.

    Parameters
    ----------
    history : dict of str to sequence of float
        What Keras records: "loss", "accuracy", and with validation "val_loss", "val_accuracy".
    """
    metrics = [name for name in ("loss", "accuracy") if name in history]
    fig, axes = new_figure(1, len(metrics), (9, 3.3), squeeze=False)
    epochs = np.arange(1, len(history["loss"]) + 1)
    best = _find_best_epoch(history)
    for ax, name in zip(axes[0], metrics, strict=True):
        ax.plot(epochs, history[name], "-", color=INK, linewidth=1.6, label="training")
        if f"val_{name}" in history:
            values = history[f"val_{name}"]
            ax.plot(epochs, values, "--o", color=ACCENT, markersize=4, label="validation")
            ax.plot(best, values[best - 1], "o", color="none", markeredgecolor=INK, markersize=11)
        ax.set(xlabel="epoch", ylabel=name)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend(loc="best")
    return with_words(fig, _say_learning_curve(history, best))


def _say_learning_curve(history, best):
    n = len(history["loss"])
    parts = ", ".join(f"{name} {values[best - 1]:.3g}" for name, values in history.items())
    start = f"Line plots of a training of {n} epoch{'s' * (n != 1)}; "
    return f"{start}the best is epoch {best}, marked with a circle, with {parts}."


def _find_best_epoch(history):
    return 1 + int(np.argmin(history.get("val_loss", history["loss"])))


@styled
def plot_kernel(kernel, wavelength, flux, channels=None, name="kernel"):
    """Plot one kernel of a network's first layer and what it answers along a spectrum.

    Parameters
    ----------
    kernel : ndarray, shape (n_weights,) or (n_weights, n_channels)
        Weights of the kernel.
    wavelength, flux : ndarray, shape (n_pixels,)
        A spectrum.
    channels : ndarray, shape (n_steps, n_channels), optional
        What the layer reads, when that is not the spectrum itself: several versions of it, perhaps
        cut into patches of neighbouring pixels (fewer steps than pixels).
    name : str
        Title of the left panel.
    """
    where, answer = answer_kernel(kernel, wavelength, flux, channels)
    weights = _as_columns(kernel)
    if weights.shape[1] == 1:
        fig, (left, top, bottom) = new_figure("wt;wb", figsize=(9, 4.2), width_ratios=(1, 2.6))
        _draw_stems(left, weights[:, 0])
    else:
        shape = {"width_ratios": (1, 2.6), "height_ratios": (10, 8, 1)}
        fig, (left, top, bottom, scale) = new_figure("wt;wb;sb", figsize=(9, 4.2), **shape)
        _draw_weights(left, scale, weights)
    left.set_title(name)
    top.plot(wavelength, flux, color=INK, linewidth=0.8)
    top.set(ylim=find_flux_range(flux), ylabel="flux", xlim=(wavelength[0], wavelength[-1]))
    top.tick_params(labelbottom=False)
    bottom.plot(where, answer, color=ACCENT, linewidth=0.9)
    bottom.axhline(0, color=MUTED, linewidth=0.8)
    bottom.set(xlabel=WAVELENGTH_LABEL, ylabel="answer")
    bottom.set_xlim(wavelength[0], wavelength[-1])
    return with_words(fig, _say_kernel(weights, name, where[np.abs(answer).argmax()]))


def answer_kernel(kernel, wavelength, flux, channels=None):
    """Return where along the spectrum a kernel answers, and its answers there."""
    from spectra_helpers.models import correlate_kernel  # half a second: only when used

    channels = _as_columns(flux if channels is None else channels)
    answer = correlate_kernel(kernel, channels)
    middles = (np.arange(len(answer)) + 0.5) / len(answer) * len(wavelength) - 0.5
    return np.interp(middles, np.arange(len(wavelength)), wavelength), answer


def _as_columns(values):
    values = np.asarray(values)
    return values[:, None] if values.ndim == 1 else values


def _draw_stems(ax, weights):
    ax.stem(np.arange(1, len(weights) + 1), weights, linefmt="k-", markerfmt="ko", basefmt=" ")
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.set(xlabel="pixel", ylabel="weight")
    ax.xaxis.get_major_locator().set_params(integer=True)


def _draw_weights(ax, scale, weights):
    """Weights as colours, and below them the colours as weights: quicker than `Figure.colorbar`."""
    limit = np.abs(weights).max() or 1
    look = {"cmap": "PuOr", "vmin": -limit, "vmax": limit, "aspect": "auto"}
    n_weights, n_channels = weights.shape
    ax.imshow(weights.T, extent=(0.5, n_weights + 0.5, n_channels + 0.5, 0.5), **look)
    ax.set(xlabel="step", ylabel="channel")
    ax.xaxis.get_major_locator().set_params(integer=True)
    scale.imshow(np.linspace(-limit, limit, 128)[None], extent=(-limit, limit, 0, 1), **look)
    scale.set(xlabel="weight", yticks=[])


def _say_kernel(weights, name, peak):
    steps, n = weights.shape
    size = f"{steps} steps" + (f", {n} channels" if n > 1 else "")
    return (
        f"Panels with the {steps * n} weights of {name} ({size}), from {np.min(weights):.2g} to "
        f"{np.max(weights):.2g}; a spectrum; and the kernel's answer along it, largest near "
        f"{peak:.0f} Å."
    )


@styled
def plot_patterns(wavelength, spectra, patterns):
    """Plot spectra and beside each its pattern, over that of the first.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    spectra : dict of str to ndarray, shape (n_pixels,)
        Name of each spectrum and its flux.
    patterns : dict of str to ndarray, shape (n_frequencies,)
        For the same names, what `spectra_helpers.models.measure_pattern` returns.
    """
    n = len(spectra)
    fig, axes = new_figure(n, 2, (9, 0.7 + 1.6 * n), sharex="col", squeeze=False)
    start, first = next(iter(patterns.items()))
    likeness = {name: np.corrcoef(first, other)[0, 1] for name, other in patterns.items()}
    waves = np.arange(1, len(first) + 1)
    for (left, right), name in zip(axes, spectra, strict=True):
        left.plot(wavelength, spectra[name], color=INK, linewidth=0.8)
        left.set(ylim=find_flux_range(spectra[name]), title=name)
        left.set_yticks([])
        right.fill_between(waves, first, min(first), color=ACCENT, alpha=0.35, linewidth=0)
        right.plot(waves, patterns[name], color=INK, linewidth=1.4)
        beside = "" if name == start else f", correlation {likeness[name]:.2f}"
        right.set(title=f"its pattern{beside}", xlim=(1, waves[-1]))
        right.set_ylabel("log strength")
    axes[-1, 0].set(xlabel=WAVELENGTH_LABEL, xlim=(wavelength[0], wavelength[-1]))
    axes[-1, 1].set_xlabel("waves in the spectrum")
    return with_words(fig, _say_patterns(wavelength, likeness))


def _say_patterns(wavelength, likeness):
    (start, _), *others = likeness.items()
    words = (
        f"Line plots of {len(likeness)} spectra from {wavelength[0]:.0f} to {wavelength[-1]:.0f} "
        "Å, and of their patterns."
    )
    if others:
        parts = ", ".join(f"{value:.2f} with that of {name}" for name, value in others)
        words += f" The pattern of {start} has a correlation of {parts}."
    return words


@styled
def plot_occlusion(wavelength, importance, flux=None, lines=None, redshift=0.0, label=None):
    """Plot how much a model's answer changes when a piece of the spectrum is hidden.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    importance : ndarray, shape (n_pixels,)
        Drop of the score (or of a class's probability) with the piece around a pixel hidden.
    flux : ndarray, shape (n_pixels,), optional
        A spectrum to draw above it.
    lines : bool or sequence of str, optional
        Spectral lines to mark; `redshift` says where.
    label : int or str, optional
        Class of the spectrum, for the colour.

    Returns
    -------
    matplotlib.figure.Figure
        Grey bands: oxygen of the air and the join of the spectrograph's arms; grey lines: the sky.
    """
    panels = 1 if flux is None else 2
    fig, axes = new_figure(panels, 1, (9, 2.2 + 1.6 * panels), sharex=True, squeeze=False)
    top, bottom = axes[0, 0], axes[-1, 0]
    for ax in axes[:, 0]:
        _shade_sky(ax, labels=ax is bottom)
    if flux is not None:
        top.plot(wavelength, flux, color=class_color(label), linewidth=0.9)
        top.set(ylim=find_flux_range(flux), ylabel="flux")
    bottom.fill_between(wavelength, 0, importance, color=ACCENT, alpha=0.5, linewidth=0)
    bottom.plot(wavelength, importance, color=INK, linewidth=1.0)
    bottom.set(xlabel=WAVELENGTH_LABEL, ylabel="drop when hidden")
    bottom.set(xlim=(wavelength[0], wavelength[-1]))
    bottom.margins(y=0.2)
    if lines:
        mark_lines(top, lines, redshift)
    return with_words(fig, _say_occlusion(wavelength, importance, lines, redshift))


def _shade_sky(ax, labels=True):
    """Shade what the sky and the spectrograph do, so that it is not taken for a feature."""
    shade = {"color": SHADE, "zorder": -1, "linewidth": 0}
    for number, (low, high) in enumerate((*TELLURIC_BANDS, ARM_JOIN)):
        ax.axvspan(low, high, **shade)
        name = "O₂" if number < len(TELLURIC_BANDS) else "arms join"
        if labels:
            ax.annotate(name, ((low + high) / 2, 0.97), xycoords=ax.get_xaxis_transform(),
                        ha="center", va="top", fontsize=11, color=MUTED)  # fmt: skip
    draw_verticals(ax, SKY_LINES, color="#BDBDBD", linewidth=2.5, zorder=-1)


def _say_occlusion(wavelength, importance, lines, redshift):
    peak = int(np.argmax(importance))
    near = min(
        choose_lines(lines or True, redshift, 0, np.inf),
        key=lambda line: abs(line.wavelength * (1 + redshift) - wavelength[peak]),
    )
    distance = near.wavelength * (1 + redshift) - wavelength[peak]
    return (
        f"Occlusion map from {wavelength[0]:.0f} to {wavelength[-1]:.0f} Å: hiding the spectrum "
        f"near {wavelength[peak]:.0f} Å matters most, a drop of {importance[peak]:.3g}; the "
        f"nearest spectral line is {near.name}, {abs(distance):.0f} Å away."
    )


@styled
def plot_occlusions(wavelength, maps, flux, label=None):
    """Plot the occlusion maps of several models under one spectrum, on one scale.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    maps : dict of str to ndarray, shape (n_pixels,)
        Name of each model, and how much its answer changes with the piece around a pixel hidden.
    flux : ndarray, shape (n_pixels,)
        The spectrum above them.
    label : int or str, optional
        Class of the spectrum, for the colour.
    """
    n = len(maps)
    fig, axes = new_figure(n + 1, 1, (9, 2.2 + 1.6 * n), sharex=True, squeeze=False)
    top, *others = axes[:, 0]
    for ax in axes[:, 0]:
        _shade_sky(ax, labels=ax is top)
    top.plot(wavelength, flux, color=class_color(label), linewidth=0.9)
    top.set(ylim=(min(0, flux.min()), 1.25 * flux.max()), ylabel="flux")
    low, high = (extreme(list(maps.values())) for extreme in (np.min, np.max))
    for ax, (name, importance) in zip(others, maps.items(), strict=True):
        ax.fill_between(wavelength, 0, importance, color=ACCENT, alpha=0.5, linewidth=0)
        ax.plot(wavelength, importance, color=INK, linewidth=1.0)
        ax.set(title=name, ylabel="drop", ylim=(min(1.1 * low, 0), 1.1 * high))
    others[-1].set(xlabel=WAVELENGTH_LABEL, xlim=(wavelength[0], wavelength[-1]))
    return with_words(fig, _say_occlusions(wavelength, maps))


def _say_occlusions(wavelength, maps):
    peaks = {name: int(np.argmax(importance)) for name, importance in maps.items()}
    parts = "; ".join(
        f"{name}, {maps[name][peak]:.3f} near {wavelength[peak]:.0f} Å"
        for name, peak in peaks.items()
    )
    return (
        f"A spectrum from {wavelength[0]:.0f} to {wavelength[-1]:.0f} Å with the lines of the sky "
        f"marked, and {len(maps)} occlusion maps under it on one scale. Largest drops: {parts}."
    )

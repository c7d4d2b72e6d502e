"""Plots of a network: its chart, its learning, its kernels, what it looks at."""

import re

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from plot_calls import CALLS, SURVEY, all_texts, call, draw

from spectra_helpers import plotting
from spectra_helpers.data import WAVELENGTH
from spectra_helpers.lines import ARM_JOIN, SKY_LINES


@pytest.fixture(scope="module")
def network():
    keras = pytest.importorskip("keras")
    layers = keras.layers
    start = keras.Input((300, 1))
    branches = []
    for size in (3, 7):
        x = layers.Conv1D(4, size, strides=2, activation="relu")(start)
        x = layers.BatchNormalization()(x)
        x = layers.Conv1D(8, size)(x)
        branches.append(layers.GlobalAveragePooling1D()(x))
    x = layers.Concatenate()(branches)
    x = layers.Dropout(0.3)(layers.Dense(16)(x))
    return keras.Model(start, layers.Dense(3, activation="softmax")(x))


def test_network_chart_has_every_layer_in_words_and_branches_side_by_side(network):
    fig = plotting.plot_network(network)
    draw(fig)
    texts = {" ".join(text.split()): t.get_position() for text, t in all_texts(fig).items()}
    assert "Conv 3, 4 filters, stride 2, ReLU batch norm" in texts
    assert "Dense 16, dropout 0.3" in texts
    left = texts["Conv 3, 4 filters, stride 2, ReLU batch norm"]
    right = texts["Conv 7, 4 filters, stride 2, ReLU batch norm"]
    assert left[1] == right[1]
    assert left[0] < right[0]
    assert texts["input: 300 × 1"][1] > left[1] > texts["Dense 3, softmax"][1]
    sentence = fig.alt_text
    assert f"{network.count_params():,} weights" in sentence
    assert "2 side by side: Conv 3, 4 filters, stride 2, ReLU, batch norm | Conv 7" in sentence


def test_boxes_keep_clear_of_each_other_and_of_the_margins():
    keras = pytest.importorskip("keras")
    layers = keras.layers
    start = keras.Input((300, 1))
    # Below the first branch stands a level of one box, which has room for no more than its branch.
    long = layers.Conv1D(4, 3)(layers.Conv1D(4, 3)(layers.Conv1D(4, 3)(start)))
    others = [layers.Dense(4)(layers.Flatten()(layers.Conv1D(4, n)(start))) for n in (5, 7)]
    joined = layers.Concatenate()([layers.Flatten()(long), *others])
    fig = plotting.plot_network(keras.Model(start, joined))
    boxes = [patch.get_window_extent() for patch in fig.axes[0].patches]
    assert len(boxes) == 9
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])
        assert fig.axes[0].bbox.x0 <= box.x0 < box.x1 <= fig.axes[0].bbox.x1


def test_chart_in_words_tells_all_layers_of_unlike_branches():
    keras = pytest.importorskip("keras")
    layers = keras.layers
    start = keras.Input((20, 1))
    convolved = layers.ReLU()(layers.Conv1D(4, 3)(start))
    dense = [layers.Flatten()(layers.Dropout(0.3)(layers.Dense(8)(start))) for _ in range(2)]
    joined = layers.Concatenate()([layers.Flatten()(convolved), *dense])
    sentence = plotting.plot_network(keras.Model(start, joined)).alt_text
    assert "Conv 3, 4 filters, ReLU, flatten | 2 times Dense 8, dropout 0.3, flatten" in sentence


def test_sequential_network_is_a_chain():
    keras = pytest.importorskip("keras")
    layers = [keras.Input((20, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
    sentence = plotting.plot_network(keras.Sequential(layers)).alt_text
    assert "input: 20 × 1; then flatten; then Dense 3" in sentence


def test_learning_curve_marks_the_best_epoch():
    assert "the best is epoch 2" in plotting.plot_learning_curve(*CALLS["learning_curve"]).alt_text


def test_kernel_over_patches_answers_at_their_middles():
    patches = np.zeros((375, 2))
    patches[100, 1] = 1
    weights = np.array([[0.0, 0.0], [0.0, 5.0], [0.0, 0.0]])
    middle = WAVELENGTH[800:808].mean()
    fig = plotting.plot_kernel(weights, WAVELENGTH, SURVEY.flux[0], patches)
    draw(fig)
    assert f"largest near {middle:.0f} Å" in fig.alt_text
    assert "3 steps, 2 channels" in fig.alt_text


def test_patterns_say_how_much_they_are_like_the_first():
    wave = np.sin(np.arange(60))
    spectra = {"first": SURVEY.flux[0], "second": SURVEY.flux[1]}
    arguments = (WAVELENGTH, spectra, {"first": wave, "second": 1 - 2 * wave})
    fig = plotting.plot_patterns(*arguments)
    assert "correlation of -1.00 with that of second" in fig.alt_text
    assert "its pattern, correlation -1.00" in all_texts(fig)
    one = plotting.plot_patterns(WAVELENGTH, {"first": SURVEY.flux[0]}, {"first": wave})
    assert one.alt_text.endswith("and of their patterns.")


def test_occlusion_names_the_nearest_line_and_shades_the_sky():
    fig = call("occlusion")
    assert "near 689" in fig.alt_text
    assert "Hα" in fig.alt_text
    shaded = fig.axes[1].patches
    assert (5700.0, 5900.0) in [(p.get_x(), p.get_x() + p.get_width()) for p in shaded]
    assert ARM_JOIN == (5700.0, 5900.0)


def test_occlusion_maps_of_models_share_one_scale_and_the_marks_of_the_sky():
    hill = np.exp(-0.5 * ((WAVELENGTH - 6302) / 20) ** 2)
    maps = {"honest": 0.01 * hill, "Hans": 0.4 * hill}
    fig = plotting.plot_occlusions(WAVELENGTH, maps, SURVEY.flux[1], 1)
    draw(fig)
    assert "honest, 0.010 near 630" in fig.alt_text
    assert "Hans, 0.400 near 630" in fig.alt_text
    _, honest, hans = fig.axes
    assert honest.get_ylim() == hans.get_ylim()
    assert honest.get_ylim()[1] > 0.4
    for ax in fig.axes:
        (sky,) = [c for c in ax.collections if isinstance(c, LineCollection)]
        np.testing.assert_allclose([s[0][0] for s in sky.get_segments()], SKY_LINES)


def test_shortcut_says_how_high_the_sky_stands_and_both_scores():
    flat = np.full(3000, 7.0)
    scores = {"same": {0: 0.8, 4: 0.9}, "clean": {0: 0.8, 4: 0.6}}
    fig = plotting.plot_shortcut(WAVELENGTH, flat, 3.0, scores, 1)
    draw(fig)
    rise = float(re.search(r"the highest (\S+) times", fig.alt_text)[1])
    assert rise == pytest.approx(3, rel=0.1)  # the pixels beside the middle of the line
    assert "at 55" in fig.alt_text
    assert "clean 0.800 at 0, 0.600 at 4." in fig.alt_text
    top, bottom = fig.axes
    assert top.get_ylim()[1] > 7 * (1 + rise)
    assert [line.get_xdata()[0] for line in bottom.lines][-1] == 3.0
    none = plotting.plot_shortcut(WAVELENGTH, flat, 0, scores, 1)
    assert "strength 0, the highest 0.00 times" in none.alt_text

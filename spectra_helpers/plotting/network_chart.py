"""Draw a Keras network as a flow chart, without Graphviz and without Keras (lesson 06)."""

import textwrap
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from matplotlib.patches import FancyBboxPatch

from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import MUTED, styled

# Layers that share a box with the layer they follow.
WITH_ABOVE = {
    *("BatchNormalization", "Activation", "ReLU", "LeakyReLU", "Dropout", "SpatialDropout1D"),
    *("MaxPooling1D", "AveragePooling1D", "Flatten"),
}
NO_BREAK = "\N{NO-BREAK SPACE}"
KINDS = {"InputLayer": "input", "Conv1D": "conv", "Dense": "dense"}
BOX_COLORS = {"input": "#FFFFFF", "conv": "#CFE6F5", "dense": "#F9E3B4", "other": "#E8E8E8"}


@styled
def plot_network(network):
    """Draw a Keras network as a flow chart, branches side by side.

    Parameters
    ----------
    network : keras.Model
        A functional or sequential model.

    Returns
    -------
    matplotlib.figure.Figure
        A box for each step, top to bottom; layers that follow each other without a branch, such as
        convolution, batch norm and ReLU, share one box. ``n × m`` is the shape that comes out:
        positions × channels.
    """
    boxes = read_chart(network)
    depth = 1 + max(box.level for box in boxes)
    places = [sorted(box.x for box in boxes if box.level == level) for level in range(depth)]
    size = 11 if max(map(len, places)) <= 5 else 9.5
    widths = [_choose_width(row) for row in places]
    words = [box.wrap(widths[box.level] * 130 / size) for box in boxes]
    count = [(box.level, len(text)) for box, text in zip(boxes, words, strict=True)]
    lines = [max(n for level, n in count if level == y) for y in range(depth)]
    heights = 0.26 + 0.19 * np.array(lines)
    bottoms = np.cumsum((heights + 0.24)[::-1])[::-1] - heights - 0.24
    fig, ax = new_figure(figsize=(9, sum(heights) + 0.24 * depth + 0.3))
    for box, text in zip(boxes, words, strict=True):
        corner = (9 * box.x - widths[box.level] / 2, bottoms[box.level])
        _draw_box(ax, corner, widths[box.level], heights[box.level], text, box.kind, size)
        for parent in box.parents:
            _draw_arrow(ax, boxes[parent], box, bottoms, heights)
    ax.set(xlim=(0, 9), ylim=(-0.05, bottoms[0] + heights[0] + 0.05))
    ax.set_title(f"{network.count_params():,} weights", fontsize=12)
    ax.axis("off")
    return with_words(fig, _say_network(boxes, network.count_params()))


def _choose_width(places):
    """Width of the boxes of a level, so that they keep clear of each other and of the margins."""
    room = np.diff([-places[0], *places, 2 - places[-1]]).min()
    return min(9 * room - 0.19, 3.4)


def _draw_box(ax, corner, width, height, text, kind, size):
    shape = FancyBboxPatch(corner, width, height, "round,pad=0,rounding_size=0.08",
                           facecolor=BOX_COLORS[kind], edgecolor=MUTED)  # fmt: skip
    ax.add_patch(shape)
    middle = (corner[0] + width / 2, corner[1] + height / 2)
    ax.text(*middle, "\n".join(text), ha="center", va="center", fontsize=size)


def _draw_arrow(ax, start, end, bottoms, heights):
    tail = (9 * start.x, bottoms[start.level])
    head = (9 * end.x, bottoms[end.level] + heights[end.level])
    style = {"arrowstyle": "-|>", "color": MUTED, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", head, tail, arrowprops=style)


def _say_network(boxes, n_weights):
    steps = []
    for level in range(1 + max(box.level for box in boxes)):
        row = Counter(", ".join(box.words) for box in boxes if box.level == level)
        start, *_ = row
        said = []
        for words, n in row.items():
            times = f"{n} times " if n > 1 else ""
            said.append(times + (words if words == start else _shorten(words, start)))
        side = f"{row.total()} side by side: " if row.total() > 1 else ""
        steps.append(side + " | ".join(said))
    return f"Flow chart of a network of {n_weights:,} weights: {'; then '.join(steps)}."


def _shorten(words, start):
    """Leave out what follows the first layer of a branch where it is as in the branch `start`."""
    first, _, after = words.partition(",")
    return first if after == start.partition(",")[2] else words


@dataclass
class Box:
    """One box of the chart: its words, kind, parents (indices of boxes), level and place 0..1."""

    words: list
    kind: str
    parents: list = field(default_factory=list)
    level: int = 0
    x: float = 0.5

    def wrap(self, width):
        """Return the words as lines of at most `width` letters; a layer is not torn apart."""
        phrases = ", ".join(self.words).split(", ")
        text = ", ".join(phrase.replace(" ", NO_BREAK) for phrase in phrases)
        lines = textwrap.wrap(text, max(int(width), 4), break_long_words=False)
        return [line.replace(NO_BREAK, " ").rstrip(",") for line in lines]


def read_chart(network):
    """Return the `Box`es of a Keras functional or sequential model, parents before children."""
    config = network.get_config()
    layers = config["layers"]
    previous, parents = None, {}
    for layer in layers:
        name = _name(layer)
        nodes = layer.get("inbound_nodes")
        parents[name] = _find_sources(nodes) if nodes is not None else [previous] * bool(previous)
        previous = name
    boxes, box_of = [], {}
    for layer in layers:
        _add_layer(layer, parents, boxes, box_of)
    _place(boxes)
    return boxes


def _name(layer):
    return layer.get("name") or layer["config"]["name"]


def _find_sources(node):
    """Find the layers a layer reads from: names inside ``keras_history`` entries of its config."""
    if isinstance(node, dict):
        if "keras_history" in node:
            return [node["keras_history"][0]]
        return [name for value in node.values() for name in _find_sources(value)]
    if isinstance(node, (list, tuple)):
        return [name for value in node for name in _find_sources(value)]
    return []


def _add_layer(layer, parents, boxes, box_of):
    name = _name(layer)
    above = parents[name]
    if layer["class_name"] in WITH_ABOVE and len(above) == 1:
        only_child = sum(above[0] in sources for sources in parents.values()) == 1
        box = boxes[box_of[above[0]]]
        if only_child and box.kind != "input":
            box.words.append(describe_layer(layer))
            box_of[name] = box_of[above[0]]
            return
    kind = KINDS.get(layer["class_name"], "other")
    box_of[name] = len(boxes)
    boxes.append(Box([describe_layer(layer)], kind, [box_of[source] for source in above]))


def _place(boxes):
    for box in boxes:
        box.level = max((boxes[parent].level + 1 for parent in box.parents), default=0)
    for index, box in enumerate(boxes):
        if not box.parents:
            continue
        siblings = [i for i, other in enumerate(boxes) if box.parents[0] in other.parents]
        if len(box.parents) > 1 or len(siblings) == 1:
            box.x = sum(boxes[parent].x for parent in box.parents) / len(box.parents)
        else:
            box.x = (siblings.index(index) + 0.5) / len(siblings)


def describe_layer(layer):
    """Say in words what a layer of a Keras config does, for example "Conv 7, 16 filters"."""
    config = layer["config"]
    say = LAYER_WORDS.get(layer["class_name"])
    words = say(config) if say else layer["class_name"]
    activation = config.get("activation")
    if layer["class_name"] in ("Conv1D", "Dense") and activation not in (None, "linear"):
        words += f", {_say_activation(activation)}"
    return words


def _say_activation(name):
    return {"relu": "ReLU", "gelu": "GELU"}.get(name, str(name))


def _first(value):
    return value[0] if isinstance(value, (list, tuple)) else value


def _say_input(config):
    shape = [str(n) for n in (config.get("batch_shape") or config["shape"])[1:]]
    return f"input: {' × '.join(shape)}"


def _say_conv(config):
    stride = _first(config["strides"])
    words = f"Conv {_first(config['kernel_size'])}, {config['filters']} filters"
    return words + (f", stride {stride}" if stride > 1 else "")


LAYER_WORDS = {
    "InputLayer": _say_input,
    "Conv1D": _say_conv,
    "Dense": lambda config: f"Dense {config['units']}",
    "BatchNormalization": lambda config: "batch norm",
    "Activation": lambda config: _say_activation(config["activation"]),
    "ReLU": lambda config: "ReLU",
    "LeakyReLU": lambda config: "leaky ReLU",
    "Dropout": lambda config: f"dropout {config['rate']:g}",
    "SpatialDropout1D": lambda config: f"channel dropout {config['rate']:g}",
    "MaxPooling1D": lambda config: f"max pool {_first(config['pool_size'])}",
    "AveragePooling1D": lambda config: f"mean pool {_first(config['pool_size'])}",
    "GlobalAveragePooling1D": lambda config: "mean over all pixels",
    "GlobalMaxPooling1D": lambda config: "maximum over all pixels",
    "Concatenate": lambda config: "join the branches",
    "Flatten": lambda config: "flatten",
    "Add": lambda config: "add",
    "SpectralAugment": lambda config: "vary the spectrum, training only",
    "SpectrumPatches": lambda config: f"patches of {config['width']} pixels, with their continuum",
    "BroadShape": lambda config: f"means of {config['width']} pixels",
    "LinePattern": lambda config: "pattern of lines, free of redshift",
    "Reshape": lambda config: "reshape to " + " × ".join(map(str, config["target_shape"])),
}

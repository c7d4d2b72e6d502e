"""Checks of what a model file holds, where a library would trust it blindly."""

import json
import zipfile

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.svm import SVC
from sklearn.tree import BaseDecisionTree

LAYERS = {
    "Activation",
    "AveragePooling1D",
    "BatchNormalization",
    "BroadShape",
    "Concatenate",
    "Conv1D",
    "Dense",
    "Dropout",
    "Flatten",
    "Functional",
    "InputLayer",
    "LinePattern",
    "MaxPooling1D",
    "ReLU",
    "Reshape",
    "SpectralAugment",
    "SpectrumPatches",
}
KERAS_MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
MAX_BYTES = 2**28  # a network of 20 million weights


def check_network_config(path):
    """Refuse a ``.keras`` file with layers that none of our networks has, before Keras reads it.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ValueError
        Unknown layers, files inside the zip that do not belong there, or too many bytes.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if {member.filename for member in members} != KERAS_MEMBERS:
            raise ValueError("its network holds files that do not belong there")
        if sum(member.file_size for member in members) > MAX_BYTES:
            raise ValueError("its network is too large")
        config = json.loads(archive.read("config.json"))
    if config.get("class_name") != "Functional":
        raise ValueError("its network is of an unknown kind")
    layers = [layer["class_name"] for layer in config["config"]["layers"]]
    strange = sorted(set(layers) - LAYERS)
    if strange:
        raise ValueError(f"its network has unknown layers: {', '.join(strange)}")


def check_arrays(model):
    """Check arrays that compiled code indexes without looking: trees and support vectors.

    Parameters
    ----------
    model : sklearn.pipeline.Pipeline

    Raises
    ------
    ValueError
        If a prediction could read outside the arrays.
    """
    for estimator in _walk(model):
        if isinstance(estimator, BaseDecisionTree) and hasattr(estimator, "tree_"):
            _check_tree(estimator.tree_)
        elif isinstance(estimator, SVC) and hasattr(estimator, "support_"):
            _check_support(estimator)


def _walk(value):
    """Yield every estimator inside `value`."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _walk(item)
    elif isinstance(value, BaseEstimator) or hasattr(value, "calibrators"):
        yield value
        for item in vars(value).values():
            yield from _walk(item)


def _check_tree(tree):
    state = tree.__getstate__()
    nodes, values = state["nodes"], state["values"]
    number = np.arange(len(nodes))
    inner = nodes["left_child"] >= 0
    for side in ("left_child", "right_child"):
        child = nodes[side][inner]
        # Children come after their parent, so every path ends.
        if np.any(child <= number[inner]) or np.any(child >= len(nodes)):
            raise ValueError("a tree of it is broken")
    feature = nodes["feature"][inner]
    wrong = np.any(feature < 0) or np.any(feature >= tree.n_features)
    shape = (len(nodes), tree.n_outputs, tree.max_n_classes)
    if wrong or len(nodes) != state["node_count"] or values.shape != shape:
        raise ValueError("a tree of it is broken")


def _check_support(svc):
    n_classes, n_support = len(svc.classes_), int(np.sum(svc.n_support_))
    pairs = n_classes * (n_classes - 1) // 2
    expected = {
        "support_vectors_": (n_support, svc.n_features_in_),
        "_dual_coef_": (n_classes - 1, n_support),
        "_intercept_": (pairs,),
        "support_": (n_support,),
        "_n_support": (n_classes,),
    }
    for name, shape in expected.items():
        if getattr(svc, name).shape != shape or np.any(svc.n_support_ < 0):
            raise ValueError("its support vectors are broken")

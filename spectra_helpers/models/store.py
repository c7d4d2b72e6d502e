"""Store trained models in one file without pickle, and check what is loaded (lesson 06).

A model file is a zip: ``metadata.json``; ``model.skops`` with everything scikit-learn knows; and
for the network ``network.keras``. Nothing in it is run: skops and Keras rebuild known types only.
"""

import importlib.metadata
import io
import json
import platform
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import skops.io
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from sklearn.tree import BaseDecisionTree

from spectra_helpers.data import CLASSES
from spectra_helpers.files import replace_when_done

FORMAT = 1
MEMBERS = {"metadata.json", "model.skops", "network.keras"}
MAX_BYTES = 2**31  # a forest of 100,000 spectra stays below half of this
PACKAGES = ("numpy", "scikit-learn", "skops", "keras")
# Beyond what skops trusts by itself; `Tree` is C code, so `check_arrays` looks at its arrays.
TRUSTED = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.tree._tree.Tree",
    "spectra_helpers.features.BlockStatistics",
    "spectra_helpers.features.LineFluxes",
    "spectra_helpers.features.SpectrumFeatures",
    "spectra_helpers.models.classic.SubsetSVC",
    "spectra_helpers.models.components.PatternComponents",
    "spectra_helpers.models.components.SpectrumComponents",
    "spectra_helpers.models.matches.AddMatches",
    "spectra_helpers.models.matches.TemplateMatches",
    "spectra_helpers.models.templates.TemplateMatcher",
    "spectra_helpers.preprocess.SpectrumPreprocessor",  # as models of version 0.1.0 name it
    "spectra_helpers.preprocess.prepare.SpectrumPreprocessor",
)
LAYERS = {
    "Activation",
    "Average",
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
    "TakeColumns",
}
KERAS_MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
MAX_NETWORK_BYTES = 2**28  # a network of 20 million weights


def save_model(model, path, metadata=None):
    """Store a trained model in one file.

    Parameters
    ----------
    model : sklearn.pipeline.Pipeline
        Trained, of this package or made of scikit-learn's and this package's steps.
    path : str or Path
        Written under a temporary name and renamed, so that no half file is ever left.
    metadata : dict, optional
        Anything JSON can hold; it is kept in ``metadata.json``.

    Raises
    ------
    ValueError
        If the model is not trained, is no pipeline, or holds types that `load_model` would refuse.
    """
    if not isinstance(model, Pipeline):
        raise ValueError(f"A {type(model).__name__} cannot be stored: put it in a Pipeline.")
    if not (hasattr(model, "classes_") and hasattr(model, "n_features_in_")):
        raise ValueError("The model is not trained: call its fit first.")
    last = model.steps[-1][1]
    network = getattr(last, "model_", None)
    about = {
        "format": FORMAT,
        "kind": "scikit-learn" if network is None else "keras",
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "classes": [CLASSES[label] for label in model.classes_],
        "n_pixels": int(model.n_features_in_),
        "about": metadata or {},
    }
    if network is not None:
        about["wrapper"] = {"step": model.steps[-1][0], **last.get_state()}
        model = Pipeline(model.steps[:-1])
    with replace_when_done(path) as temporary:
        _write_zip(temporary, about, _dump_pipeline(model), network)


def _dump_pipeline(model):
    data = skops.io.dumps(model)
    strange = set(skops.io.get_untrusted_types(data=data)) - set(TRUSTED)
    if strange:
        raise ValueError(
            f"The model holds {', '.join(sorted(strange))}, which could not be loaded again: use "
            "steps of scikit-learn and spectra_helpers."
        )
    return data


def _write_zip(path, about, pipeline, network):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("metadata.json", json.dumps(about, indent=1))
        archive.writestr("model.skops", pipeline)
        if network is not None:
            with tempfile.TemporaryDirectory() as folder:
                _strip_optimizer(network).save(Path(folder) / "network.keras")
                archive.write(Path(folder) / "network.keras", "network.keras")


def _strip_optimizer(network):
    """Copy a network without the state of its training, which is twice as large as itself."""
    from spectra_helpers.models.layers import keras

    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    return copy


def load_model(path):
    """Load a model that `save_model` stored.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    sklearn.pipeline.Pipeline
        Gives the same predictions as the one that was stored.

    Raises
    ------
    ValueError
        If the file is no model file, is damaged, or holds anything but the known types.
    FileNotFoundError
        If there is no such file.
    """
    return _explain_errors(path, _load_checked)


def read_metadata(path):
    """Return what `save_model` was given as `metadata`; ValueError as from `load_model`."""
    return _explain_errors(path, _read_about)["about"]


def _explain_errors(path, read):
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive)
            return read(archive)
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        raise
    except Exception as error:  # damaged or hostile bytes may raise anything in three libraries
        reason = str(error).strip().split("\n")[0][:200] or type(error).__name__
        raise ValueError(
            f"{path} is no model that can be loaded ({reason}). Make it again with `spectra train`."
        ) from error


def _check_members(archive):
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(names) != len(set(names)) or not set(names) <= MEMBERS:
        raise ValueError("it holds files that a model file does not have")
    _check_size(members)
    if archive.testzip() is not None:
        raise ValueError("a checksum is wrong: the file is damaged")


def _check_size(members):
    if sum(member.file_size for member in members) > MAX_BYTES:
        raise ValueError("it would unpack to more than 2 GB")


def _read_about(archive):
    about = json.loads(archive.read("metadata.json"))
    if about["format"] != FORMAT:
        raise ValueError(f"its format is {about['format']!r}, this version reads {FORMAT}")
    if about["kind"] not in ("scikit-learn", "keras"):
        raise ValueError(f"its kind is {about['kind']!r}")
    if not set(about["classes"]) <= set(CLASSES) or len(about["classes"]) < 2:
        raise ValueError(f"its classes are {about['classes']}")
    if not (isinstance(about["n_pixels"], int) and 0 < about["n_pixels"] < 10**6):
        raise ValueError(f"its number of pixels is {about['n_pixels']!r}")
    return about


def _load_checked(archive):
    about = _read_about(archive)
    data = archive.read("model.skops")
    with zipfile.ZipFile(io.BytesIO(data)) as inside:  # packed twice, a little may become a lot
        _check_size(inside.infolist())
    strange = set(skops.io.get_untrusted_types(data=data)) - set(TRUSTED)
    if strange:
        raise ValueError(f"it holds unknown types: {', '.join(sorted(strange))}")
    model = skops.io.loads(data, trusted=list(TRUSTED))
    if not isinstance(model, Pipeline):
        raise ValueError("it holds no pipeline")
    if about["kind"] == "keras":
        model = Pipeline([*model.steps, _load_network(archive, about)])
    check_arrays(model)
    _try_out(model, about)
    return model


def _load_network(archive, about):
    from spectra_helpers.models.cnn import SpectrumNetwork
    from spectra_helpers.models.layers import keras

    state = dict(about["wrapper"])
    name = state.pop("step")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        path.write_bytes(archive.read("network.keras"))
        check_network_config(path)
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    return name, SpectrumNetwork.from_state(network, state)


def _try_out(model, about):
    """Check the shapes inside by predicting one made-up spectrum."""
    labels = [CLASSES.index(name) for name in about["classes"]]
    if not np.array_equal(model.classes_, labels) or model.n_features_in_ != about["n_pixels"]:
        raise ValueError("its parts do not belong together")
    spectrum = 1 + np.linspace(0, 1, about["n_pixels"], dtype=np.float32)
    proba = model.predict_proba(spectrum[None])
    if proba.shape != (1, len(labels)) or not np.allclose(proba.sum(), 1, atol=1e-3):
        raise ValueError("its predictions are no probabilities")


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
        if sum(member.file_size for member in members) > MAX_NETWORK_BYTES:
            raise ValueError("its network is too large")
        config = json.loads(archive.read("config.json"))
    if config.get("class_name") != "Functional":
        raise ValueError("its network is of an unknown kind")
    strange = sorted(set(_list_layers(config)) - LAYERS)
    if strange:
        raise ValueError(f"its network has unknown layers: {', '.join(strange)}")


def _list_layers(config):
    """Yield the kinds of all layers, also of networks inside the network."""
    for layer in config["config"]["layers"]:
        yield layer["class_name"]
        if "layers" in layer["config"]:
            yield from _list_layers(layer)


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

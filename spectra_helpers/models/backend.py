"""Keras, imported without TensorFlow's start-up notes."""

import os
from contextlib import contextmanager

__all__ = ["keras", "layers", "ops"]


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

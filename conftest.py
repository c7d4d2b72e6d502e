"""Settings shared by tests/ and notebooks/, set before any test or kernel starts."""

import os

os.environ.setdefault("SPECTRA_TIER", "tiny")  # about 600 spectra; kernels inherit it
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up notes are no test result

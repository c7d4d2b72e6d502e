"""What the commands do; `spectra_helpers.cli` is their face."""

from spectra_helpers.jobs.browse import serve_browser
from spectra_helpers.jobs.classify import classify_files
from spectra_helpers.jobs.convert import convert_files
from spectra_helpers.jobs.predict import COLUMNS, predict_files
from spectra_helpers.jobs.preview import choose_picture, draw_preview, show_or_save
from spectra_helpers.jobs.train import train_model

__all__ = [
    "COLUMNS",
    "choose_picture",
    "classify_files",
    "convert_files",
    "draw_preview",
    "predict_files",
    "serve_browser",
    "show_or_save",
    "train_model",
]

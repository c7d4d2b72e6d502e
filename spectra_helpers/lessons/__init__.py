"""What only lessons use: how one opens, its data, its exercises, stored results."""

from spectra_helpers.lessons.exercises import check, judge
from spectra_helpers.lessons.start import (
    known_spectra,
    pick_example,
    real_spectra,
    show_source,
    start_lesson,
    stored_file,
    weighted_spectra,
)
from spectra_helpers.lessons.tiers import TIERS, data_folder, find_lesson_files, load_lesson_data
from spectra_helpers.plotting import filmstrip

__all__ = [
    "TIERS",
    "check",
    "data_folder",
    "filmstrip",
    "find_lesson_files",
    "judge",
    "known_spectra",
    "load_lesson_data",
    "pick_example",
    "real_spectra",
    "show_source",
    "start_lesson",
    "stored_file",
    "weighted_spectra",
]

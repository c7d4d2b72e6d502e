"""Any file in, spectra out; training files; writing whole or not at all (lesson 01)."""

from spectra_helpers.files.file_check import is_training_file
from spectra_helpers.files.inputs import (
    count_spectra,
    describe_file,
    expand_paths,
    iterate_batches,
    read_any,
)
from spectra_helpers.files.output import (
    compress_file,
    replace_when_done,
    require_folder,
    require_memory,
    require_output,
    require_space,
)
from spectra_helpers.files.rebin import find_edges, rebin_flux
from spectra_helpers.files.sources import open_sources
from spectra_helpers.files.surveys import (
    find_survey_files,
    read_survey_file,
    read_survey_files,
    read_survey_folder,
)
from spectra_helpers.files.tables import read_table, write_table
from spectra_helpers.files.training_file import (
    check_file,
    count_rows,
    read_labels,
    read_rows,
    read_spectra,
    require_training_name,
    write_spectra,
)

__all__ = [
    "check_file",
    "compress_file",
    "count_rows",
    "count_spectra",
    "describe_file",
    "expand_paths",
    "find_edges",
    "find_survey_files",
    "is_training_file",
    "iterate_batches",
    "open_sources",
    "read_any",
    "read_labels",
    "read_rows",
    "read_spectra",
    "read_survey_file",
    "read_survey_files",
    "read_survey_folder",
    "read_table",
    "rebin_flux",
    "replace_when_done",
    "require_folder",
    "require_memory",
    "require_output",
    "require_space",
    "require_training_name",
    "write_spectra",
    "write_table",
]

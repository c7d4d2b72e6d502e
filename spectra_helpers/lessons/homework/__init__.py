"""What the problem sets import: checks of answers, data of one's own, the concept inventory."""

from spectra_helpers.lessons.homework.checks import check_answer
from spectra_helpers.lessons.homework.inventory import finish, start_inventory
from spectra_helpers.lessons.homework.personal import find_student, personal_sample

__all__ = [
    "check_answer",
    "find_student",
    "finish",
    "personal_sample",
    "start_inventory",
]

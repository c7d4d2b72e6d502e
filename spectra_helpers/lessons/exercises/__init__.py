"""Checks of the exercises: they know the usual wrong answers, and never tell the right one."""

from spectra_helpers.lessons.exercises.judge import check, judge

__all__ = ["check", "judge"]

"""What the tests of all widgets need: the ends of a control, and a watch on open figures."""

import ipywidgets
import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def no_figure_left_open():
    yield
    assert plt.get_fignums() == []


def find_ends(control):
    """Return the two ends of a control; of a range, all ranges between its ends."""
    if isinstance(control, ipywidgets.Checkbox):
        return [False, True]
    if hasattr(control, "options"):
        options = [option[1] if isinstance(option, tuple) else option for option in control.options]
        if isinstance(control.options, dict):
            options = list(control.options.values())
        return [options[0], options[-1]]
    if isinstance(control, ipywidgets.IntRangeSlider):
        bounds = control.min, control.max
        return [(low, high) for low in bounds for high in bounds if low <= high]
    return [control.min, control.max]

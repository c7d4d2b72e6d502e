"""What all sliders share: controls over a picture, labels in words, room for long labels."""

import ipywidgets as w

from spectra_helpers.plotting.style import png_to_html
from spectra_helpers.widgets.steady import SteadyLayout

LOOK = {
    "layout": {"width": "560px", "max_width": "98%"},
    "style": {"description_width": "200px"},
    "tooltip": "",  # without one, labels show the word "null" under the mouse
}


def explore(plot, describe, **controls):
    """Put controls over the picture that `plot` draws of their values.

    Parameters
    ----------
    plot, describe : callable
        Functions of keyword arguments with the names of the controls: a `Figure`, and a sentence.
    **controls : ipywidgets.Widget
        Widgets with a ``value``.

    Returns
    -------
    ipywidgets.VBox
    """
    picture = w.HTML()
    layout, drawn = SteadyLayout(), {}

    def redraw(_=None):
        values = {name: control.value for name, control in controls.items()}
        if values == drawn:  # one control moved another, which has drawn already
            return
        drawn.update(values)
        alt = describe(**values)
        picture.value = png_to_html(layout.draw_png(plot(**values), alt), alt)

    for control in controls.values():
        control.observe(redraw, "value")
    redraw()
    return w.VBox([*controls.values(), picture])


def int_slider(low, high, value, description):
    """Make a slider over whole numbers that answers when it is let go."""
    return w.IntSlider(value, low, high, description=description, continuous_update=False, **LOOK)


def choice_slider(options, value, description):
    """Make a slider over listed values that answers when it is let go."""
    options = {"options": options, "value": value, "description": description}
    return w.SelectionSlider(**options, continuous_update=False, **LOOK)

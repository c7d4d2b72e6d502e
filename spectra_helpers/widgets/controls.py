"""What all sliders share: controls over a picture, labels in words, room for long labels."""

import html
from functools import partial

import ipywidgets as w

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.plotting import png_to_html
from spectra_helpers.widgets.steady import SteadyLayout

SNRS = (100, 50, 30, 20, 10, 7, 5, 3, 2)  # from a good spectrum to one that nobody can read
LOOK = {
    "layout": {"width": "560px", "max_width": "98%"},
    "style": {"description_width": "200px"},
    "tooltip": "",  # without one, labels show the word "null" under the mouse
}


def explore(plot, name_file=None, **controls):
    """Put controls over the picture that `plot` draws of their values.

    Parameters
    ----------
    plot : callable
        Takes keyword arguments with the names of the controls, returns a `Figure` with words. Its
        `ValueError` is shown in the place of the picture.
    name_file : callable, optional
        The same for the name of a file; with it a button under the picture saves it as PNG.
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
        try:
            png, alt = layout.draw_png(partial(plot, **values))
        except ValueError as error:
            picture.value = f'<p role="alert"><b>{html.escape(str(error))}</b></p>'
            return
        button = make_save_button(name_file(**values)) if name_file else ""
        picture.value = png_to_html(png, alt) + button

    for control in controls.values():
        control.observe(redraw, "value")
    redraw()
    return w.VBox([*controls.values(), picture])


def make_save_button(name):
    """Return a link that looks like a button and has the web browser save the picture above it.

    The file is made where the reader sits, even when the server is far away, and not there.
    """
    take = "this.href = this.parentNode.parentNode.querySelector('img').src"
    return (
        '<p><a class="jupyter-button widget-button" style="width: auto; padding: 0 1em; '
        f'text-decoration: none" href="#" download="{html.escape(name)}" onclick="{take}">'
        "Save the picture (PNG)</a></p>"
    )


def int_slider(low, high, value, description):
    """Make a slider over whole numbers that answers when it is let go."""
    return w.IntSlider(value, low, high, description=description, continuous_update=False, **LOOK)


def choice_slider(options, value, description):
    """Make a slider over listed values that answers when it is let go."""
    options = {"options": options, "value": value, "description": description}
    return w.SelectionSlider(**options, continuous_update=False, **LOOK)


def zoom_slider():
    """Make a slider with two handles for the range of wavelengths to show; it stays where it is."""
    low, high = round(WAVELENGTH[0]), round(WAVELENGTH[-1])
    ends = {"value": (low, high), "min": low, "max": high, "step": 20}
    name = "wavelengths shown (Å)"
    return w.IntRangeSlider(**ends, description=name, continuous_update=False, **LOOK)


def redshift_controls():
    """Make a slider of the redshift, and a list that chooses how far it reaches."""
    options = {"up to 0.5": 0.5, "up to 5": 5.0}
    reach = w.Dropdown(options=options, description="range of z", **LOOK)
    redshift = w.FloatSlider(0.0, min=0.0, max=0.5, step=0.001, readout_format=".3f",
                             description="redshift z", continuous_update=False, **LOOK)  # fmt: skip

    def change_reach(change):
        redshift.value = min(redshift.value, change.new)
        redshift.max, redshift.step = change.new, 0.001 if change.new < 1 else 0.005

    reach.observe(change_reach, "value")
    return reach, redshift

"""What students and lecturers read, as Jinja2 templates: whatever is put in comes out as text."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

ENVIRONMENT = Environment(
    loader=PackageLoader("spectra_tools.classroom"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(template, /, **values):
    """Return a template of this folder with values in it; in a page (HTML) they are escaped.

    Raises
    ------
    jinja2.UndefinedError
        If a value is missing.
    """
    return ENVIRONMENT.get_template(template).render(values)

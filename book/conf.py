"""Settings of the pages: ``python3 run.py book`` makes them of the notebooks as they are.

The folder of the project is Sphinx's source folder, so nothing is copied: only the files that
``include_patterns`` names become pages, and links between them lead where they lead in the files.
"""

import html
import json
import re
import tomllib
from pathlib import Path

from docutils import nodes
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Curve
from matplotlib.textpath import TextPath
from sphinx.util import logging

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REPOSITORY = PYPROJECT["tool"]["spectra-lessons"]  # the one place with the address

project = "LAMOST Spectra Lessons"
author = "LAMOST Spectra Lessons authors"
version = release = PYPROJECT["project"]["version"]
html_title = project
html_show_copyright = False
html_use_index = False  # an index of functions: there are none here

root_doc = "book/index"
include_patterns = [
    "*.md",
    "assignments/*.md",
    "book/*.md",
    "benchmarks/README.md",
    "data/README.md",
    "notebooks/*.ipynb",
    "notebooks/instructor/*.md",
]
# the walk through the folders stays out of .venv; pages of book/ include the README
exclude_patterns = ["README.md", ".*", "build", "**/.*"]

extensions = ["myst_nb"]
nb_execution_mode = "off"  # the outputs that are committed, made on the tier `lesson`
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
myst_update_mathjax = False

html_theme = "sphinx_book_theme"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_extra_path = ["index.html"]  # the front door: leads to book/index.html
html_sourcelink_suffix = ""
html_math_renderer = "drawing"
launch_buttons = {}  # none where the project has no address
if REPOSITORY["repository"]:
    launch_buttons = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}
if REPOSITORY["repository"].startswith("https://github.com/"):  # Colab opens no others
    launch_buttons["colab_url"] = "https://colab.research.google.com"
html_theme_options = {
    "home_page_in_toc": True,
    "repository_url": REPOSITORY["repository"],
    "repository_branch": REPOSITORY["branch"],
    "launch_buttons": launch_buttons,
}

FILE_LINK = re.compile(r"(\]\(|^\[[\w-]+\]: )(?!https?:|#)", re.MULTILINE)
GLOSSARY_LINK = re.compile(r"\(glossary\.ipynb#[^)]+\)")
FIRST_INSTRUCTOR_PAGE = "notebooks/instructor/01_explore_and_preview.md"
UNSEEN = {"hidden-test", "installation"}  # cells that are folded in JupyterLab, too
WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET_NOTE = (
    '<p class="widget-note">Here stand sliders and buttons. They need Python: open this lesson in '
    "JupyterLab to move them.</p>"
)
SVG_LETTERS = {Curve.MOVETO: "M", Curve.LINETO: "L", Curve.CURVE3: "Q", Curve.CURVE4: "C"}


def prepare_readme(app, path, parent, text):
    """Let the links of the README start in the folder of the page that includes it."""
    text[0] = text[0].replace("](notebooks/instructor/)", f"]({FIRST_INSTRUCTOR_PAGE})")
    text[0] = FILE_LINK.sub(r"\1../", text[0])


def prepare_source(app, docname, source):
    """Change what Sphinx has read of a page before it is parsed; the files stay as they are."""
    text = source[0].replace("](../README.md#", "](../book/index.md#")
    # anchors of headings are lower case here, as on GitHub, and not as in JupyterLab
    text = GLOSSARY_LINK.sub(lambda link: link[0].lower(), text)
    if app.env.doc2path(docname).suffix == ".ipynb":
        text = json.dumps(prepare_notebook(json.loads(text)))
    source[0] = text


def prepare_notebook(notebook):
    """Leave out cells nobody reads, and put a note in the place of widgets, dead without Python."""
    notebook["metadata"].pop("widgets", None)
    notebook["cells"] = [
        cell for cell in notebook["cells"] if not UNSEEN & set(cell["metadata"].get("tags", ()))
    ]
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if WIDGET in output.get("data", {}):
                output["data"] = {"text/html": WIDGET_NOTE}
    return notebook


def draw_formula(formula):
    """Return a formula as SVG in the size and colour of the text, drawn by Matplotlib.

    Sphinx itself asks the network for MathJax, and MathML needs a font that phones do not have.
    """
    path = TextPath((0, 0), f"${formula}$", size=1, prop=FontProperties(math_fontfamily="stix"))
    box = path.get_extents().padded(0.05)
    strokes = (
        "Z" if code == path.CLOSEPOLY else SVG_LETTERS[code] + " ".join(f"{x:.3f}" for x in points)
        for points, code in path.iter_segments()
    )
    return (
        f'<svg class="formula" role="img" aria-label="{html.escape(formula)}" '
        f'viewBox="{box.x0:.3f} {-box.y1:.3f} {box.width:.3f} {box.height:.3f}" style="width: '
        f'{box.width:.3f}em; height: {box.height:.3f}em; vertical-align: {box.y0:.3f}em">'
        f'<path transform="scale(1 -1)" d="{"".join(strokes)}"/></svg>'
    )


def show_formula(translator, node):
    """Write a formula into the line, or on a line of its own."""
    try:
        drawing = draw_formula(node.astext())
    except ValueError as error:
        message = f"Matplotlib cannot draw this formula, write it in another way: {error}"
        logging.getLogger(__name__).warning(message, location=node)
        raise nodes.SkipNode from None
    block = isinstance(node, nodes.math_block)
    translator.body.append(f'<div class="formula">{drawing}</div>' if block else drawing)
    raise nodes.SkipNode


def setup(app):
    """Tell Sphinx of the functions above."""
    app.connect("source-read", prepare_source)
    app.connect("include-read", prepare_readme)
    app.add_html_math_renderer("drawing", (show_formula, None), (show_formula, None))

"""Our twenty icons: 24 px, a line of 2 px, in the text's colour, beside words (DESIGN §13)."""

from django.utils.safestring import SafeString

from clavero.ui.shapes import SHAPES, svg

ICONS = {name: SafeString(svg(name)) for name in SHAPES}
SMALL = {name: SafeString(svg(name, " cl-icon--s")) for name in SHAPES}

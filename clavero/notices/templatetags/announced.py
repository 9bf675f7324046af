"""`{% announced %}`: what the institution says at the head of a page, while it stands (F13)."""

from django import template

from clavero import clock
from clavero.notices import announcing
from clavero.ui.plain_html import language

register = template.Library()


@register.inclusion_tag("notices/announced.html")
def announced() -> dict[str, object]:
    """The announcement that stands now, or nothing. One statement."""
    found = announcing.standing(clock.now())
    return {
        "text": found.says(language()) if found else "",
        "until": found.until if found else None,
    }

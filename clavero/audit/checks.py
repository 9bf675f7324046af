"""At the start: can this server sign its heads?"""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from clavero.audit import publishing


@register()
def key_is_usable(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """CLAVERO_AUDIT_KEY and CLAVERO_AUDIT_SINK, where they are set."""
    try:
        if settings.AUDIT_KEY:
            publishing.signing_key()
        publishing.place()
    except ValueError as error:
        return [Error(str(error), id="clavero.audit")]
    return []

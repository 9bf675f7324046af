"""At the start: are the keys of this server usable?"""

from django.core.checks import CheckMessage, Error, register

from clavero.privacy import keyring


@register()
def keys_are_usable(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for read in (keyring.field_keys, keyring.peppers):
        try:
            read()
        except keyring.BadKeys as error:
            found.append(Error(str(error), id="clavero.keys"))
    return found

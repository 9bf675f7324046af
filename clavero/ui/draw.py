"""Fields as HTML, in GOV.UK Frontend's markup (DESIGN §5). Plain functions: a page has 0.3 ms."""

from django.utils.safestring import SafeString

from clavero import words
from clavero.core.errors import Refused
from clavero.core.identifiers.reading import Repair
from clavero.ui import marks
from clavero.ui.forms import HONEYPOT, REPAIR, Field, Form, Text
from clavero.ui.icons import ICONS
from clavero.ui.plain_html import esc, html, language
from clavero.ui.plain_html import say as _


def field(
    form: Form, name: str, described: str = "", legend: str = "", shown: bool = False
) -> SafeString:
    """The field `name`: label, hint, error, control, repair.

    `described` are further ids that describe it (a clock, a strength); with `legend="h1"` the
    question of a choice is the page's heading; `shown` opens a key field (*Mostrar*).
    """
    spec = form.fields[name]
    draw = _DRAWN.get(spec.kind, _line)
    return html(draw(form, name, spec, described, legend, shown))


def sentence(no: Refused) -> str:
    """The words of a refusal, in the language in force."""
    return worded(no.code, **no.details)


def error(form: Form, name: str) -> SafeString:
    """The error of the field `name`, or nothing."""
    return html(_error(form, name))


def worded(code: str, **details: object) -> str:
    """The sentence of a code, in the language in force."""
    return words.say(code, language(), **details)


# --- one kind each -------------------------------------------------------------------------------


def _line(
    form: Form, name: str, spec: Field, described: str, legend: str = "", shown: bool = False
) -> str:
    value = esc(form.values[name])
    attributes = _classes(form, name, spec) + _attributes(form, name, spec, described)
    control = f'<input type="{spec.type}" value="{value}"{attributes}>'
    return _group(form, name, _words(name, spec) + _error(form, name) + control)


def _area(
    form: Form, name: str, spec: Field, described: str, legend: str = "", shown: bool = False
) -> str:
    value, attributes = esc(form.values[name]), _attributes(form, name, spec, described)
    error = " govuk-textarea--error" if name in form.errors else ""
    control = f'<textarea class="govuk-textarea{error}" rows="5"{attributes}>\n{value}</textarea>'
    return _group(form, name, _words(name, spec) + _error(form, name) + control)


def _key(
    form: Form, name: str, spec: Field, described: str, legend: str = "", shown: bool = False
) -> str:
    # What was typed is never sent back; only a phrase that we offered may stand in the field.
    value = "" if form.is_bound else esc(form.values[name])
    attributes = _attributes(form, name, spec, described)
    error = " govuk-input--error" if name in form.errors else ""
    control = (
        '<div class="govuk-input__wrapper govuk-password-input__wrapper">'
        f'<input class="govuk-input govuk-password-input__input{error}"'
        f' type="{"text" if shown else "password"}" value="{value}"{attributes}>'
        f"{_toggle(shown)}</div>"
    )
    parts = _words(name, spec) + _error(form, name) + control
    return _group(form, name, parts, " govuk-password-input")


def _choice(
    form: Form, name: str, spec: Field, described: str, legend: str = "", shown: bool = False
) -> str:
    rows = "".join(
        _option(name, number, option, form.values[name])
        for number, option in enumerate(spec.options)
    )
    about = _described(form, name, spec, described)
    inside = _legend(spec, legend) + _hint(name, spec) + _error(form, name)
    radios = f'<div class="govuk-radios cl-choice"{_fact(spec)}>{rows}</div>'
    return _group(
        form, name, f'<fieldset class="govuk-fieldset"{about}>{inside}{radios}</fieldset>'
    )


def _option(name: str, number: int, option: tuple[str, Text, Text], chosen: str) -> str:
    value, label, hint = option
    # The first option carries the field's own id, so that the summary's link lands on it.
    own = name if number == 0 else f"{name}-{number + 1}"
    about = f' aria-describedby="{own}_option_hint"' if hint else ""
    checked = " checked" if value == chosen else ""
    below = (
        f'<div id="{own}_option_hint" class="govuk-hint govuk-radios__hint">{esc(hint)}</div>'
        if hint
        else ""
    )
    return (
        '<div class="govuk-radios__item">'
        f'<input class="govuk-radios__input" id="{own}" name="{name}" type="radio"'
        f' value="{esc(value)}"{checked}{about}>'
        f'<label class="govuk-label govuk-radios__label" for="{own}">{esc(label)}</label>'
        f"{below}</div>"
    )


def _tick(
    form: Form, name: str, spec: Field, described: str, legend: str = "", shown: bool = False
) -> str:
    checked = " checked" if form.values[name] else ""
    hint = (
        spec.hint
        and f'<div id="{name}_hint" class="govuk-hint govuk-checkboxes__hint">'
        f"{esc(spec.hint)}</div>"
    )
    box = (
        f'<div class="govuk-checkboxes cl-choice"><div class="govuk-checkboxes__item">'
        f'<input class="govuk-checkboxes__input" id="{name}" name="{name}" type="checkbox"'
        f' value="1"'
        f"{checked}{_described(form, name, spec, described)}{_invalid(form, name)}>"
        f'<label class="govuk-label govuk-checkboxes__label" for="{name}">{esc(spec.label)}</label>'
        f"{hint}</div></div>"
    )
    return _group(form, name, _error(form, name) + box)


_DRAWN = {"key": _key, "area": _area, "choice": _choice, "tick": _tick}


# --- their parts ---------------------------------------------------------------------------------


def _group(form: Form, name: str, inside: str, more: str = "") -> str:
    error = " govuk-form-group--error" if name in form.errors else ""
    return f'<div class="govuk-form-group{error}{more}">{inside}{_repairs(form, name)}</div>'


def _words(name: str, spec: Field) -> str:
    """Label and hint as HTML, drawn once for each language and kept with the field."""
    lang = language()
    if lang not in spec.drawn:
        spec.drawn[lang] = _label(name, spec) + _hint(name, spec)
    return spec.drawn[lang]


def _label(name: str, spec: Field) -> str:
    optional = " " + esc(_("(opcional)")) if spec.optional else ""
    return f'<label class="govuk-label" for="{name}">{esc(spec.label)}{optional}</label>'


def _legend(spec: Field, kind: str) -> str:
    if kind == "h1":
        return (
            '<legend class="govuk-fieldset__legend govuk-fieldset__legend--l">'
            f'<h1 class="govuk-fieldset__heading">{esc(spec.label)}</h1></legend>'
        )
    return f'<legend class="govuk-fieldset__legend">{esc(spec.label)}</legend>'


def _hint(name: str, spec: Field) -> str:
    return f'<div id="{name}_hint" class="govuk-hint">{esc(spec.hint)}</div>' if spec.hint else ""


def _error(form: Form, name: str) -> str:
    no = form.errors.get(name)
    if no is None:
        return ""
    return (
        f'<p id="{name}_error" class="govuk-error-message" data-error="{esc(no.code)}">'
        f"{ICONS['warning']}"
        f'<span><span class="govuk-visually-hidden">Error:</span> {esc(sentence(no))}</span></p>'
    )


def _classes(form: Form, name: str, spec: Field) -> str:
    error = " govuk-input--error" if name in form.errors else ""
    width = f" govuk-input--width-{spec.width}" if spec.width else ""
    return f' class="govuk-input{error}{width}{" " + spec.classes if spec.classes else ""}"'


def _attributes(form: Form, name: str, spec: Field, described: str) -> str:
    optional = "".join(
        f' {attribute}="{value}"'
        for attribute, value in (
            ("inputmode", spec.inputmode),
            ("autocapitalize", spec.autocapitalize),
        )
        if value
    )
    return (
        f' id="{name}" name="{name}" autocomplete="{spec.autocomplete}"'
        f' spellcheck="{"true" if spec.spellcheck else "false"}"{optional}{_fact(spec)}'
        f"{_invalid(form, name)}{_described(form, name, spec, described)}"
    )


def _fact(spec: Field) -> str:
    return f' data-fact="{esc(spec.fact)}"' if spec.fact else ""


def _invalid(form: Form, name: str) -> str:
    return ' aria-invalid="true"' if name in form.errors else ""


def _described(form: Form, name: str, spec: Field, more: str) -> str:
    """`aria-describedby` in the order hint, error, repair, and what the page adds (DESIGN §5)."""
    ids = [f"{name}_hint"] if spec.hint else []
    if name in form.errors:
        ids.append(f"{name}_error")
    if name in form.repairs:
        ids.append(f"{name}_repair")
    if more:
        ids.append(more)
    return f' aria-describedby="{" ".join(ids)}"' if ids else ""


def _toggle(shown: bool) -> str:
    """A link to the same page with the field open, so that it works without script (DESIGN §7)."""
    word, label = (
        (_("Ocultar"), _("Ocultar la clave")) if shown else (_("Mostrar"), _("Mostrar la clave"))
    )
    return (
        f'<a href="?{"ver=no" if shown else "ver=si"}" class="govuk-button govuk-button--secondary'
        f' govuk-password-input__toggle" aria-label="{esc(label)}" data-toggle-key'
        f' data-show="{esc(_("Mostrar"))}" data-show-label="{esc(_("Mostrar la clave"))}"'
        f' data-hide="{esc(_("Ocultar"))}" data-hide-label="{esc(_("Ocultar la clave"))}">'
        f"{esc(word)}</a>"
    )


def _repairs(form: Form, name: str) -> str:
    offered = form.repairs.get(name)
    if not offered:
        return ""
    spec = form.fields[name]
    inside = "".join(_repair(form, name, spec, repair) for repair in offered)
    return f'<div class="cl-repair" id="{name}_repair">{inside}</div>'


def _repair(form: Form, name: str, spec: Field, repair: Repair) -> str:
    """What probably happened, and a button with the new value, the changed part marked."""
    given = "".join((repair.source or form.values[name]).split())
    new = marks.number(repair.to, given) if spec.shown_as == "num" else esc(repair.to)
    use = esc(_("Usar"))
    button = (
        f'<button type="submit" name="{name}{REPAIR}" value="{esc(repair.to)}"'
        f' class="govuk-button govuk-button--secondary" data-repair="{esc(repair.code)}">'
        f"{use} {new}</button>"
    )
    return f"<p>{esc(worded(repair.code))}</p>{button}"


# --- around the fields ---------------------------------------------------------------------------


def summary(form: object) -> SafeString:
    """Every error first in main, each a link to its field, in the same words (S-114)."""
    if not isinstance(form, Form) or not form.errors:
        return SafeString("")
    items = "".join(
        f'<li><a href="#{name}">{esc(sentence(no))}</a></li>' for name, no in form.errors.items()
    )
    return html(
        '<div class="govuk-error-summary" data-module="govuk-error-summary"><div role="alert">'
        f'<h2 class="govuk-error-summary__title">{esc(_summary_title(form))}</h2>'
        '<div class="govuk-error-summary__body"><ul class="govuk-list govuk-error-summary__list">'
        f"{items}</ul></div></div></div>"
    )


WAITS = frozenset({"throttle.wait", "paper.pdf", "sri.resting"})
"""Refusals at which nothing that was typed is wrong."""


def _summary_title(form: Form) -> str:
    errors = len(form.errors)
    if all(no.code in WAITS for no in form.errors.values()):
        return _("Espere un momento")
    if errors == 1:
        return _("Hay un dato por corregir")
    return _("Hay %(count)s datos por corregir") % {"count": errors}


def honeypot() -> SafeString:
    """A field that people do not see and robots fill (its name: CONTRACT of `throttle`)."""
    label = esc(_("Deje este campo vacío"))
    return html(
        f'<div class="cl-away" aria-hidden="true"><label for="{HONEYPOT}">{label}</label>'
        f'<input id="{HONEYPOT}" name="{HONEYPOT}" type="text" tabindex="-1" autocomplete="off">'
        "</div>"
    )


def start(name: str, token: str, has_repairs: bool, action: str = "") -> SafeString:
    """A step's opening tag.

    Enter presses a form's first button: before an offered repair stands a silent one.
    """
    where = f' action="{esc(action)}"' if action else ""
    default = (
        '<button type="submit" class="govuk-visually-hidden" tabindex="-1" aria-hidden="true">'
        f"{esc(_('Continuar'))}</button>"
        if has_repairs
        else ""
    )
    return html(
        f'<form method="post" id="{esc(name)}_step" data-step="{esc(name)}"{where} novalidate>'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{esc(token)}">{default}'
    )

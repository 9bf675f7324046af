"""Forms as plain Python: what arrived becomes one text per field, or a refusal at that field.

No Django widgets: drawing them costs more than the whole page may (docs/adr/0003-forms.md).
Refusals are codes; `clavero.words` has the sentences, `{% field %}` draws them.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self, TypeVar

from django.http import QueryDict
from django.utils.functional import Promise

from clavero.core.errors import Refused
from clavero.core.identifiers.reading import Repair

LONGEST = 10_000  # characters of one field; refused unread beyond it
REPAIR = "_repair"  # the button that accepts an offered repair of `ruc` is named `ruc_repair`
HONEYPOT = "website"
_LINES = "\r\n\t"
Parsed = TypeVar("Parsed")
Text = str | Promise  # a text, or one that is translated when the page is drawn


@dataclass(frozen=True, kw_only=True, eq=False)
class Field:
    """What a field says and how it is drawn. `label` and `hint` may be lazy translations.

    `width` is the field's width in characters (2 3 4 5 10 20 30), or 0 for the whole column;
    `shown_as` is how a value reads in an offered repair: "num" in groups, or "" as it is.
    """

    label: Text
    hint: Text = ""
    kind: str = "text"
    type: str = "text"
    autocomplete: str = "off"
    inputmode: str = ""
    autocapitalize: str = ""
    spellcheck: bool = False
    width: int = 0
    classes: str = ""
    shown_as: str = ""
    optional: bool = False
    empty: str = "field.empty"
    fact: str = ""
    options: Sequence[tuple[str, Text, Text]] = ()
    drawn: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_key(self) -> bool:
        return self.kind == "key"


def text(label: Text, **more: object) -> Field:
    """A line of text."""
    return Field(label=label, **more)  # type: ignore[arg-type]


def number(label: Text, **more: object) -> Field:
    """A number that is a name (cédula, RUC, sucursal): numeric keypad, figures of one width."""
    defaults: dict = {"inputmode": "numeric", "classes": "cl-input-num", "shown_as": "num"}
    return Field(label=label, **defaults | more)


def email(label: Text, **more: object) -> Field:
    defaults: dict = {"type": "email", "autocomplete": "email", "autocapitalize": "none"}
    return Field(label=label, **defaults | more)


def phone(label: Text, **more: object) -> Field:
    defaults: dict = {"type": "tel", "autocomplete": "tel", "inputmode": "tel", "width": 20}
    return Field(label=label, **defaults | more)


def code(label: Text, **more: object) -> Field:
    """A one-time code: one field, pasteable, capitals, found by the telephone (S-111)."""
    defaults: dict = {
        "autocomplete": "one-time-code",
        "autocapitalize": "characters",
        "classes": "cl-input-code",
    }
    return Field(label=label, **defaults | more)


def key(label: Text, **more: object) -> Field:
    """A key, never drawn again. `autocomplete` is `new-password` or `current-password`."""
    defaults: dict = {"kind": "key", "autocomplete": "new-password", "autocapitalize": "none"}
    return Field(label=label, **defaults | more)


def area(label: Text, **more: object) -> Field:
    """Several lines."""
    defaults: dict = {"kind": "area", "spellcheck": True}
    return Field(label=label, **defaults | more)


def choice(label: Text, options: Sequence[tuple[str, Text, Text]], **more: object) -> Field:
    """Radios as whole rows; each option is (value, label, hint)."""
    defaults: dict = {"kind": "choice", "empty": "field.choose"}
    return Field(label=label, options=options, **defaults | more)


def tick(label: Text, **more: object) -> Field:
    """One box; its value is "1" or empty. Never required unless `optional=False` is said."""
    defaults: dict = {"kind": "tick", "optional": True, "empty": "field.tick"}
    return Field(label=label, **defaults | more)


class Form:
    """Declared fields, the values that arrived, and what was refused, field by field.

    class Who(Form):
        identification = number(_("Número de cédula"), width=10, autocomplete="username")

    form = Who.bind(request.POST)          # or Who({"identification": "…"}) to fill a first page
    cedula_ = form.parse("identification", cedula.parse)
    if form.ok: …
    """

    fields: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        cls.fields = cls.fields | own

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values: dict[str, str] = dict.fromkeys(self.fields, "") | dict(values or {})
        self.errors: dict[str, Refused] = {}
        self.repairs: dict[str, tuple[Repair, ...]] = {}
        self.is_bound = False

    @classmethod
    def bind(cls, sent: QueryDict) -> Self:
        """One text for each declared field; everything else that was sent is ignored (S-106)."""
        form = cls()
        form.is_bound = True
        for name, spec in cls.fields.items():
            form._take(name, spec, sent)
        return form

    def _take(self, name: str, spec: Field, sent: QueryDict) -> None:
        try:
            accepted = name + REPAIR if name + REPAIR in sent else name
            value = _one(sent.getlist(accepted))
            self.values[name] = _readable(value, spec)
            _fitting(value, spec)
        except Refused as no:
            self.errors[name] = no

    @property
    def ok(self) -> bool:
        return not self.errors

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def refuse(self, name: str, no: Refused, *repairs: Repair) -> None:
        """Say no at a field (the first no of a field stays), with what is offered instead."""
        self.errors.setdefault(name, no)
        if repairs:
            self.repairs[name] = (*self.repairs.get(name, ()), *repairs)

    def refuse_all(
        self, refused: Mapping[str, Refused], repairs: Mapping[str, Repair] | None = None
    ) -> None:
        """What `core.identifiers.employer.parse` raises: `refuse_all(no.fields, no.repairs)`."""
        for name, no in refused.items():
            self.refuse(name, no)
        for name, repair in (repairs or {}).items():
            self.repairs[name] = (*self.repairs.get(name, ()), repair)

    def parse(self, name: str, parser: Callable[[str], Parsed]) -> Parsed | None:
        """`parser` of the field's text, or None and its refusal noted at the field."""
        if name in self.errors or not self.values[name]:
            return None
        try:
            return parser(self.values[name])
        except Refused as no:
            self.refuse(name, no)
            return None


def _one(sent: Sequence[str]) -> str:
    """Exactly one text: a field that arrives twice is refused, not guessed."""
    if len(sent) > 1:
        raise Refused("field.repeated")
    return sent[0] if sent else ""


def _readable(value: str, spec: Field) -> str:
    """`value`, if it is short and made of characters that a person can type."""
    if len(value) > LONGEST:
        raise Refused("field.too_long", most=LONGEST)
    allowed = _LINES if spec.kind == "area" else "\t"
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in allowed for c in value):
        raise Refused("field.control_characters")
    return value if spec.is_key else value.strip()


def _fitting(value: str, spec: Field) -> None:
    """Something where something is needed, and of a choice one of its options."""
    if not value.strip():
        if not spec.optional:
            raise Refused(spec.empty)
    elif spec.options and value not in {option[0] for option in spec.options}:
        raise Refused(spec.empty)

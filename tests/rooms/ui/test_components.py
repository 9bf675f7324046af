"""Pieces of a page as HTML: what a person, a screen reader and a script find there."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup, Tag
from django.http import QueryDict
from django.template import engines
from django.utils import translation

from clavero.core.errors import Refused
from clavero.core.identifiers.reading import Repair
from clavero.ui import marks, plain_html
from clavero.ui.forms import Form, area, choice, code, key, number, text, tick

LOST_ZERO = Repair("0199900072001", "ruc.leading_zero_restored", "ruc", "199900072001")


class Sheet(Form):
    ruc = number("RUC", hint="Son 13 dígitos.", width=20)
    name = text("Nombre", optional=True)
    code = code("Código", hint="Puede pegarlo.", fact="birthday")
    key = key("Clave")
    domestic = choice("¿Dónde?", (("0", "En un negocio", "Con RUC."), ("1", "En mi casa", "")))
    keep_key = tick("Guardar mi clave", hint="Si la recuerda.")
    message = area("Mensaje")


def sent(**values: str) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update(values)
    return query


def complete(**values: str) -> Sheet:
    whole = {"ruc": "1", "code": "K7QM", "key": "canoa", "domestic": "0", "message": "hola"}
    return Sheet.bind(sent(**whole | values))


def drawn(source: str, **context: object) -> BeautifulSoup:
    return BeautifulSoup(engines["django"].from_string(source).render(context), "html.parser")


def one(soup: BeautifulSoup | Tag, selector: str) -> Tag:
    found = soup.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)}"
    return found[0]


# --- what arrives --------------------------------------------------------------------------------


def test_a_field_takes_exactly_one_text():
    form = Sheet.bind(QueryDict("ruc=1&ruc=2"))
    assert form.errors["ruc"].code == "field.repeated"
    assert form.values["ruc"] == ""


def test_what_no_field_declares_is_ignored():
    form = complete(is_staff="1", state="approved")
    assert form.ok
    assert set(form.values) == set(Sheet.fields)


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\n", "\x7f", "\ud800"])
def test_control_characters_are_refused_at_their_field(char):
    form = complete(ruc=f"19{char}99")
    assert {name: no.code for name, no in form.errors.items()} == {
        "ruc": "field.control_characters"
    }


def test_lines_are_welcome_where_lines_are_asked_for():
    assert complete(message="una\r\notra").ok


def test_ten_thousand_characters_are_the_most():
    assert complete(message="x" * 10_000).ok
    assert complete(message="x" * 10_001).errors["message"].code == "field.too_long"


def test_what_is_missing_is_said_unless_it_is_optional():
    form = Sheet.bind(QueryDict())
    codes = {name: no.code for name, no in form.errors.items()}
    assert codes["ruc"] == "field.empty"
    assert codes["domestic"] == "field.choose"
    assert "name" not in codes and "keep_key" not in codes


def test_a_choice_takes_only_its_options():
    assert complete(domestic="2").errors["domestic"].code == "field.choose"


def test_a_key_keeps_its_spaces_and_a_number_does_not():
    form = complete(key=" canoa brisa ", ruc=" 199 ")
    assert form["key"] == " canoa brisa "
    assert form["ruc"] == "199"


def test_an_accepted_repair_takes_the_place_of_what_was_typed():
    form = complete(ruc="199900072001", ruc_repair="0199900072001")
    assert form["ruc"] == "0199900072001"


def test_a_repeated_repair_is_refused_like_any_field():
    form = Sheet.bind(QueryDict("ruc=1&ruc_repair=2&ruc_repair=3"))
    assert form.errors["ruc"].code == "field.repeated"


def test_the_first_refusal_of_a_field_stays():
    form = Sheet()
    form.refuse("ruc", Refused("ruc.length", digits=12))
    form.refuse("ruc", Refused("ruc.empty"))
    assert form.errors["ruc"].code == "ruc.length"


def test_a_parser_s_refusal_is_noted_at_the_field():
    def never(text: str) -> str:
        raise Refused("ruc.length", digits=len(text))

    form = complete(ruc="12")
    assert form.parse("ruc", never) is None
    assert form.errors["ruc"].details == {"digits": 2}


# --- fields --------------------------------------------------------------------------------------


def wrong() -> Sheet:
    form = complete(ruc="199900072001")
    form.refuse("ruc", Refused("ruc.length", digits=12), LOST_ZERO)
    return form


def test_a_field_in_error_names_its_code_and_describes_itself_in_order():
    page = drawn('{% field form "ruc" described="until" %}', form=wrong())
    control = one(page, "input#ruc")
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] == "ruc_hint ruc_error ruc_repair until"
    assert control["value"] == "199900072001"
    for name in ("ruc_hint", "ruc_error", "ruc_repair"):
        assert one(page, f"#{name}")
    assert one(page, "[data-error]")["data-error"] == "ruc.length"


def test_the_summary_says_the_same_words_and_leads_to_the_field():
    page = drawn('{% errors_summary %}{% field form "ruc" %}', form=wrong())
    link = one(page, ".govuk-error-summary a")
    assert one(page, link["href"]).name == "input"
    assert link.text in one(page, "#ruc_error").text
    assert one(page, ".govuk-error-summary__title").text == "Hay un dato por corregir"


def test_the_summary_counts_and_links_every_error():
    page = drawn(
        "{% errors_summary %}" + "".join(f'{{% field form "{n}" %}}' for n in Sheet.fields),
        form=Sheet.bind(QueryDict()),
    )
    links = page.select(".govuk-error-summary a")
    assert one(page, "h2").text == "Hay 5 datos por corregir"
    assert len(links) == 5
    assert all(len(page.select(link["href"])) == 1 for link in links)


def test_a_summary_of_what_has_to_wait_calls_nothing_wrong():
    form = complete()
    form.refuse("ruc", Refused("throttle.wait", seconds=40))
    page = drawn("{% errors_summary %}", form=form)
    assert one(page, "h2").text == "Espere un momento"
    form.refuse("branch", Refused("ruc.empty"))
    assert one(drawn("{% errors_summary %}", form=form), "h2").text == "Hay 2 datos por corregir"


def test_no_summary_without_errors():
    assert drawn("{% errors_summary %}", form=complete()).text == ""
    assert drawn("{% errors_summary %}").text == ""


def test_an_offered_repair_marks_what_is_new_and_submits():
    page = drawn('{% form_start "number" %}{% field form "ruc" %}</form>', form=wrong())
    button = one(page, "button[name=ruc_repair]")
    assert button["value"] == "0199900072001"
    assert [mark.text for mark in button.select("ins")] == ["0"]
    first = page.select("form button")[0]
    assert first is not button and first["tabindex"] == "-1"


def test_without_a_repair_no_silent_button_stands_first():
    page = drawn('{% form_start "number" %}{% field form "ruc" %}</form>', form=complete())
    assert page.select("button") == []
    assert one(page, "form")["data-step"] == "number"


def test_a_key_is_never_sent_back():
    page = drawn('{% field form "key" %}{% field form "key" shown=True %}', form=complete())
    assert "canoa" not in str(page)
    assert [control["type"] for control in page.select("input")] == ["password", "text"]


def test_an_offered_phrase_may_stand_in_the_key_field():
    page = drawn('{% field form "key" shown=True %}', form=Sheet({"key": "canoa brisa"}))
    assert one(page, "input")["value"] == "canoa brisa"


def test_what_was_typed_cannot_become_markup():
    evil = '"><script>alert(1)</script>'
    form = complete(ruc=evil, message="</textarea>" + evil)
    form.refuse("ruc", Refused("ruc.length", digits=evil), Repair(evil, "ruc.decimals_removed"))
    page = drawn(
        '{% errors_summary %}{% field form "ruc" %}{% field form "message" %}'
        "{{ evil|num }}{{ evil|code }}{{ evil|mask }}{% key_owner evil %}{% back evil %}",
        form=form,
        evil=evil,
    )
    assert page.select("script") == []
    assert one(page, "input#ruc")["value"] == evil


def test_a_code_field_can_be_pasted_and_found():
    control = one(drawn('{% field form "code" %}', form=Sheet()), "input")
    assert control["autocomplete"] == "one-time-code"
    assert control["data-fact"] == "birthday"
    assert "maxlength" not in control.attrs and "placeholder" not in control.attrs


def test_radios_are_named_by_their_question_and_remember():
    page = drawn('{% field form "domestic" legend="h1" %}', form=complete(domestic="1"))
    assert one(page, "legend h1").text == "¿Dónde?"
    assert one(page, "input[checked]")["value"] == "1"
    assert one(page, "#domestic")["aria-describedby"] == "domestic_option_hint"


def test_a_choice_in_error_is_described_by_its_group():
    page = drawn('{% field form "domestic" %}', form=Sheet.bind(QueryDict()))
    assert one(page, "fieldset")["aria-describedby"] == "domestic_error"


def test_a_box_remembers_and_carries_its_hint():
    page = drawn('{% field form "keep_key" %}', form=complete(keep_key="1"))
    assert "checked" in one(page, "input").attrs
    assert one(page, "#keep_key_hint").text == "Si la recuerda."


def test_every_control_has_one_label():
    page = drawn("".join(f'{{% field form "{name}" %}}' for name in Sheet.fields), form=Sheet())
    controls = page.select("input, textarea")
    assert len(controls) == 8
    for control in controls:
        assert one(page, f'label[for="{control["id"]}"]')


def test_optional_fields_say_so_and_nothing_else_does():
    page = drawn('{% field form "name" %}{% field form "ruc" %}', form=Sheet())
    assert [label.text for label in page.select("label")] == ["Nombre (opcional)", "RUC"]


def test_the_honeypot_is_out_of_sight_and_out_of_the_way():
    page = drawn("{% honeypot %}")
    assert one(page, "div")["aria-hidden"] == "true"
    assert one(page, "input[name=website]")["tabindex"] == "-1"


# --- numbers, codes, masks -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "groups"),
    [
        ("2450061920", ["245", "006", "192", "0"]),
        ("2450061920001", ["245", "006", "192", "0", "001"]),
        ("0001", ["0001"]),
        ("AB12345678", ["AB12345678"]),
    ],
)
def test_numbers_are_grouped_by_margins_and_copied_plain(value, groups):
    page = BeautifulSoup(marks.number(value), "html.parser")
    assert [span.text for span in page.select(".cl-num > span")] == groups
    assert page.text == value


@pytest.mark.parametrize(
    ("value", "given", "new"),
    [
        ("0199900072001", "199900072001", ["0"]),
        ("0199900072001", "0199900072001", []),
        ("0001", "1", ["000"]),
        ("2450061920000", "2450061920001", ["0"]),
        ("2450061920000", "2450061920", ["000"]),
        ("993370026001", "993370026001.0", []),
        ("0110000", "0100", ["10", "0"]),
    ],
)
def test_only_what_was_not_typed_is_marked(value, given, new):
    page = BeautifulSoup(marks.number(value, given), "html.parser")
    assert page.text == value
    assert "".join(mark.text for mark in page.select("ins")) == "".join(new)


def test_a_code_stands_in_fours_and_is_one_word_when_copied():
    page = BeautifulSoup(marks.code("4k7q-M3PT X9RW"), "html.parser")
    assert [span.text for span in page.select(".cl-code > span")] == ["4k7q", "M3PT", "X9RW"]
    assert page.text == "4k7qM3PTX9RW"


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("luis@trigo.example", "l•••@t•••.example"),
        ("x@y.example", "x•••@y•••.example"),
        ("maria.de.los.angeles@correo.mail.example", "m•••@c•••.example"),
        ("0987654321", "09• ••• ••21"),
    ],
)
def test_a_mask_says_nothing_of_the_length(address, shape):
    assert marks.masked(address) == shape
    assert marks.masked(shape) == shape


def test_a_mask_is_read_aloud_as_words():
    page = BeautifulSoup(marks.mask("luis@trigo.example"), "html.parser")
    assert one(page, "[aria-hidden]").text == "l•••@t•••.example"
    assert one(page, ".govuk-visually-hidden").text == "empieza con ele y su dominio empieza con te"
    assert "luis" not in str(page)


def test_counts_are_written_as_each_language_does():
    assert [marks.count(n) for n in (312, 1214, 12480)] == ["312", "1214", "12\u00a0480"]
    with translation.override("en"):
        assert [marks.count(n) for n in (1214, 12480)] == ["1,214", "12,480"]


# --- time ----------------------------------------------------------------------------------------

NOON = datetime(2026, 12, 2, 16, 12, tzinfo=UTC)  # 11:12 in Guayaquil


def test_until_when_is_an_hour_of_the_day_and_minutes():
    page = drawn("{% valid_until end now id='x' %}", end=NOON, now=NOON - timedelta(minutes=54))
    assert page.text.strip() == "Vale hasta las 11:12. Faltan unos 54 minutos."
    assert one(page, "#x [data-seconds]")["data-seconds"] == "3240"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (90, "Faltan unos 2 minutos."),
        (60, "Falta un minuto."),
        (1, "Falta un minuto."),
        (0, "Ya venció. Pida otro."),
        (-5, "Ya venció. Pida otro."),
    ],
)
def test_the_last_minutes_have_their_own_words(left, words):
    page = drawn("{% valid_until end now %}", end=NOON, now=NOON - timedelta(seconds=left))
    assert one(page, "[data-seconds]").text == words


def test_an_hour_is_the_institution_s_and_a_centre_s_its_own():
    galapagos = NOON.astimezone(ZoneInfo("Pacific/Galapagos"))
    assert drawn("{{ a|clock }} {{ b|clock }}", a=NOON, b=galapagos).text == "11:12 10:12"


def test_a_day_has_its_year_only_where_it_is_another():
    day, today = date(2026, 12, 15), date(2026, 12, 2)
    page = drawn("{{ day|long_date:today }} / {{ day|long_date }}", day=day, today=today)
    assert page.text == "martes 15 de diciembre / martes 15 de diciembre de 2026"


def test_the_session_warning_waits_hidden():
    page = drawn("{% session_warning end now %}", end=NOON, now=NOON - timedelta(minutes=30))
    notice = one(page, "[data-session-seconds]")
    assert "hidden" in notice.attrs and notice["data-session-seconds"] == "1800"
    assert "11:12" in notice.text


# --- small words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "word"),
    [
        ("online", "En línea"),
        ("visit", "Con una visita"),
        ("correct_data", "Corregir datos"),
        ("unknown", "No se sabe"),
        ("wait", "Esperar"),
        ("elsewhere", "En otra página"),
        ("report", "Avisar"),
        ("something else", "No se sabe"),
    ],
)
def test_a_route_is_a_word_and_an_icon(route, word):
    page = drawn("{% route_tag route %}", route=route)
    assert page.text == word
    assert one(page, "svg")["aria-hidden"] == "true"


@pytest.mark.parametrize(("level", "word"), [(0, "muy débil"), (3, "buena"), (4, "muy buena")])
def test_strength_is_a_word_with_bars(level, word):
    page = drawn("{% strength level 24 id='s' %}", level=level)
    assert page.text == f"24 caracteres: {word}"
    assert len(page.select(".is-on")) == level


def test_a_fixed_sentence_is_kept_for_each_language_apart(monkeypatch):
    said = []

    def gettext(message: str) -> str:
        said.append(translation.get_language())
        return f"{translation.get_language()}: {message}"

    monkeypatch.setattr("django.utils.translation._trans.gettext", gettext)
    template = engines["django"].from_string('{% translate "Algo" %}')
    for lang in ("es", "en", "es", "en"):
        with translation.override(lang):
            assert template.render({}) == f"{lang}: Algo"
    assert said == ["es", "en"]


def test_a_sentence_with_a_variable_is_never_kept():
    template = engines["django"].from_string(
        "{% translate word %} {% blocktranslate %}Hay {{ n }}.{% endblocktranslate %}"
    )
    assert template.render({"word": "uno", "n": 1}) == "uno Hay 1."
    assert template.render({"word": "dos", "n": 2}) == "dos Hay 2."


def test_a_word_of_a_tag_is_kept_for_each_language_apart(monkeypatch):
    def gettext(message: str) -> str:
        return f"{translation.get_language()}: {message}"

    monkeypatch.setattr("django.utils.translation.gettext", gettext)
    plain_html._said.cache_clear()
    words = []
    for lang in ("es", "en"):
        with translation.override(lang):
            words.append(plain_html.say("Atrás"))
    plain_html._said.cache_clear()
    assert words == ["es: Atrás", "en: Atrás"]

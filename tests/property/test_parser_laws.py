"""Laws of everything that reads what comes from outside: it gives what it promises or refuses, and nothing else ever.

One law for each parser: identifiers stand in test_identifier_laws, cells of lists in test_sheet_laws.
"""

import json
import tomllib
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clavero import environment
from clavero.appointments import files as centres
from clavero.catastro import files as catastro
from clavero.catastro import sri
from clavero.core import bounces, challenge, slots
from clavero.core.challenge import Question
from clavero.core.errors import Refused
from clavero.core.profile import BadProfile, Profile
from clavero.employers import formats
from clavero.environment import BadSetting
from clavero.institution import SHIPPED
from clavero.notices import returns
from clavero.precheck import files as lists
from clavero.precheck import former
from clavero.privacy import handles, keyring
from clavero.throttle import work

ONE_FILE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
HUGE = b'{"ruc": ' + b"9" * 5000 + b"}\n"
DEEP = b"[" * 100_000
ODD_DIGITS = "\u1369\u136a"  # digits for str.isdigit, and none for int
anything = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


def records_of(header: str) -> st.SearchStrategy[bytes]:
    """Rows of anything below a right header, and anything at all."""
    rows = st.lists(st.text(max_size=60), max_size=4).map(
        lambda found: "\n".join([header, *found]).encode("utf-8", "surrogatepass")
    )
    return st.one_of(anything, rows)


def json_records(*names: str) -> st.SearchStrategy[bytes]:
    objects = st.dictionaries(
        st.one_of(st.sampled_from(names), st.text(max_size=8)), json_values, max_size=8
    )
    return objects.map(lambda found: json.dumps(found).encode())


REGISTER = "ruc,kind,name,key,as_of,branch,branch_name,identification,person_name,mode,person_state,through,email"
OF_REGISTER = (
    "ruc",
    "kind",
    "name",
    "key",
    "as_of",
    "branches",
    "representatives",
    "contacts",
    "facts",
)


@ONE_FILE
@given(raw=st.one_of(records_of(REGISTER), json_records(*OF_REGISTER)))
@example(raw=HUGE)
@example(raw=b'{"a": ' + DEEP)
def test_a_register_is_read_or_refused(tmp_path, raw):
    file = tmp_path / "register"
    file.write_bytes(raw)
    findings = formats.Findings()
    try:
        assert all(record.ruc for record in formats.records(file, findings))
    except Refused as refused:
        assert refused.code


@ONE_FILE
@given(
    raw=st.one_of(
        records_of("NUMERO_RUC|RAZON_SOCIAL|ESTADO_CONTRIBUYENTE"),
        records_of(",".join(("NUMERO_RUC", "ESTADO_CONTRIBUYENTE"))),
    )
)
def test_a_catastro_is_read_or_refused(tmp_path, raw):
    file = tmp_path / "catastro"
    file.write_bytes(raw)
    report = catastro.Report()
    try:
        for ruc, state, _name in catastro.rows(file, report):
            assert ruc > 0 and state in (1, 2, 3)
    except Refused as refused:
        assert refused.code


@ONE_FILE
@given(raw=st.one_of(records_of(",".join(centres.COLUMNS)), json_records(*centres.COLUMNS)))
@example(raw=HUGE)
@example(raw=b'{"a": ' + DEEP)
def test_a_file_of_centres_is_read_or_refused(tmp_path, raw):
    file = tmp_path / "centres"
    file.write_bytes(raw)
    try:
        for record in centres.records(file, centres.Report()):
            assert record.code and slots.parse_zone(record.zone)
    except Refused as refused:
        assert refused.code


@ONE_FILE
@given(raw=records_of("cedula;ruc;sucursal;correo"))
def test_a_list_of_employers_is_read_or_refused(tmp_path, raw):
    file = tmp_path / "list.csv"
    file.write_bytes(raw)
    try:
        with lists.opened(file) as source:
            for number, row in lists.records(source):
                assert number > 0 and len(row) == source.width
    except Refused as refused:
        assert refused.code


@ONE_FILE
@given(raw=st.one_of(anything, json_records("person", "ruc", "sucursal", "route", "reasons")))
@example(raw=HUGE)
@example(raw=DEEP)
def test_an_earlier_result_is_read_or_refused(tmp_path, raw):
    file = tmp_path / "former.jsonl"
    file.write_bytes(raw)
    try:
        former.read(file)
    except Refused as refused:
        assert refused.code


@given(st.one_of(anything, json_values.map(lambda found: json.dumps(found).encode())))
@example(DEEP)
@example(b"[" + b"9" * 5000 + b"]")
def test_an_answer_of_the_sri_is_a_state_or_silence(body):
    try:
        assert sri.read(body, "2499000025001") in ("active", "suspended", "closed", "unknown")
    except sri.Silent as silent:
        assert str(silent)


@pytest.fixture(scope="module")
def shipped() -> dict:
    return tomllib.loads((SHIPPED / "example.toml").read_text(encoding="utf-8"))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=60,
)
@given(data=st.data())
def test_a_profile_with_anything_in_one_place_is_read_or_named(shipped, data):
    """Whatever stands at one place of a profile, the refusal is one line that names the file."""
    name = data.draw(st.sampled_from(sorted(shipped)))
    held, value = shipped[name], data.draw(json_values)
    if isinstance(held, dict) and held and data.draw(st.booleans()):
        value = held | {data.draw(st.sampled_from(sorted(held))): value}
    try:
        Profile.from_toml(shipped | {name: value}, "one.toml", None)
    except BadProfile as bad:
        assert str(bad).startswith("one.toml") and "\n" not in str(bad).strip()


@given(st.text(max_size=80))
@example(ODD_DIGITS)
def test_a_code_is_normalised_once_and_for_all(text):
    assert challenge.normal(challenge.normal(text)) == challenge.normal(text)
    assert challenge.normal_id(challenge.normal_id(text)) == challenge.normal_id(text)


@given(st.text(max_size=60), st.sampled_from(["number", "month"]))
@example(ODD_DIGITS, "number")
@example("9" * 5000, "number")
@example(f"{ODD_DIGITS} 2024", "month")
def test_an_answer_to_a_question_is_right_or_wrong(text, expects):
    asked = Question("workers_last_sheet", expects, "4" if expects == "number" else "2024-03", "")
    assert challenge.right(asked, text) in (True, False)


@given(
    st.one_of(
        json_values,
        st.dictionaries(
            st.sampled_from(slots.WEEKDAYS),
            st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=2)),
        ),
    )
)
@example({"mon": [["0" * 5000 + ":00", "9" * 5000 + ":00"]]})
def test_hours_are_read_or_refused(table):
    try:
        assert len(slots.parse_hours(table)) == 7
    except Refused as refused:
        assert refused.code == "centre.hours"


@given(st.text(max_size=40))
def test_a_zone_is_read_or_refused(text):
    try:
        assert slots.parse_zone(text)
    except Refused as refused:
        assert refused.code == "centre.zone"


@given(
    st.one_of(
        st.text(max_size=200), st.text(alphabet="abcdefghijklmnop_-=.0123456789", max_size=200)
    )
)
def test_what_a_browser_sends_for_a_handle_opens_or_is_nothing(text):
    assert handles.open(text, "cases", 3600) is None
    assert work.is_done(text, "ticket") is False


@given(st.text(max_size=120))
@example("a1:" + "A" * 43)
def test_keys_are_read_or_named(text):
    try:
        assert all(len(raw) >= 32 for raw in keyring.parse(text, "X").values())
    except keyring.BadKeys as bad:
        assert "X" in str(bad)


SETTINGS = (
    environment.database, environment.smtp_url, environment.sms_url, environment.networks, environment.contacts, environment.base_url,
)  # fmt: skip
addresses = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}://{}{}".format,
        st.sampled_from(["https", "http", "sqlite", "postgresql", "smtp", "file"]),
        st.text(max_size=30),
        st.text(max_size=20),
    ),
)


@pytest.mark.parametrize("read", SETTINGS, ids=lambda read: read.__name__)
@given(text=addresses)
@example(text="postgresql://[/x")
@example(text="https://[::1")
def test_a_setting_is_read_or_named(read, text):
    try:
        read(text)
    except BadSetting as bad:
        assert "CLAVERO_" in str(bad) and "\n" not in str(bad).strip()


@given(st.text(max_size=20))
def test_a_last_day_is_read_or_named(text):
    try:
        assert isinstance(environment.expiry(text, "mailto:a@b.example"), date)
    except BadSetting as bad:
        assert "CLAVERO_" in str(bad)


# --- reports of failed delivery ------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["Content-Type: multipart/report; boundary=b", "Content-Type: multipart/report; boundary*0*=%ff''b", "Content-Type: message/delivery-status",
     "Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "--b", "--b--", "", "Final-Recipient: rfc822; ana@trigo.example",
     "Final-Recipient: rfc822;", "Action: failed", "Action: delayed", "Status: 5.1.1", "Status: 9", "To: rebotes+f1-x@i.example", "To: =?utf-8?q?=ff?="]
)  # fmt: skip
mails = st.one_of(
    anything,
    st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=25).map(
        lambda found: "\n".join(found).encode("utf-8", "surrogatepass")
    ),
)


@given(mails)
@example(
    b"".join(
        b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)
    )
)
@example(b"Content-Type: multipart/report; boundary*0*=utf-8''%ff; boundary*x=1\n\n")
def test_whatever_comes_by_mail_is_a_report_or_none_and_nothing_is_raised(raw):
    """S-086: what is called closed names that very address as failed for good, and stands in a report."""
    found = bounces.read(raw)
    assert found.kind in ("report", "other", "broken")
    if bounces.closed_by(found, "ana@trigo.example"):
        assert found.kind == "report" and b"ana@trigo.example" in raw and b"5.1.1" in raw


@given(
    st.one_of(
        st.text(max_size=60), st.from_regex(r"(f1|p1|[a-z0-9]{1,8})-[a-z2-7]{32}", fullmatch=True)
    ),
    st.lists(st.text(max_size=80), max_size=3),
)
def test_whatever_stands_in_place_of_a_tag_is_believed_of_no_address(text, headers):
    """S-086: without the key nobody is believed."""
    tag = returns.opened(text)
    assert tag is None or not tag.is_of("ana@trigo.example")
    for each in returns.tags_in([*headers, f"<rebotes+{text}@instituto.example>"]):
        tag = returns.opened(each)
        assert tag is None or not tag.is_of("ana@trigo.example")

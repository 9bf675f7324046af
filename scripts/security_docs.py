"""Writes docs/standards.md: each standard that this version claims, and the tests that hold it.

A test names what it holds in its docstring (`S-031`) or, for attacks, in its name (`test_attack_07_…`) or docstring.
`ALSO` and scripts/data/standards.toml name further tests; one that is gone, or an id with neither test nor a word on what
it lacks, stops the script.
"""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from generated import ROOT, keep, table

WANTED = {
    "S-001": "a key is set only through the table of evidence, and the rule that fired is stored",
    "S-002": "a recovery never removes or skips the second step of an account",
    "S-003": "what somebody knows identifies them and verifies nothing",
    "S-004": "an address is for messages, never a way to sign in",
    "S-005": "a first key is set up at a centre, not reset",
    "S-006": "who is proofed again must match the record",
    "S-007": "every combination of facts has one route, and none is a dead end",
    "S-008": "employers are offered passkeys, and asked to bind a second way in",
    "S-009": "every way in stands in one document",
    "S-010": "nothing about the account changes before a proof",
    "S-011": "a key is set in one transaction, or not at all",
    "S-012": "setting a key signs nobody in",
    "S-013": "whoever has the mailbox can stop a case at once",
    "S-014": "tokens and handles come from the system's generator, 128 bits or more",
    "S-015": "a typed code has 40 bits and forgives how it is typed",
    "S-016": "codes live 30 minutes; no profile can go over the ceiling",
    "S-017": "a code or link works once, whatever arrives at the same moment",
    "S-018": "secrets are stored as keyed hashes only",
    "S-019": "a saved code is shown once, used once and replaced",
    "S-020": "a newer code supersedes the older of its own case only, and gives no try back",
    "S-021": "a code belongs to the browser that asked; elsewhere the link asks for the number",
    "S-022": "opening a link does nothing",
    "S-023": "the token leaves the address at once and stands in no log",
    "S-024": "links start with the configured address, whatever a request says",
    "S-025": "a new address receives codes only once it has answered its own",
    "S-026": "the continuation code is long, printed and drawn, opens once a visit and expires",
    "S-027": "the code of the desk lives ten minutes, works once, and never travels by mail",
    "S-028": "a code of an app is taken once, for its half minute or a neighbouring one",
    "S-031": "15 characters or more, counted as code points",
    "S-032": "long keys are taken whole or refused, never cut",
    "S-033": "no composition rules, no expiry, no hints",
    "S-034": "common keys and one's own data are refused, with the reason",
    "S-035": "composed and decomposed accents are the same key",
    "S-036": "paste, managers and showing the key work",
    "S-037": "Argon2id above the floor, bound to account, version and a pepper",
    "S-038": "a key can be changed by who knows it",
    "S-039": "no key is ever sent, and no initial secret becomes one",
    "S-040": "a change is forced only for a reason",
    "S-041": "the well-known address for changing a key answers",
    "S-055": "Validar answers strangers the same, byte for byte",
    "S-056": "and does the same work for everybody",
    "S-057": "which of the numbers disagrees is never told",
    "S-058": "every reason has a class, and an undeclared one is never shown",
    "S-059": "the exact reason reaches who is entitled to it",
    "S-060": "no datum of the register is shown before a proof",
    "S-061": "expired, superseded and wrong are told apart",
    "S-062": "a register or mail server that is down is a doubt, never a match",
    "S-063": "a case is followed with its secret, never with its number alone",
    "S-064": "a failure is a plain page with a number",
    "S-065": "no member of staff sees, chooses or types a key",
    "S-066": "what is dangerous needs a second person, whom the system draws",
    "S-067": "staff open a case by the claimant's code alone; nothing is searched by name or RUC",
    "S-068": "the record of a visit is complete and never changed again",
    "S-069": "nothing is decided before every item was looked at",
    "S-070": "a qualification ends after twelve months, and with it the attesting",
    "S-071": "a discreet flag holds the case, and every page stays as it was",
    "S-072": "staff sign in with passkeys alone, on a host of their own; fifteen minutes lock, twelve hours end",
    "S-074": "nobody of staff acts on an employer of their own",
    "S-075": "a new address serves online recovery only after 72 hours, and the old one is told",
    "S-078": "no key is set in a browser in which staff worked",
    "S-084": "a sign-in from a new browser after many failures is told; a single wrong key is not",
    "S-087": "cookies are bound to the host, secure, and hidden from scripts",
    "S-088": "the handle is new at every proof, the session's id at every sign-in",
    "S-089": "a proof rests after half an hour, with a warning and a way back",
    "S-090": "sessions end after half an hour without use, and after twelve hours",
    "S-091": "a new key ends every session and forgets every browser",
    "S-092": "every form needs its token",
    "S-093": "strict headers on every answer",
    "S-094": "personal pages are not stored, and signing out clears",
    "S-095": "the whole road works without script",
    "S-096": "signing in leads nowhere but here",
    "S-097": "what happens is recorded in a fixed vocabulary",
    "S-098": "no secret and no identifier stands in log or record",
    "S-099": "nothing typed breaks a line of the log",
    "S-100": "the record is append-only, chained, and sent out",
    "S-102": "steps cannot be skipped, repeated or crossed",
    "S-103": "identifiers are validated by rules that take every real employer",
    "S-104": "noise around an identifier is forgiven",
    "S-106": "fields that are not declared do not exist",
    "S-107": "nothing typed becomes SQL, markup or a header",
    "S-111": "one field for a code, pasteable, and a link instead of typing",
    "S-113": "nothing is asked twice, nothing is lost on an error",
    "S-114": "errors in text, at the field and in a summary that leads there",
    "S-115": "labels, roles and purposes of fields",
    "S-116": "what was typed is reviewed before it counts",
    "S-117": "contrast, zoom and 320 pixels",
    "S-118": "keyboard alone, visible focus, targets to touch",
    "S-120": "language and titles of pages, parts and mail",
    "S-121": "no axe violation in any state",
    "S-122": "the start page says what to have, how long, and what else",
    "S-123": "one thing a page, in plain words",
    "S-082": "every message says what to do if it was not you",
    "S-119": "help in the same place and order on every page",
    "S-124": "not in order is a page with next steps, no error",
    "S-125": "the last page: number, next date, help, paper, and it can be opened again",
    "S-126": "where a message is awaited, another one and another way",
    "S-127": "a visit is made ready at leisure: saved, and found again",
    "S-134": "personal columns are encrypted, found by keyed hash",
    "S-138": "no default account; the first operator comes from the command, once",
}
ALSO = {
    "S-008": "test_a_passkey_is_bound_and_signs_in_by_itself test_an_answer_from_another_origin_is_refused",
    "S-072": "test_from_the_code_to_the_desk_with_two_real_passkeys test_it_locks_after_fifteen_minutes_without_use test_it_ends_after_twelve_hours_however_busy test_each_host_answers_for_its_own_pages test_a_signature_holds_over_its_message_alone",
    "S-078": "test_no_key_is_set_where_somebody_of_staff_has_worked",
    "S-079": "test_every_contact_on_record_is_told_at_once",
    "S-138": "test_the_first_operator_comes_from_the_command_once",
    "S-001": "TestAnyWalk test_every_move_that_sets_a_key_asks_for_a_grant",
    "S-005": "test_a_first_key_needs_the_desk_and_a_second_person",
    "S-006": "test_a_representative_who_ended_meanwhile_is_sent_to_a_centre test_each_obstacle_alone_means_a_visit_and_is_named",
    "S-007": "test_every_combination_has_one_route_and_none_is_a_dead_end test_from_every_live_state_there_is_a_way_to_a_key",
    "S-013": "test_no_fui_yo_stops_the_case_and_the_key_for_72_hours_once",
    "S-014": "test_tokens_are_long_and_never_the_same test_attack_24_only_the_systems_generator_makes_secrets",
    "S-015": "test_codes_have_the_lengths_they_promise test_a_code_is_read_through_noise",
    "S-016": "test_attack_30_expired_never_looks_like_wrong test_a_mistake_is_named_with_its_place",
    "S-017": "test_fifty_submissions_of_one_code_are_one_success test_two_presses_of_one_code_in_the_same_moment_prove_once",
    "S-018": "test_code_and_address_never_stand_in_the_outbox_in_clear",
    "S-019": "test_a_saved_code_is_shown_once_and_a_new_one_voids_it",
    "S-020": "test_a_strangers_case_does_not_void_the_owners_message",
    "S-021": "test_in_another_browser_the_link_asks_for_the_number_typed_at_the_start",
    "S-022": "test_attack_15_scanners_open_links_and_nothing_happens",
    "S-023": "test_the_link_of_the_mail_is_enough_in_the_same_browser",
    "S-024": "test_attack_02_links_come_from_the_configured_address",
    "S-031": "test_lengths_are_counted_in_code_points_after_composition",
    "S-032": "test_a_weak_key_is_refused_with_its_reason",
    "S-033": "test_length_is_enough_and_a_part_never_refuses",
    "S-034": "test_the_list_of_common_keys_has_more_than_three_thousand_of_fifteen test_a_weak_key_is_refused_with_its_reason",
    "S-035": "test_composed_and_decomposed_accents_are_the_same_key",
    "S-036": "test_a_key_can_be_pasted_and_shown test_no_key_field_limits_or_forbids",
    "S-037": "test_the_pepper_binds_account_and_version test_attack_31_a_hash_copied_into_the_victims_row_opens_nothing",
    "S-038": "test_a_key_is_changed_by_who_knows_it_and_everybody_is_told",
    "S-041": "test_change_password_has_its_well_known_address",
    "S-055": "test_attack_13_an_unknown_employer_looks_like_one_that_needs_a_visit",
    "S-056": "test_attack_13_the_same_work_is_done_for_the_unknown",
    "S-058": "test_an_undeclared_class_is_never_shown",
    "S-061": "test_attack_30_expired_never_looks_like_wrong",
    "S-062": "test_no_register_is_a_doubt_and_never_a_guess test_attack_12_a_dead_mail_server_shows_nothing",
    "S-063": "test_the_case_secret_finds_the_case_in_another_browser test_attack_01_a_stranger_with_the_address_sees_nothing",
    "S-088": "test_the_session_id_is_new_at_sign_in",
    "S-089": "test_without_use_a_proof_lapses_and_another_message_leads_back test_the_pages_after_a_proof_warn_before_they_lapse",
    "S-090": "test_it_locks_after_fifteen_minutes_without_use test_it_ends_after_twelve_hours_however_busy test_half_an_hour_without_use_ends_a_session test_twelve_hours_end_a_session_however_much_it_is_used",
    "S-091": "test_a_new_key_ends_every_session_and_forgets_every_browser",
    "S-092": "test_every_form_of_the_cast_needs_its_token",
    "S-093": "test_every_answer_carries_the_policy",
    "S-094": "test_every_answer_carries_the_policy test_after_signing_out_the_account_is_closed_and_the_browser_told_to_forget",
    "S-095": "test_the_whole_road_without_script",
    "S-097": "test_an_event_outside_the_vocabulary_is_refused test_attack_01_no_step_can_be_skipped test_of_ten_refusals_each_is_logged_and_the_first_and_the_tenth_are_sealed",
    "S-098": "test_nothing_personal_gets_in",
    "S-100": "test_whatever_is_changed_is_found test_attack_33_entries_are_append_only_for_every_client test_the_head_is_signed_sent_out_and_published_hourly",
    "S-102": "test_attack_01_no_step_can_be_skipped TestAnyWalk",
    "S-103": "test_every_real_entity_is_accepted_as_a_ruc test_one_other_digit_is_no_cedula test_attack_28_every_kind_of_real_employer_passes_the_gate",
    "S-104": "test_noise_changes_nothing test_unicode_numbers_and_noise_are_understood",
    "S-107": "test_every_field_of_the_first_pages_says_what_it_needs test_a_header_takes_no_line_from_anybody",
    "S-111": "test_a_key_can_be_pasted_and_shown test_the_link_of_the_mail_is_enough_in_the_same_browser",
    "S-113": "test_what_was_typed_is_there_again_when_one_goes_back test_who_no_longer_has_the_mail_goes_over_with_the_same_case",
    "S-114": "test_after_an_error_the_focus_is_in_the_summary_and_leads_to_the_field",
    "S-115": "test_every_state_of_the_online_road_is_accessible",
    "S-116": "test_one_corrected_retry_is_free_and_only_one",
    "S-117": "test_every_state_of_the_online_road_is_accessible test_every_state_of_the_visit_is_accessible",
    "S-118": "test_the_keyboard_is_enough_and_the_focus_shows test_targets_are_large_enough_to_touch",
    "S-120": "test_the_acta_says_what_was_done_by_whom_and_where_it_is_recorded test_a_pdf_is_tagged_has_a_language_a_title_and_says_that_it_is_pdf_ua test_plain_pages_speak_one_language test_the_road_speaks_one_language test_the_mail_is_accessible",
    "S-121": "test_every_state_of_the_online_road_is_accessible test_every_state_of_the_visit_is_accessible",
    "S-123": "test_no_sentence_blames_or_bores",
    "S-134": "test_what_is_sealed_reads_as_it_was_and_stands_as_ciphertext test_nothing_personal_stands_in_the_tables_in_clear test_the_web_process_opens_no_connection_of_its_own",
    "S-025": "test_unconfirmed_it_never_counts_and_its_link_ends test_what_is_typed_replaces_nothing_and_receives_no_code test_the_confirming_link_is_pure_on_get_and_counts_once",
    "S-026": "test_the_continuation_code_opens_once_a_visit_and_expires test_page_pdf_and_qr_carry_the_same_code",
    "S-027": "test_a_binding_code_lives_ten_minutes_and_five_tries test_a_binding_code_is_used_up_once test_the_slip_of_the_code_is_shown_once_with_its_pdf_inside",
    "S-066": "test_the_database_refuses_that_one_person_asks_and_decides test_whoever_was_not_drawn_cannot_approve test_with_one_member_of_staff_alone_no_key_is_ever_set",
    "S-067": "test_no_search_by_number_or_name_exists_at_the_desk test_attack_23_the_desk_cannot_be_talked_into_it",
    "S-068": "test_a_closed_visit_is_never_changed_again test_the_acta_says_what_was_done_by_whom_and_where_it_is_recorded test_a_changed_byte_of_any_entry_shows_without_the_server",
    "S-069": "test_nothing_can_be_decided_before_everything_was_seen test_everything_must_be_seen_before_anybody_decides",
    "S-071": "test_the_page_after_a_discreet_flag_is_the_page_before test_a_flagged_case_goes_on_only_when_another_supervisor_looked_into_it",
    "S-074": "test_nobody_acts_on_an_employer_of_their_own",
    "S-075": "test_a_replaced_address_gets_nothing_and_the_new_one_waits_72_hours",
    "attack 07": "test_two_hundred_guesses_in_parallel_flows_stay_within_the_budget",
    "attack 08": "test_two_hundred_guesses_in_parallel_flows_stay_within_the_budget test_a_bucket_never_gives_more_than_it_holds",
    "attack 11": "test_two_keys_set_at_once_are_one_key",
    "attack 20": "test_a_record_outside_a_transaction_is_refused test_a_deed_that_rolls_back_leaves_no_entry_and_no_gap",
}  # fmt: skip
FURTHER = tomllib.loads((ROOT / "scripts" / "data" / "standards.toml").read_text(encoding="utf-8"))
SAYS = WANTED | {
    name: row["says"] for name, row in FURTHER.items() if "says" in row and name not in WANTED
}
Test = tuple[str, str]  # name, file


def tests() -> Iterator[tuple[str, str, str]]:
    """Every test of the tree: name, file, docstring."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        file = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node.name, file, ast.get_docstring(node) or ""
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("Test"):
                yield ast.unparse(node.targets[0]), file, ""


def found() -> tuple[dict[str, set[Test]], dict[str, set[Test]]]:
    """The tests of each standard, and of each row of the attack table."""
    standards: dict[str, set[Test]] = defaultdict(set)
    attacks: dict[str, set[Test]] = defaultdict(set)
    places: dict[str, str] = {}
    for name, file, says in tests():
        places[name] = file
        for cited in re.findall(r"S-\d{3}", says):
            standards[cited].add((name, file))
        for number in re.findall(r"attack_(\d\d)|and_(\d\d)_", name):
            attacks["".join(number)].add((name, file))
        for cited in re.findall(r"ATTACKS ([\d, ]+)", says):
            for number in re.findall(r"\d+", cited):
                attacks[f"{int(number):02}"].add((name, file))
    further = [(name, row["tests"]) for name, row in FURTHER.items() if "tests" in row]
    for standard, names in [*ALSO.items(), *further]:
        for name in names.split():
            if name not in places:
                raise SystemExit(f"{standard}: there is no test {name}")
            kind, _, number = standard.partition(" ")
            (attacks[number] if number else standards[kind]).add((name, places[name]))
    return standards, attacks


def sentence(test: Test) -> str:
    name, file = test
    said = re.sub(r"^test_(attack_\d\d_)?(and_\d\d_)?", "", name).replace("_", " ")
    return f"[{said}](../{file})"


def listed(held: set[Test]) -> str:
    return " · ".join(sentence(test) for test in sorted(held))


def lacks(name: str, held: set[Test]) -> str:
    """What of a standard is not done, and why. A row that lacked everything until a test came lacks nothing now."""
    row = FURTHER.get(name, {})
    return f"*not done: {row['lacks']}*" if "lacks" in row and (row.get("part") or not held) else ""


def answers(name: str, held: set[Test]) -> str:
    """Tests, judges, and what is not done."""
    judges = FURTHER.get(name, {}).get("judges")
    asked = f"judged by {judges} ([security.md](security.md#outside-judges))" if judges else ""
    return " · ".join(part for part in (listed(held), asked, lacks(name, held)) if part)


def text() -> str:
    standards, attacks = found()
    lacking = [name for name in SAYS if not answers(name, standards[name])]
    if lacking:
        raise SystemExit(f"no test holds {', '.join(lacking)}")
    further = {name: held for name, held in sorted(standards.items()) if name not in SAYS}
    rows = ((name, SAYS[name], answers(name, standards[name])) for name in sorted(SAYS))
    return "\n\n".join([
        "# Standards and attacks, each with its tests",
        "The ids are the project's own: S-… are requirements taken from NIST SP 800-63-4, OWASP ASVS 5.0, WCAG 2.2, the GOV.UK patterns and\n"
        "Ecuador's data-protection law; the numbers of attacks are rows of a table of advisories and incidents of systems that do this\n"
        "job. What they add up to, and where we deviate: [security.md](security.md).",
        "## What this version claims",
        "Where something is not done, the row says so and why. Judges are programs of others, run by hand before a release (`make check-security`).",
        table(("id", "what it asks, in short", "tests, judges, and what is not done"), rows),
        "## Attacks",
        table(("row", "tests"), ((int(number), listed(held)) for number, held in sorted(attacks.items()))),
        *(["## Held already, claimed later", table(("id", "tests"), ((name, listed(held)) for name, held in further.items()))] if further else []),
    ]) + "\n"  # fmt: skip


if __name__ == "__main__":
    sys.exit(keep("standards.md", Path(__file__).name, text()))

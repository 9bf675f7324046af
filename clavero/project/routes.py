"""The table of routes: every address of the portal, who may use it, and whether it changes anything.

`tests/house/test_routes.py` walks all of them as everybody there is and compares; docs/routes.md is written from here.
An address that is not in this table fails that test: declare it with the page. Under /en/ the same holds.
"""

from dataclasses import dataclass

from clavero.core import staff

EVERYONE, CASE, EMPLOYER, DEMO = "everyone", "case", "employer", "demo"
"""CASE: the browser that holds the case of the address, and no other. DEMO: everybody, where CLAVERO_DEMO=1 alone."""

READS, ASKS, POSTS = "reads", "asks", "posts"
"""READS takes no POST. ASKS shows a form, whose POST may change something. POSTS takes a POST alone.
A GET changes nothing anywhere, beyond the traces of having been there (session, duty, record, budgets)."""


@dataclass(frozen=True)
class Route:
    """An address by its name. `who` is one of the four above or an act of the desk (`core.staff.ACTS`)."""

    name: str
    who: str
    kind: str

    @property
    def roles(self) -> frozenset[str]:
        """The roles of staff that may, for a page of the desk; else none."""
        return staff.ACTS[self.who].roles if self.who in staff.ACTS else frozenset()


def _all(who: str, **by_kind: str) -> list[Route]:
    return [Route(name, who, kind) for kind, names in by_kind.items() for name in names.split()]


_PUBLIC = _all(
    EVERYONE,
    reads="""home menu menu_employers timeline help privacy accessibility security complaints start
        security_txt well_known_change_password mail_link contact_link not_me_link stop_link visits simulation centre
        guide_questions guide_answer guide_list guide_list_pdf guide_list_ics guide_deadline guide_table guide_faq
        guide_report guide_reminder guide_data health precheck_list precheck_list_report precheck_list_link desk_mark desk_board kiosk""",
    asks="""who number check link confirm_contact case pick_up not_me stop account_login account_passkey account_second account_logout
        is_it_us guide guide_ready guide_arrived guide_list_mail precheck precheck_one kiosk_number desk_sign_in desk_enrol desk_sign_out desk_lock desk_locked""",
    posts="precheck_list_file precheck_list_forget kiosk_clear",
)
_IN_A_CASE = _all(
    CASE,
    reads="""case_open case_expired case_correct case_visit case_paper case_paper_pdf case_sheet case_sheet_pdf
        case_status case_booking_ics""",
    asks="""case_code case_question case_contact case_key case_test case_done case_situation case_contact_data
        case_who_goes case_sheet_mail case_ready case_ready_photo case_prove_contact case_slots case_confirm
        case_booking_code case_booking case_waiting case_pause case_factor case_finish case_sri""",
    posts="case_resend case_booking_change",
)
_ACCOUNT = _all(
    EMPLOYER,
    reads="account_history account_data",
    asks="""account account_change_key account_passkeys account_passkey_gone account_own_second account_second_codes
        account_second_gone account_data_ask account_data_file""",
    posts="account_sessions",
)
_DESK = [
    *_all("desk.home", reads="desk_home"),
    *_all("own.keys", asks="desk_passkeys desk_passkey_lost"),
    *_all("duty.change", asks="desk_duty_begin desk_duty_end"),
    *_all("agenda.read", reads="desk_paper_form desk_paper_form_pdf desk_day_sheet desk_day_sheet_pdf"),
    *_all(
        "queue.run", reads="desk_ticket_paper desk_ticket_pdf", posts="desk_call_next desk_give_ticket desk_ticket"
    ),
    *_all("count.read", reads="desk_count desk_load"),
    *_all("case.read", reads="desk_slip desk_slip_pdf desk_acta desk_acta_pdf desk_show_ready"),
    *_all("case.open", posts="desk_open"),
    *_all(
        "case.check",
        asks="desk_visit desk_correct desk_sri",
        posts="desk_drop desk_decide desk_observe desk_leave desk_finish desk_reopen desk_photo",
    ),
    *_all("centre.shut", asks="desk_shut"),
    *_all("centre.change", asks="desk_training", posts="desk_training_end"),
    *_all("case.open", asks="desk_practise"),
    *_all("case.hand", posts="desk_hand"),
    *_all("case.flag", posts="desk_flag"),
    *_all("case.decide", reads="desk_show_photo desk_approvals", asks="desk_approval"),
    *_all("case.release", asks="desk_counter_case"),
    *_all("case.unfreeze", asks="desk_unfreeze"),
    *_all("case.unhold", asks="desk_held"),
    *_all("paper.type", asks="desk_type_paper"),
    *_all("staff.read", reads="desk_staff desk_one"),
    *_all("staff.admit", asks="desk_admit"),
    *_all("staff.change", asks="desk_move desk_prolong desk_reissue desk_end"),
    *_all("staff.approve", reads="desk_enrolments", asks="desk_hand_code desk_drop_code"),
    *_all("post.send", reads="desk_letters_file", asks="desk_letters"),
    *_all("rights.note", asks="desk_right_note"),
    *_all("rights.answer", reads="desk_rights", asks="desk_right", posts="desk_right_copy"),
    *_all("limits.lift", reads="desk_limits_network", asks="desk_limits desk_limits_employer", posts="desk_limits_lift"),
    *_all("audit.read", reads="desk_evidence desk_evidence_file"),
    *_all("watch.read", reads="desk_watch"),
    *_all("watch.answer", asks="desk_question"),
    *_all("limits.lift", reads="desk_metrics"),
    *_all("case.look", reads="desk_looks", asks="desk_look"),
]  # fmt: skip
_SHOWN = _all(
    DEMO,
    reads="demo demo_cast demo_staff demo_mail demo_one_mail demo_mail_json demo_texts demo_texts_json",
    posts="demo_clock demo_sri",
)

ROUTES: dict[str, Route] = {
    route.name: route for route in (*_PUBLIC, *_IN_A_CASE, *_ACCOUNT, *_DESK, *_SHOWN)
}
"""By name."""

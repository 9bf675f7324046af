"""The events that may be recorded: a fixed vocabulary (S-097). Moves of a case are `case_` and the move's name."""

from clavero.core import journey

EVENTS = frozenset(
    [f"case_{name}" for name in journey.MOVES]
    + """
    proof_failed question_answered key_set key_unlocked key_blocked key_revoked key_reissue_forced key_changed
    signin signin_failed signin_after_failures signout session_ended saved_code_made saved_code_used
    second_step_on second_step_codes second_step_off factor_code_used
    contact_given contact_proposed contact_confirmed contact_marked contact_tampered contact_settled
    catastro_import ruc_asked ruc_answered reopen_refused employers_import import_refused key_state_set
    throttled block_lifted human_check_failed sequence_fail sensitive_read
    audit_published operator_created operator_act backup_made retention_run keys_rotated
    notice_failed visit_code_used announcement_made announcement_ended
    staff_signin staff_signin_failed staff_signout staff_locked staff_unlocked staff_barred
    staff_created staff_moved staff_ended staff_qualified enrolment_asked enrolment_approved enrolment_dropped
    enrolment_used enrolment_failed passkey_added passkey_lost duty_started duty_ended assertion_made
    training_begun training_ended practice_opened
    contact_code_sent desk_marked desk_closed desk_refused approval_drawn second_look_drawn second_look_done question_answered contact_asked photo_kept
    key_frozen key_thawed binding_typed binding_wrong pickup_wrong secret_picked_up case_held case_released case_tampered
    sheet_asked trial_sent list_mailed papers_ticked paper_sent paper_dropped contact_replaced representative_added representative_ended employer_registered
    data_asked data_answered data_refused data_exported data_erased data_reminded employer_renamed
    letters_exported breach_opened breach_risk breach_told breach_notified breach_reminded breach_closed breach_drilled
    centres_import closure_made closure_ended slot_held slot_offered booking_code_sent booking_reminded waiting_joined
    """.split()
)

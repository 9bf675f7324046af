"""Writes docs/triage.md from core/triage.py and core/evidence.py: the rules, who may know what, what is proof."""

import sys
from collections.abc import Mapping

from generated import ROOT, code, keep, table

sys.path.insert(0, str(ROOT))
from clavero.core import evidence, triage

CLASSES = {
    triage.PUBLIC: "anybody: it comes from what the person declares or from the public state of the RUC",
    triage.AFTER_PROOF: "who proved a contact on record, and the contact itself by message; a stranger never",
    triage.STAFF: "members of staff",
}


def rules() -> str:
    rows = (
        (
            f"`{r.id}`",
            f"`{r.raises}`",
            f"`{r.route}`",
            f"`{r.cls}`",
            r.version,
            r.valid_from,
            r.source,
        )
        for r in triage.RULES
    )
    return table(("rule", "reason", "demands", "who may know", "version", "since", "source"), rows)


def facts(wanted: Mapping[str, frozenset[str]]) -> str:
    said = (f"{name}: {', '.join(sorted(values))}" for name, values in wanted.items())
    return "; ".join(said) or "–"


def policy() -> str:
    rows = (
        (f"`{r.id}`" + ("" if r.in_force else " (not in force)"), code(sorted(r.proofs)), facts(r.facts),
         code(sorted(r.bars)), r.source)
        for r in evidence.POLICY
    )  # fmt: skip
    return table(("rule", "all of these", "and these facts", "unless", "source"), rows)


def named(words: Mapping[str, str]) -> str:
    return table(("token", "what it is"), ((f"`{name}`", says) for name, says in words.items()))


def text() -> str:
    doubts = ((f"`{name}`", f"`{code_}`", because) for name, code_, because in triage._DOUBTS)
    risks = ((f"`{r.signal}`", r.because, code(sorted(r.unless)), r.source) for r in evidence.RISKS)
    classes = ((f"`{name}`", says) for name, says in CLASSES.items())
    return "\n\n".join([
        "# Triage and evidence",
        f"The rules of version `{triage.RULES_VERSION}` stand in `clavero/core/triage.py`: pure, tested over every combination of facts\n"
        "(`tests/unit/test_core_rules.py`). All that apply are reported, so that one visit is enough; the route is the most\n"
        "demanding. A fact that is not known is a doubt, never a guess.",
        "## Rules", rules(),
        "Where no rule applies and nothing is in doubt the route is `online`; with a doubt it is `unknown`, and the page gives both\n"
        f"ways. {code(sorted(triage.SLIPS))} may be a slip of the finger: one corrected try is free.",
        "## Who may know a reason", table(("class", "who"), classes),
        "Before proof a verdict is made from declared situations and the public state of the RUC alone (`triage.before_proof`), so that\n"
        "an employer who does not exist gets the same page. A reason without a class is never shown.",
        "## Doubts", table(("not known", "might be", "because"), doubts),
        "## Evidence: what is enough for what",
        f"Version `{evidence.VERSION}` of the table in `clavero/core/evidence.py`. A purpose is granted by the first rule whose proofs are all\n"
        "there, whose facts hold and whose bars are absent; the grant's rule is stored with the case and in the key's history. This\n"
        "is every way in (S-009): there is no other.",
        policy(),
        "### Proofs", named(evidence.PROOFS),
        "### What never proves anything", named(evidence.NEVER),
        "### Signals of risk",
        "When a takeover may be under way. One of them, and the online road asks for a second proof (the saved code, a passkey) or waits\n"
        f"`risk_wait_hours`, contacts told and able to cancel, the current key working ({code(sorted(evidence.ANSWERS))} answer it).",
        table(("signal", "because", "unless", "source"), risks),
    ]) + "\n"  # fmt: skip


if __name__ == "__main__":
    sys.exit(keep("triage.md", "triage_docs.py", text()))

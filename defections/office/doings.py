"""The events of an application in words that its applicant can read: what was done, and by which role."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from defections.catalogue import BY_KEY
from ledger.models import Event

_APPLICANT = gettext_lazy("you")
_CLOCK = gettext_lazy("the site, by its clock")
_OFFICE = gettext_lazy("somebody acting for the general secretary")
_RESEARCH = gettext_lazy("a volunteer of the research")
_KEEPER = gettext_lazy("somebody who looks after the party’s data")
_PARTY = gettext_lazy("somebody acting for the party")
_LOOKED_FOR = {"post": _OFFICE, "review": gettext_lazy("somebody who reviews conduct")}

# What was done; by whom where somebody of the party did it; by whom where nobody is named.
_TOLD: dict[str, tuple[Any, Any, Any]] = {
    "application.started": (gettext_lazy("The form was begun"), _OFFICE, _APPLICANT),
    "application.section_saved": (gettext_lazy("A part of the form was saved"), _OFFICE, _APPLICANT),
    "application.evidence_added": (gettext_lazy("A file was added"), _OFFICE, _APPLICANT),
    "application.evidence_removed": (gettext_lazy("A file was removed"), _OFFICE, _APPLICANT),
    "application.sent": (gettext_lazy("The form was sent"), _OFFICE, _APPLICANT),
    "application.viewed": (gettext_lazy("A part of what you gave was looked at"), _RESEARCH, _PARTY),
    "application.claimed": (gettext_lazy("The research took it on"), _RESEARCH, _CLOCK),
    "application.let_go": (gettext_lazy("It was let go, for another volunteer"), _RESEARCH, _CLOCK),
    "application.conflict_declared": (
        gettext_lazy("A volunteer said that they could not be impartial"),
        _RESEARCH,
        _CLOCK,
    ),
    "application.checked": (gettext_lazy("An item was checked"), _RESEARCH, _CLOCK),
    "application.corrected": (gettext_lazy("What you gave was corrected"), _RESEARCH, _CLOCK),
    "application.correction_taken_back": (gettext_lazy("A correction was taken back"), _RESEARCH, _CLOCK),
    "application.contact_logged": (gettext_lazy("A contact was noted"), _RESEARCH, _CLOCK),
    "application.asked": (gettext_lazy("You were asked a question"), _RESEARCH, _CLOCK),
    "application.answered": (gettext_lazy("A question was answered"), _RESEARCH, _APPLICANT),
    "application.question_taken_back": (gettext_lazy("A question was taken back"), _RESEARCH, _CLOCK),
    "application.verified": (gettext_lazy("The research came to its outcome"), _RESEARCH, _CLOCK),
    "application.routed": (gettext_lazy("An assembly was chosen"), _PARTY, _CLOCK),
    "application.account_found": (
        gettext_lazy("An account with your address was found, and kept from what members say about this"),
        _PARTY,
        _CLOCK,
    ),
    "application.moved_on": (gettext_lazy("It moved to another assembly"), _PARTY, _CLOCK),
    "application.barred": (gettext_lazy("You were barred from a meeting"), _PARTY, _CLOCK),
    "application.bar_answered": (gettext_lazy("You said something about a bar"), _PARTY, _APPLICANT),
    "application.withdrawn": (gettext_lazy("It was withdrawn"), _OFFICE, _APPLICANT),
    "application.closed": (gettext_lazy("It was closed"), _PARTY, _CLOCK),
    "application.email_change_asked": (gettext_lazy("A new email address was entered"), _OFFICE, _APPLICANT),
    "application.email_change_called": (
        gettext_lazy("You were called about your new email address"),
        _RESEARCH,
        _CLOCK,
    ),
    "application.email_change_stopped": (
        gettext_lazy("The change of your email address was stopped"),
        _PARTY,
        _APPLICANT,
    ),
    "application.email_change_ended": (
        gettext_lazy("The change of your email address was not confirmed in time"),
        _PARTY,
        _CLOCK,
    ),
    "application.email_changed": (gettext_lazy("Your email address was changed"), _PARTY, _APPLICANT),
    "application.letter_printed": (
        gettext_lazy("A letter with a question to you was printed"),
        _OFFICE,
        _CLOCK,
    ),
    "application.letter_posted": (gettext_lazy("A letter to you was posted"), _OFFICE, _CLOCK),
    "application.warned": (
        gettext_lazy("You were warned that the draft was about to be erased"),
        _PARTY,
        _CLOCK,
    ),
    "application.held": (gettext_lazy("A legal hold was placed"), _KEEPER, _CLOCK),
    "application.hold_lifted": (gettext_lazy("The legal hold was lifted"), _KEEPER, _CLOCK),
    "application.requested": (gettext_lazy("Your request about your data was noted"), _KEEPER, _APPLICANT),
    "application.data_given": (gettext_lazy("A copy of your data was made"), _RESEARCH, _APPLICANT),
    "application.erased": (gettext_lazy("Personal data was erased"), _KEEPER, _CLOCK),
    "application.copy_erased": (
        gettext_lazy("The assembly’s version and the letter were erased"),
        _KEEPER,
        _CLOCK,
    ),
}


@dataclass(frozen=True)
class Doing:
    """What was done, and by whom, as words."""

    what: str
    who: str


def told(event: Event, *, is_applicant: bool) -> Doing:
    """An event of an application in words; `is_applicant` says that the applicant's own account did it."""
    fallback = (event.verb.rpartition(".")[2].replace("_", " "), _PARTY, _CLOCK)
    what, by_somebody, by_nobody = _TOLD.get(event.verb, fallback)
    by_somebody = _LOOKED_FOR.get(event.data.get("for", ""), by_somebody)
    who = _APPLICANT if is_applicant else by_nobody if event.by is None else by_somebody
    part = _part(event)
    return Doing(_("%(what)s: %(part)s") % {"what": what, "part": part} if part else str(what), str(who))


def _part(event: Event) -> str:
    """Which part of the application it was about, where it says so."""
    named = str(event.data.get("part") or event.data.get("section") or event.data.get("item") or "")
    if named == "referral":
        return _("what was said about a bar")
    section = BY_KEY.get(named.partition(".")[0])
    if section is not None:
        return str(section.label)
    return named.partition(":")[0]

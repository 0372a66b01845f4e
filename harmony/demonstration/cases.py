"""The invented applications, one at each stage from the draft to the letter, all made through the real doors.

Ivy and Theo are cleared for research: Ivy makes the copies, Theo reads them as the second. Priya acts for Leeds, Gail
for Bristol, which has no secretary, and for forms that come by post, and Samir for the society with the elections duty.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from decisions import calls, deliberation, gatherings, questions, registration, talk
from decisions.models import Decision, Gathering, Ground
from defections import copies, holds, hustings, intake, letters, paper, withdrawal
from defections.copies import REMOVE, Choice, mark_id
from defections.desk import checklist, claims, contacts, outcome, queries
from defections.desk.checklist import Finding
from defections.models import Application, Check, Contact, FormRelease, HustingsInvitation
from harmony.demonstration import applicants, scan
from harmony.demonstration.applicants import Applicant
from harmony.demonstration.decisions import AGREE, Party

GENUINE, NOT_GENUINE = Application.Verification.GENUINE, Application.Verification.NOT_GENUINE
_NOTES = {
    "name": "The name on the body’s own list of members.",
    "office": "The body’s register of members, and the returning officer’s declaration of the result.",
    "party": "Named by the party’s own site, and in the minutes of the last sitting.",
    "links": "On the register of electors; two neighbours confirmed it.",
    "employment": "The employer answered on its published number.",
    "public_accounts": "Read back over the last year.",
}
_NOTE = "Seen on a document during the video call."


@dataclass(frozen=True)
class Stages:
    """Takes applications through their stages by the party's people, on days counted from today."""

    party: Party
    release: FormRelease

    def begin(self, who: Applicant, day: int) -> Application:
        """A draft with everything but the last agreements, saved that evening."""
        at = self.party.on(day, 19)
        made = intake.start(who.email, at=at, release=self.release)
        for number, (section, given) in enumerate(list(who.answers().items())[:9]):
            intake.save_section(made, section, given, at=at + timedelta(minutes=3 * number))
        return made

    def send(self, who: Applicant, day: int) -> Application:
        """Filled in and sent that evening, or entered by Gail who had it by post."""
        if who.by_post:
            return self.enter(who, day)
        at = self.party.on(day, 19)
        made = intake.start(who.email, at=at, release=self.release)
        for section, given in who.answers().items():
            intake.save_section(made, section, given, at=at)
        intake.send(made, at=at + timedelta(minutes=40))
        return _fresh(made)

    def enter(self, who: Applicant, day: int) -> Application:
        """Came by post that morning; Gail enters it after lunch, with the scan, and hands it over."""
        gail, at = self.party.who("Gail"), self.party.on(day, 14)
        made = paper.begin(
            by=gail,
            at=at,
            origin=Application.Origin.POST,
            arrived_on=self.party.day(day),
            kept_where="The locked cabinet in York, folder 3 (invented)",
        )
        made.clerk = gail
        for section, given in who.answers().items():
            intake.save_section(made, section, given, at=at)
        paper.add_scan(made, "form.jpg", scan.of(who), at=at + timedelta(minutes=20))
        paper.hand_over(made, by=gail, at=at + timedelta(minutes=30))
        return _fresh(made)

    def claim(self, application: Application, day: int, by: str = "Ivy") -> None:
        """Somebody of the research takes it on that morning."""
        claims.claim(application, by=self.party.who(by), at=self.party.on(day, 9))

    def check(self, application: Application, day: int, by: str = "Ivy", *, most: int | None = None) -> None:
        """Whoever has it checks the lines (the first `most`) before noon, and rings the applicant after."""
        person = self.party.who(by)
        lines = checklist.unchecked(application)[:most]
        findings = {
            line.key: Finding(Check.Finding.CONFIRMED, _NOTES.get(line.section.key, _NOTE)) for line in lines
        }
        checklist.check(application, findings, by=person, at=self.party.on(day, 11))
        contacts.log(
            application,
            by=person,
            at=self.party.on(day, 13),
            way=Contact.Way.PHONE,
            is_direct=True,
            was_reached=True,
            contacted_at=self.party.on(day, 12, 30),
            note="Spoke for a quarter of an hour. Asked about the last vote in the chamber; the answer fits the "
            "minutes.",
        )

    def verify(self, who: Applicant, sent: int, verified: int) -> Application:
        """Sent, checked and found genuine by Ivy; the copy is in the making."""
        made = self.send(who, sent)
        self.claim(made, verified - 1)
        self.check(made, verified)
        outcome.verify(
            made,
            by=self.party.who("Ivy"),
            at=self.party.on(verified, 15),
            outcome=GENUINE,
            summary="Holds the office, is who they say they are, and was reached by phone. Nothing is in doubt.",
        )
        return _fresh(made)

    def prepare(self, who: Applicant, sent: int, verified: int) -> Application:
        """As `verify`; Ivy takes out all that the software suggests, and hands the copy over that afternoon."""
        made = self.verify(who, sent, verified)
        ivy, at = self.party.who("Ivy"), self.party.on(verified, 16)
        marks = made.copy.review["marks"]
        choices = {mark_id(key, mark): Choice(REMOVE) for key, found in marks.items() for mark in found}
        copies.decide(made, choices, by=ivy, at=at)
        copies.prepare(made, by=ivy, at=at + timedelta(minutes=10))
        return _fresh(made)

    def route(self, who: Applicant, sent: int, released: int) -> Application:
        """As `prepare`, the day before; Theo releases it, and it goes to its assembly."""
        made = self.prepare(who, sent, released - 1)
        copies.release(made, by=self.party.who("Theo"), at=self.party.on(released, 10))
        return _fresh(made)

    def invite(self, application: Application, chair: str, called: int, on: int) -> Gathering:
        """A hustings at seven in the evening of day `on`, to which the applicant has said yes, if they have email."""
        decision = _decision_of(application)
        hall = (
            "Friends Meeting House\n188 Woodhouse Lane"
            if "leeds" in decision.assembly.slug
            else "The Old Library"
        )
        gathering = gatherings.call_gathering(
            decision.assembly,
            by=self.party.who(chair),
            at=self.party.on(called, 11),
            decision=decision,
            kind=Gathering.Kind.HUSTINGS,
            title="Meet the applicant",
            starts_at=self.party.on(on, 19),
            ends_at=self.party.on(on, 20, 30),
            address=hall,
            link="https://meet.harmony.example/hustings",
            agenda="1. Why they want to come over\n2. Questions, one each\n3. What happens next",
        )
        invitation = hustings.invitation_of(gathering)
        if invitation is not None and application.email:
            reply = HustingsInvitation.Reply.ACCEPTED
            hustings.answer(invitation, reply, at=self.party.on(called + 1, 18), accepts_code=True)
        return gathering

    def hold(self, gathering: Gathering, chair: str, came: Sequence[str], day: int) -> None:
        """They register the day before, come, and the chair says that it was held."""
        for name in came:
            registration.register(
                gathering, self.party.who(name), at=self.party.on(day - 1, 18), way="room", accepts_code=True
            )
        by = self.party.who(chair)
        people = [self.party.who(name).pk for name in came]
        registration.mark_attendance(gathering, by=by, at=self.party.on(day, 19, 10), came=people)
        gatherings.mark_held(gathering, by=by, at=self.party.on(day, 20, 30))

    def deliberate(
        self, who: Applicant, chair: str, came: Sequence[str], *, sent: int, begins: int
    ) -> Application:
        """As `route`, with a hustings on the evening before the deliberation begins at ten."""
        made = self.route(who, sent, begins - 11)
        gathering = self.invite(made, chair, begins - 10, begins - 1)
        self.hold(gathering, chair, came, begins - 1)
        deliberation.begin(_decision_of(made), by=self.party.who(chair), at=self.party.on(begins, 10))
        return _fresh(made)

    def agree(self, application: Application, option: str, chair: str, names: Sequence[str]) -> Application:
        """A call in the deliberation to which these agree; the deliberation runs to its end and settles it."""
        decision = _decision_of(application)
        began, ends = decision.deliberation_began_at, decision.deliberation_ends_at
        assert began is not None  # noqa: S101 - it is in its deliberation
        assert ends is not None  # noqa: S101
        call = calls.call_for_consensus(
            decision,
            decision.options.get(name=option),
            by=self.party.who(chair),
            at=began + timedelta(days=2),
        )
        for number, name in enumerate(names, 3):
            at = began + timedelta(days=2, hours=number)
            calls.take_position(call, self.party.who(name), AGREE, at=at)
        deliberation.end(decision, at=ends)
        return _fresh(application)


def tell(party: Party, release: FormRelease, since: datetime) -> None:
    """All of them whose story began after `since`."""
    stages = Stages(party, release)
    for first_day, story in _STORIES:
        if since <= party.on(first_day, 0):
            story(stages)


def _fresh(application: Application) -> Application:
    return Application.objects.get(pk=application.pk)


def _decision_of(application: Application) -> Decision:
    """The matter that an assembly has made of it."""
    decision = _fresh(application).decision
    assert decision is not None  # noqa: S101 - it was routed
    return decision


# --- With the research --------------------------------------------------------------------------------
def _draft(stages: Stages) -> None:
    stages.begin(applicants.DRAFT, -5)


def _sent(stages: Stages) -> None:
    stages.send(applicants.SENT, -1)


def _in_research(stages: Stages) -> None:
    """By post; half checked, by Theo, who can look at the scan."""
    made = stages.send(applicants.IN_RESEARCH, -6)
    stages.claim(made, -4, "Theo")
    stages.check(made, -3, "Theo", most=8)


def _with_question(stages: Stages) -> None:
    """All checked but for one thing that the applicant is asked."""
    made = stages.send(applicants.WITH_QUESTION, -9)
    stages.claim(made, -6)
    stages.check(made, -3)
    queries.ask(
        made,
        by=stages.party.who("Ivy"),
        at=stages.party.on(-2, 14),
        question="The council’s register of interests names a second post, with the canal trust. Is that still so, "
        "and since when?",
    )


def _verified(stages: Stages) -> None:
    """The copy is in the making, with a phone number in it that is suggested to be taken out."""
    stages.verify(applicants.VERIFIED, -12, -2)


def _for_release(stages: Stages) -> None:
    stages.prepare(applicants.FOR_RELEASE, -15, -2)


def _not_genuine(stages: Stages) -> None:
    """Sent in another's name; what was sent has to be kept for those who look into it."""
    made = stages.send(applicants.NOT_GENUINE, -40)
    stages.claim(made, -37)
    ivy = stages.party.who("Ivy")
    contacts.log(
        made,
        by=ivy,
        at=stages.party.on(-36, 12),
        way=Contact.Way.PHONE,
        is_direct=True,
        was_reached=False,
        contacted_at=stages.party.on(-36, 11),
        note="The number belongs to a garden centre. The House’s own office knows of no such member.",
    )
    summary = "No such member sits in the House, and nobody could be reached by anything given on the form."
    outcome.verify(made, by=ivy, at=stages.party.on(-35, 15), outcome=NOT_GENUINE, summary=summary)
    holds.place(
        made,
        by=stages.party.who("Robin"),
        at=stages.party.on(-34, 10),
        reason="Reported to the police as an attempt to deceive; they have asked us to keep it until the summer.",
    )


def _withdrawn(stages: Stages) -> None:
    """Taken back by the applicant while it was being checked."""
    made = stages.send(applicants.WITHDRAWN, -24)
    stages.claim(made, -22)
    stages.check(made, -21, most=4)
    withdrawal.withdraw(made, at=stages.party.on(-19, 20))


# --- With an assembly ---------------------------------------------------------------------------------
def _routed(stages: Stages) -> None:
    stages.route(applicants.ROUTED, -13, -1)


def _invited(stages: Stages) -> None:
    """A hustings to come, with questions to its chair, one of them refused."""
    party = stages.party
    made = stages.route(applicants.INVITED, -17, -6)
    gathering = stages.invite(made, "Priya", -5, 4)
    for name in ("Agnes", "Bram"):
        registration.register(gathering, party.who(name), at=party.on(-3, 18), way="room", accepts_code=True)
    asked: Mapping[str, tuple[str, str]] = {
        "through": ("Agnes", "Your group voted to close the swimming bath. How did you vote, and why?"),
        "refused": ("Bram", "Aren’t nurses too soft for this? You lot always give in."),
        "waiting": ("Bram", "Would you stand down and stand again for us, or keep the seat?"),
    }
    rows = {
        key: questions.ask(gathering, by=party.who(name), at=party.on(-2, 19), text=text)
        for key, (name, text) in asked.items()
    }
    questions.let_through(rows["through"], by=party.who("Priya"), at=party.on(-1, 9))
    questions.refuse(rows["refused"], by=party.who("Priya"), at=party.on(-1, 9, 5), ground=Ground.STEREOTYPES)


def _on_paper(stages: Stages) -> None:
    """By post and without an email address: the invitation to the hustings waits for Gail to post it."""
    made = stages.route(applicants.ON_PAPER, -14, -4)
    stages.invite(made, "Gail", -1, 10)


_BRISTOL = ("Delphine", "Idris", "Samir")
_LEEDS = ("Agnes", "Bram", "Mary")


def _deliberated(stages: Stages) -> None:
    made = stages.deliberate(applicants.DELIBERATED, "Gail", _BRISTOL[:2], sent=-24, begins=-3)
    decision, party = _decision_of(made), stages.party
    first = talk.say(
        decision,
        by=party.who("Delphine"),
        at=party.on(-2, 20),
        text="The answer on the harbour vote convinced me: the minutes say the same.",
    )
    talk.say(
        decision,
        by=party.who("Idris"),
        at=party.on(-1, 8),
        text="Me too. What I miss is a word on selection.",
        answers=first,
    )


def _voted_on(stages: Stages) -> None:
    """Its deliberation found no consensus; the ballot is open, and Mary, Priya and others have a vote in it."""
    made = stages.deliberate(applicants.VOTED_ON, "Priya", _LEEDS[:2], sent=-34, begins=-9)
    decision = _decision_of(made)
    ends = decision.deliberation_ends_at
    assert ends is not None  # noqa: S101 - it is in its deliberation
    deliberation.end(decision, at=ends)
    deliberation.open_ballot(decision, at=ends)


def _decided(stages: Stages) -> None:
    """Accepted by consensus yesterday; the letter waits for Priya."""
    made = stages.deliberate(applicants.DECIDED, "Priya", _LEEDS[:2], sent=-36, begins=-8)
    stages.agree(made, "Accept", "Priya", _LEEDS)


def _accepted(stages: Stages) -> None:
    made = stages.deliberate(applicants.ACCEPTED, "Priya", _LEEDS, sent=-62, begins=-46)
    made = stages.agree(made, "Accept", "Priya", _LEEDS)
    letters.send(made, by=stages.party.who("Priya"), at=stages.party.on(-38, 12))


def _declined(stages: Stages) -> None:
    """No assembly on the island or in Wales decides yet, so that the elections duty does."""
    people = ("Samir", "Priya", "Mary")
    made = stages.deliberate(applicants.DECLINED, "Samir", people, sent=-70, begins=-50)
    made = stages.agree(made, "Decline", "Samir", people)
    letters.send(made, by=stages.party.who("Samir"), at=stages.party.on(-42, 12))


# Each with the day on which it began.
_STORIES: tuple[tuple[int, Callable[[Stages], None]], ...] = (
    (-70, _declined),
    (-62, _accepted),
    (-40, _not_genuine),
    (-36, _decided),
    (-34, _voted_on),
    (-24, _deliberated),
    (-24, _withdrawn),
    (-17, _invited),
    (-15, _for_release),
    (-14, _on_paper),
    (-13, _routed),
    (-12, _verified),
    (-9, _with_question),
    (-6, _in_research),
    (-5, _draft),
    (-1, _sent),
)

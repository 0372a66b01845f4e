"""What can go wrong with a ballot, each with a sentence that a user can read."""

from django.utils.translation import gettext_lazy as _


class BallotError(Exception):
    """The wrong moment or a wrong request; `str()` of it is for the user."""


class NotYetOpen(BallotError):
    """A vote came before the ballot opened."""

    def __init__(self) -> None:
        super().__init__(_("This ballot has not opened yet. Nothing was recorded."))


class NotYetCounted(BallotError):
    """The result was asked for before the count."""

    def __init__(self) -> None:
        super().__init__(_("This ballot has not been counted yet."))


class TooLate(BallotError):
    """A vote came at or after the close."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This ballot has closed. These scores came too late and were not recorded. "
                "If you voted before the close, that vote stands."
            )
        )


class VotedElsewhere(BallotError):
    """The vote on record changed after this page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You have voted from another page since you opened this one. That vote stands; "
                "nothing was changed. To change it, start again from the ballot’s page."
            )
        )


class NotOnTheRoll(BallotError):
    """The person may not vote in this ballot."""

    def __init__(self) -> None:
        super().__init__(_("You are not on the roll of this ballot, so you cannot vote in it."))


class Suspended(BallotError):
    """The person is on the roll but suspended at present (P3)."""

    def __init__(self) -> None:
        super().__init__(
            _("Your membership is suspended at present, so you cannot vote. Nothing was recorded.")
        )


class NotAMember(BallotError):
    """The person is on the roll, but their membership has lapsed or ended since (A3)."""

    def __init__(self) -> None:
        super().__init__(
            _("Your membership has lapsed or ended, and only members vote. Nothing was recorded.")
        )


class BadScores(BallotError):
    """The scores sent are not one whole number from 0 to 5 for each option."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "These scores cannot be counted: give each option a whole number from 0 to 5. Nothing was recorded."
            )
        )


class BadSubmission(BallotError):
    """The form was not made by this site for this voter and ballot, or it was altered."""

    def __init__(self) -> None:
        super().__init__(_("This form is damaged or was made for another ballot. Nothing was recorded."))


class NotLoggedIn(BallotError):
    """Scores were sent by nobody known: the log-in had ended meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("You are not logged in any more. Nothing was recorded."))


class LoginTooOld(BallotError):
    """The person logged in too long ago to vote without doing so again."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You logged in more than an hour ago. So that nobody else can vote at your screen, "
                "log in again. Nothing was recorded."
            )
        )


class WrongLink(BallotError):
    """The emailed link is damaged, or was sent to another voter."""

    def __init__(self) -> None:
        super().__init__(
            _("This link was sent to another voter or for another ballot, or a part of it is missing.")
        )


class NotReady(BallotError):
    """A step cannot be taken yet; `issues` says why, sentence by sentence."""

    def __init__(self, issues: list[str]) -> None:
        self.issues = issues
        super().__init__(" ".join(str(issue) for issue in issues))


class EnvelopeError(Exception):
    """A sealed vote does not open; the count stops and says which roll entry, never what is inside."""

"""What can go wrong with a decision, each with a sentence that a user can read."""

from django.utils.translation import gettext as _


class DecisionError(Exception):
    """The wrong moment, or a wrong request; `str()` of it is for the user."""


class WrongMoment(DecisionError):
    """It could be done, but not as the matter stands now; the sentence says what has to come first."""


class NotEntitled(DecisionError):
    """The person may not take this step; the sentence says who may."""


class NotTakingPart(NotEntitled):
    """Only those who take part in the assembly talk and answer there."""

    def __init__(self) -> None:
        super().__init__(_("You do not take part in this assembly. Join it first; anyone may."))


class ReasonMissing(DecisionError):
    """An objection, a refusal or a removal came without its reason."""


class BadProposal(DecisionError):
    """What was proposed is not complete; the sentence says what is missing."""


class PrinciplesNotAccepted(BadProposal):
    """Nobody stands for an office without accepting the Ethical Kernel and the Four Principles."""

    def __init__(self) -> None:
        super().__init__(_("Accept the Ethical Kernel and the Four Principles to stand."))


class Barred(NotEntitled):
    """Somebody barred from a gathering takes no further part in it (D30)."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You have been barred from this gathering and cannot take further part in it, in the room or online."
            )
        )


class NotRegistered(NotEntitled):
    """Only those who have registered take part in a gathering."""

    def __init__(self) -> None:
        super().__init__(_("Register for this gathering first: it takes one step."))


class CodeNotAccepted(DecisionError):
    """Nobody registers without accepting the code of conduct (D27)."""

    def __init__(self) -> None:
        super().__init__(_("Accept the code of conduct to register."))

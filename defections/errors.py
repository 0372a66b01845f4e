"""What can go wrong with an application, each with a sentence that a user can read."""

from django.utils.translation import gettext as _


class DefectionError(Exception):
    """The wrong moment, or a wrong request; `str()` of it is for the user."""


class WrongMoment(DefectionError):
    """It could be done, but not as the application stands now; the sentence says what has to come first."""


class NotCleared(DefectionError):
    """The person may not do this; the sentence says who may."""


class Incomplete(DefectionError):
    """Something is missing; the sentence says what."""


class BadFile(DefectionError):
    """A file that is not taken; the sentence says why."""


class Erased(DefectionError):
    """What was asked for has been erased for good."""

    def __init__(self) -> None:
        super().__init__(_("The personal data of this application has been erased."))


class Held(WrongMoment):
    """A legal hold keeps the application from being erased."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A legal hold keeps this application: the law requires that it is not erased yet. "
                "It is erased once the hold is lifted and its time has come."
            )
        )


class VaultError(Exception):
    """Sealed data does not open: it was altered, or moved from another row. For the log, not for users."""

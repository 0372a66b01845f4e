"""What goes wrong on this floor, each as a sentence that a person can read."""


class MemberError(Exception):
    """The base of them all; `str()` is the sentence."""


class BirthGivenOnceError(MemberError):
    """A date of birth has been given already, or was and is erased."""

"""What goes wrong in this app, each as a sentence that a person can read."""


class AssemblyError(Exception):
    """The base of them all; `str()` is the sentence."""


class WrongMomentError(AssemblyError):
    """It could be done, but not as things stand now."""


class NotEligibleError(AssemblyError):
    """The person does not meet what the assembly asks of those who take part."""


class CircleError(AssemblyError):
    """An assembly would become a member of itself by way of others; the sentence names the circle (P1)."""


class WrongPlaceError(AssemblyError):
    """One kind of assembly does not lie within the other (A6)."""


class OfficeFullError(WrongMomentError):
    """All seats of the office are taken in that time."""


class NotElectedError(WrongMomentError):
    """Secretaries and deputies are elected, never appointed (P9)."""


class FileRefusedError(AssemblyError):
    """A file of assemblies has mistakes; `problems` are sentences that name the place of each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

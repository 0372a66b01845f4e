"""What can be wrong with what is handed to the count.

Every message is a whole English sentence. None repeats a score: these errors may end up in a log.
"""


class CountError(ValueError):
    """The count refuses what it was given; nothing was counted."""


class OptionsError(CountError):
    """The options are none, not a sequence, not hashable or not all different."""


class VoteError(CountError):
    """A vote is not a pair of a tuple of whole scores 0 to 5 and a whole weight of at least 1."""


class SeatsError(CountError):
    """The seats are not a whole number from 1 to the number of options."""


class MethodError(CountError):
    """The method is unknown, or needs votes that were not given."""


class LotOrderError(CountError):
    """The lot order is not a permutation of the options."""


class TallyError(CountError):
    """Published figures contradict each other."""

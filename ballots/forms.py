"""What people send to the ballots' pages: scores, a tracker to find, words to search for."""

from collections.abc import Container, Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from ballots.errors import BadScores

SCORES = {str(score): score for score in range(6)}
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TRACKER_LENGTH = 26


def field_name(key: str) -> str:
    """What an option's score is called in the form."""
    return f"score-{key}"


@sensitive_variables()
def read_scores(data: QueryDict, keys: Sequence[str], *, beside: Container[str] = ()) -> dict[str, int]:
    """The scores given, by option key; an option left blank is left out.

    Refuses the whole form with BadScores where it holds anything but one of "0" to "5", once, for each of
    some of `keys`, and the fields named in `beside`.
    """
    names = {field_name(key): key for key in keys}
    given: dict[str, int] = {}
    for name, values in data.lists():
        if name in beside:
            continue
        if name not in names or len(values) != 1 or values[0] not in SCORES:
            raise BadScores
        given[names[name]] = SCORES[values[0]]
    return given


@sensitive_variables()
def whole_vote(given: dict[str, int], keys: Sequence[str]) -> tuple[int, ...]:
    """The scores in the order of `keys`; raises BadScores where one is missing."""
    if len(given) != len(keys):
        raise BadScores
    return tuple(given[key] for key in keys)


class FindVoteForm(forms.Form):
    """A voter's own vote in the published list, by its tracker, however it was copied."""

    tracker = forms.CharField(
        label=_("Your tracker"),
        max_length=60,
        help_text=_("26 letters and digits from your receipt, with or without hyphens"),
        error_messages={
            "required": _("Enter your tracker"),
            "max_length": _("A tracker has 26 letters and digits: copy it again"),
        },
        widget=forms.TextInput(
            attrs={
                "class": "tracker-box",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )

    def clean_tracker(self) -> str:
        """The tracker as it is published; letters that are easily mistaken for digits are read as these."""
        bare = "".join(character for character in self.cleaned_data["tracker"].upper() if character.isalnum())
        bare = bare.translate(str.maketrans("OIL", "011"))
        if len(bare) != _TRACKER_LENGTH or not set(bare) <= set(_ALPHABET):
            raise forms.ValidationError(_("A tracker has 26 letters and digits: copy it again"))
        return "-".join(bare[start : start + 4] for start in range(0, _TRACKER_LENGTH, 4))


class SearchForm(forms.Form):
    """Words in a ballot's question or in an assembly's name."""

    q = forms.CharField(max_length=100, required=False)

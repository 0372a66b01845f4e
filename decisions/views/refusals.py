"""What the domain refuses, shown as a page with its sentence or as an error of the form; and submitting once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from assemblies.models import Assembly
from decisions.errors import BadProposal, NotEntitled, NotTakingPart, ReasonMissing, WrongMoment
from decisions.models import Decision
from members.models import Person

View = Callable[..., HttpResponse]
TWICE = timedelta(minutes=10)  # the same thing sent again within it was sent twice


def explained(view: View) -> View:
    """A view of one decision whose refusals become a page: 403 for the wrong person, 409 for the wrong moment."""

    @wraps(view)
    def wrapped(request: HttpRequest, decision_id: UUID, **more: object) -> HttpResponse:
        try:
            return view(request, decision_id, **more)
        except NotEntitled as refusal:
            return _refused(request, decision_id, refusal, 403)
        except WrongMoment as refusal:
            return _refused(request, decision_id, refusal, 409)

    return wrapped


@dataclass(frozen=True)
class Refusal:
    """What a page of a refusal says: the sentence, and where one can go from there, the likeliest first."""

    sentence: str
    back: Decision | Assembly
    ways_on: Sequence[tuple[str, Decision | Assembly]]
    caption: str = ""


def refused(request: HttpRequest, refusal: Refusal, status: int) -> HttpResponse:
    """The page of a refusal: 403 for the wrong person, 409 for the wrong moment."""
    context = {"refusal": refusal, "is_late": status == HTTPStatus.CONFLICT}
    return render(request, "decisions/refused.html", context, status=status)


def refused_on(request: HttpRequest, decision: Decision, sentence: str, status: int) -> HttpResponse:
    """The page of a refusal on a decision, which leads back to it."""
    ways_on = [(_("See where the matter stands"), decision)]
    return refused(request, Refusal(sentence, decision, ways_on), status)


def _refused(request: HttpRequest, decision_id: UUID, refusal: Exception, status: int) -> HttpResponse:
    decision = get_object_or_404(Decision.objects.select_related("assembly"), pk=decision_id)
    if not isinstance(refusal, NotTakingPart):
        return refused_on(request, decision, str(refusal), status)
    ways_on: list[tuple[str, Decision | Assembly]] = [
        (_("See the assembly"), decision.assembly),
        (_("See where the matter stands"), decision),
    ]
    return refused(request, Refusal(str(refusal), decision, ways_on), status)


def refuse_if(issues: list[str]) -> None:
    """Raises WrongMoment with the sentences, where there are any."""
    if issues:
        raise WrongMoment(" ".join(issues))


def goes_through(form: forms.Form, step: Callable[[], object], *, field: str | None = None) -> bool:
    """Takes the step; False when it was refused as incomplete, which then is an error of the form's `field`."""
    try:
        step()
    except (BadProposal, ReasonMissing) as refusal:
        form.add_error(field, str(refusal))
        return False
    return True


@contextmanager
def one_submit_at_a_time(person: Person) -> Iterator[None]:
    """One transaction in which no other of this person's submits runs, so that what was sent twice can be seen."""
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        yield

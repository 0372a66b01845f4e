"""Office: the secretary's or the deputies' of an assembly. Term: who holds it, from when to when."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies.errors import NotElectedError, OfficeFullError, WrongMomentError
from assemblies.models.assembly import Assembly, terms_in_force
from harmony.time import months_later
from ledger import events
from members.models import Person


class Office(models.Model):
    """An office of an assembly: its secretary or its deputies (P9)."""

    class Role(models.TextChoices):
        """Which office."""

        SECRETARY = "secretary", _("Secretary")
        DEPUTY = "deputy", _("Deputy")

    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="offices", verbose_name=_("assembly"))
    role = models.CharField(_("office"), max_length=12, choices=Role)
    seats = models.PositiveSmallIntegerField(_("seats"), default=1)
    term_months = models.PositiveSmallIntegerField(
        _("months of a term"), default=12, help_text=_("How long somebody elected serves: 1 to 60 months.")
    )

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        constraints = (
            models.UniqueConstraint(
                fields=("assembly", "role"),
                name="office_once",
                violation_error_message=_("The assembly has this office already."),
            ),
            models.CheckConstraint(
                name="office_has_a_seat",
                condition=Q(seats__gte=1),
                violation_error_message=_("An office has at least one seat."),
            ),
            models.CheckConstraint(
                name="office_term_within_bounds",
                condition=Q(term_months__gte=1, term_months__lte=60),
                violation_error_message=_("A term lasts from 1 to 60 months."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.assembly}"

    def vacant_seats_at(self, at: datetime) -> int:
        """How many seats nobody holds at `at`."""
        return max(0, self.seats - self.terms.in_force_at(at).count())

    def end_of_term(self, begins_at: datetime) -> datetime:
        """When a term of the office's length that begins at `begins_at` ends: the same London time of day."""
        return months_later(begins_at, self.term_months)

    def seats_needed_at(self, at: datetime) -> int:
        """How many seats are taken at one time from `at` on, by those who serve and those who are elected."""
        return most_at_once(self.terms.overlapping(at, None), at)

    def free_seats_at(self, at: datetime) -> int:
        """How many seats nobody holds at `at`, and nobody is elected to hold later."""
        return max(0, self.seats - self.seats_needed_at(at))

    def free_seat_at(self, at: datetime, follows: Iterable["Term"] = ()) -> tuple[datetime, "Term | None"]:
        """From when, at or after `at`, somebody elected can be seated, and which term without an end makes way.

        A free seat is taken at once. Else one of `follows` that has no end, as terms have none that were loaded,
        makes way; else the seat is taken whose term ends first. Where all are held without an end, it is the one
        held longest. None where nobody has to make way.
        """
        running = list(self.terms.overlapping(at, None).order_by("began_at"))
        if most_at_once(running, at) < self.seats:
            return at, None
        endless = [term for term in running if term.over_at is None]
        followed = {term.pk for term in follows}
        makes_way = next((term for term in endless if term.pk in followed), None)
        if makes_way is None:
            ends = sorted(term.over_at for term in running if term.over_at is not None)
            for end in ends:
                if most_at_once(running, end) < self.seats:
                    return end, None
        return at, makes_way or endless[0]


class TermQuerySet(models.QuerySet["Term"]):
    """Sets of terms."""

    def in_force_at(self, at: datetime) -> "TermQuerySet":
        """Begun and neither run out nor ended at `at`: [began_at, ends_at)."""
        return self.filter(terms_in_force(at))

    def due_to_run_out(self, at: datetime) -> "TermQuerySet":
        """Whose end has come at `at`, and which nothing has stamped as ended."""
        return self.filter(ended_at=None, ends_at__lte=at)

    def due_to_look_at(self, at: datetime) -> "TermQuerySet":
        """Those with an end of which it is to be looked at `at` whether the race for their seat begins."""
        look = Q(race_look_at=None) | Q(race_look_at__lte=at)
        return self.filter(look, ended_at=None, ends_at__isnull=False)

    def look_again(self) -> None:
        """Has the next sweep look at them: what their race waited for has changed."""
        self.filter(ended_at=None, ends_at__isnull=False).update(race_look_at=None)

    def overlapping(self, begins_at: datetime, ends_at: datetime | None) -> "TermQuerySet":
        """In force at some moment of [begins_at, ends_at); without `ends_at`, at or after `begins_at`.

        Never one whose holder resigned before it began: it was in force at no moment.
        """
        found = self.filter(
            Q(ends_at=None) | Q(ends_at__gt=begins_at),
            Q(ended_at=None) | (Q(ended_at__gt=begins_at) & Q(ended_at__gt=F("began_at"))),
        )
        return found if ends_at is None else found.filter(began_at__lt=ends_at)


class Term(models.Model):
    """Somebody's term in an office. A holder without an account is kept by name only."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="terms", verbose_name=_("office"))
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="terms", verbose_name=_("person")
    )
    holder_name = models.CharField(
        _("name"), max_length=120, blank=True, help_text=_("Where there is no account.")
    )
    began_at = models.DateTimeField(_("began"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    elected = models.BooleanField(_("elected here"), default=False, editable=False)
    race_look_at = models.DateTimeField(
        _("race looked at"),
        null=True,
        editable=False,
        help_text=_("When the clock looks whether the race for the seat begins. Empty: at the next sweep."),
    )

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ("-began_at",)
        indexes = (
            models.Index(fields=("ends_at",), name="term_running", condition=Q(ended_at=None)),
            models.Index(
                fields=("race_look_at",),
                name="term_race_looked_at",
                condition=Q(ended_at=None, ends_at__isnull=False),
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="term_names_its_holder",
                condition=Q(person__isnull=False) | ~Q(holder_name=""),
                violation_error_message=_("A term has a holder: an account or a name."),
            ),
            models.CheckConstraint(
                name="term_ends_after_it_began",
                condition=Q(ends_at=None) | Q(ends_at__gt=F("began_at")),
                violation_error_message=_("A term ends after it began."),
            ),
            models.CheckConstraint(
                name="term_ended_after_it_began",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                violation_error_message=_("A term is ended after it began."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.holder}, {self.office}"

    @property
    def holder(self) -> str:
        """The name to show."""
        return str(self.person) if self.person else self.holder_name

    @property
    def over_at(self) -> datetime | None:
        """When it ends or ended, whichever comes first; None while it has no end."""
        return min((end for end in (self.ends_at, self.ended_at) if end is not None), default=None)

    def is_in_force_at(self, at: datetime) -> bool:
        """Whether `at` lies within the term; the same as `in_force_at` says of a set."""
        return (
            self.began_at <= at
            and (self.ends_at is None or self.ends_at > at)
            and (self.ended_at is None or self.ended_at > at)
        )

    @transaction.atomic
    def begin(self, *, at: datetime, by: Person | None = None) -> None:
        """Saves this new term: its holder is seated from `began_at` on. Recorded at `at` as done by `by`.

        Secretaries and deputies are elected, never appointed (P9): a term that no race here made can only be
        one that stands already when the office's record begins. Raises NotElectedError for another,
        OfficeFullError while every seat of the office is taken in that time, and Django's ValidationError for
        what a constraint refuses.
        """
        office = Office.objects.select_for_update(of=("self",)).get(pk=self.office_id)
        if not self.elected:
            self._refuse_appointment(office, at)
        taken = list(office.terms.overlapping(self.began_at, self.ends_at).select_related("person"))
        if most_at_once(taken, self.began_at, self.ends_at) >= office.seats:
            raise OfficeFullError(
                _now("Every seat of this office is taken in that time: %(holders)s.")
                % {"holders": ", ".join(term.holder for term in taken)}
            )
        self.validate_constraints()
        self.save(force_insert=True)
        facts = {"assembly": str(office.assembly_id), "role": office.role}
        if self.person_id is not None:
            facts["person"] = str(self.person_id)
        events.record("term.began", self, at=at, by=by.pk if by else None, data=facts)

    def _refuse_appointment(self, office: Office, at: datetime) -> None:
        if self.began_at > at:
            raise NotElectedError(
                _now(
                    "Nobody is appointed to an office: a term that is loaded has begun already. Declare a race."
                )
            )
        if office.terms.filter(elected=True).exists():
            raise NotElectedError(
                _now("This office is filled by election here: nobody is appointed to it. Declare a race.")
            )

    @transaction.atomic
    def run_out(self, *, at: datetime) -> bool:
        """Stamps a term whose end has come as ended then; False when it is not due or another process has."""
        due = Term.objects.due_to_run_out(at).select_for_update(skip_locked=True, of=("self",))
        now = due.select_related("office").filter(pk=self.pk).first()
        if now is None:
            return False
        now.ended_at = now.ends_at
        now.save(update_fields=["ended_at"])
        facts = {
            "assembly": str(now.office.assembly_id),
            "role": now.office.role,
            "because": "its time was over",
        }
        events.record("term.ended", now, at=at, data=facts)
        return True

    @transaction.atomic
    def end(self, *, at: datetime, by: Person | None = None) -> None:
        """Ends the term at `at`; raises WrongMomentError when it is over, and so changes nothing."""
        now = Term.objects.select_for_update(of=("self",)).select_related("office").get(pk=self.pk)
        if now.ended_at is not None or (now.ends_at is not None and now.ends_at <= at):
            raise WrongMomentError(_now("This term is over already."))
        now.ended_at = self.ended_at = max(at, now.began_at)
        now.save(update_fields=["ended_at"])
        facts = {"assembly": str(now.office.assembly_id), "role": now.office.role}
        events.record("term.ended", now, at=at, by=by.pk if by else None, data=facts)


def most_at_once(terms: Iterable[Term], begins_at: datetime, ends_at: datetime | None = None) -> int:
    """How many of `terms` are in force at one moment of [begins_at, ends_at), at the most: one may follow another."""
    rows = list(terms)
    begun = [row.began_at for row in rows if row.began_at > begins_at]
    moments = [begins_at, *(at for at in begun if ends_at is None or at < ends_at)]
    return max(sum(row.is_in_force_at(at) for row in rows) for at in moments)

"""Gathering: people meet for structured discussion; a moot, or with an applicant or candidates a hustings."""

import uuid
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, Participation
from decisions.models.decision import Decision
from members.models import Person, PersonQuerySet

KEPT_IN_CALENDARS = timedelta(days=90)


class GatheringQuerySet(models.QuerySet["Gathering"]):
    """Sets of gatherings."""

    def held(self) -> "GatheringQuerySet":
        """Those that took place."""
        return self.filter(held_at__isnull=False, cancelled_at=None)

    def hustings(self) -> "GatheringQuerySet":
        """Those in which an applicant or candidates are heard."""
        return self.filter(kind=Gathering.Kind.HUSTINGS)

    def coming_at(self, at: datetime) -> "GatheringQuerySet":
        """Not over at `at` and not cancelled."""
        return self.filter(ends_at__gt=at, cancelled_at=None)

    def open_at(self, at: datetime) -> "GatheringQuerySet":
        """In which people can still take part at `at`: called, and not over, held or called off."""
        return self.coming_at(at).filter(called_at__lte=at, held_at=None)

    def visible_to(self, user: Person | AnonymousUser, at: datetime) -> "GatheringQuerySet":
        """Those that `user` may see at `at`.

        All are public (P10), but for those on a defection: these are for the members of the deciding assemblies,
        whoever acts for these, the chair, and people invited by name.
        """
        public = Q(decision=None) | ~Q(decision__kind=Decision.Kind.DEFECTION)
        if not isinstance(user, Person):
            return self.filter(public)
        served = Assembly.objects.served_by(user, at)
        own = Q(chair=user) | Q(pk__in=user.invitations.values("gathering")) | _of(served)
        own |= Q(decision__helped_by__in=served)
        if user.is_member_at(at):
            own |= _of(_taken_part_in(user, at))
        return self.filter(public | own).exclude(decision__concerns=user)

    def concerning(self, person: Person, at: datetime) -> "GatheringQuerySet":
        """Those that belong in the person's calendar: registered for, invited to, or of an assembly of theirs.

        What they may not see, and what they are barred from, is left out.
        """
        mine = _taken_part_in(person, at)
        concerns = (
            Q(pk__in=person.registrations.filter(cancelled_at=None).values("gathering"))
            | Q(pk__in=person.invitations.values("gathering"))
            | Q(invitations__assembly__in=mine)
            | Q(chair=person)
            | _of(mine)
        )
        wanted = self.visible_to(person, at).filter(concerns).exclude(pk__in=person.bars.values("gathering"))
        return self.filter(pk__in=wanted.values("pk"))

    def of_assembly(self, assembly: Assembly) -> "GatheringQuerySet":
        """Those of the assembly, or on a matter that it settles with others, or to which it is invited."""
        here = Assembly.objects.filter(pk=assembly.pk)
        wanted = self.filter(_of(here) | Q(invitations__assembly=assembly))
        return self.filter(pk__in=wanted.values("pk"))

    def served_by(self, person: Person, at: datetime) -> "GatheringQuerySet":
        """Those of the assemblies for which the person acts at `at`, and on matters that these settle."""
        served = Assembly.objects.served_by(person, at)
        return self.filter(_of(served) | Q(decision__helped_by__in=served))

    def in_calendars_at(self, at: datetime) -> "GatheringQuerySet":
        """Coming, called off or over at `at`, but not long ago: what a calendar feed holds."""
        return self.filter(ends_at__gt=at - KEPT_IN_CALENDARS)


def _of(assemblies: models.QuerySet[Assembly]) -> Q:
    """Gatherings of any of the assemblies, or on a matter that one of them settles."""
    return (
        Q(assembly__in=assemblies)
        | Q(decision__assembly__in=assemblies)
        | Q(
            decision__in=Decision.together_with.through._default_manager.filter(
                assembly__in=assemblies
            ).values("decision")
        )
    )


def _taken_part_in(person: Person, at: datetime) -> models.QuerySet[Assembly]:
    rows = Participation.objects.in_force_at(at).filter(person=person)
    return Assembly.objects.filter(pk__in=rows.values("assembly"))


class Gathering(models.Model):
    """A moot or a hustings: when (London time is shown), where, for which matter (P4, D20)."""

    class Kind(models.TextChoices):
        """What sort of gathering."""

        MOOT = "moot", _("Moot")
        HUSTINGS = "hustings", _("Hustings")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(
        Assembly, models.PROTECT, related_name="gatherings", verbose_name=_("assembly")
    )
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="gatherings", verbose_name=_("matter")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.MOOT)
    title = models.CharField(_("title"), max_length=160)
    starts_at = models.DateTimeField(_("starts"), help_text=_("London time."))
    ends_at = models.DateTimeField(_("ends"), help_text=_("London time."))
    address = models.TextField(_("address"), blank=True)
    link = models.URLField(_("link"), blank=True, help_text=_("Shown only to people who have registered."))
    agenda = models.TextField(_("agenda"), blank=True)
    notes = models.TextField(_("notes"), blank=True)
    chair = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("chair")
    )
    called_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("called by")
    )
    called_at = models.DateTimeField(_("called"))
    sequence = models.PositiveSmallIntegerField(
        _("version in calendars"),
        default=0,
        help_text=_("Rises with every change of when, where or whether."),
    )
    changed_at = models.DateTimeField(_("last changed"), null=True, blank=True)
    held_at = models.DateTimeField(_("held"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    cancelled_because = models.CharField(_("why it was cancelled"), max_length=300, blank=True)

    objects = GatheringQuerySet.as_manager()

    class Meta:
        verbose_name = _("gathering")
        verbose_name_plural = _("gatherings")
        ordering = ("starts_at",)
        indexes = (models.Index(fields=("assembly", "starts_at"), name="gathering_by_assembly"),)
        constraints = (
            models.CheckConstraint(
                name="gathering_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("A gathering ends after it starts."),
            ),
            models.CheckConstraint(
                name="gathering_is_somewhere",
                condition=~Q(address="") | ~Q(link=""),
                violation_error_message=_("Say where: an address, a link, or both."),
            ),
            models.CheckConstraint(
                name="gathering_held_after_it_started",
                condition=Q(held_at=None) | Q(held_at__gte=F("starts_at"), cancelled_at=None),
                violation_error_message=_("A gathering is held once it has started, and not when cancelled."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The gathering's own page."""
        return reverse("decisions:gathering_detail", args=[self.pk])

    # --- what it is ---------------------------------------------------------------------------------
    @property
    def is_private(self) -> bool:
        """Whether only the deciding assemblies' members and people invited by name may know of it."""
        return self.decision is not None and self.decision.kind == Decision.Kind.DEFECTION

    @property
    def is_hustings(self) -> bool:
        """Whether an applicant or candidates are heard."""
        return self.kind == self.Kind.HUSTINGS

    @property
    def revised_at(self) -> datetime:
        """When it was called, or last changed since."""
        return self.changed_at or self.called_at

    def is_open_at(self, at: datetime) -> bool:
        """Whether people can take part at `at`; the same as `open_at` says of a set."""
        return self.cancelled_at is None and self.held_at is None and self.called_at <= at < self.ends_at

    def is_on_at(self, at: datetime) -> bool:
        """Whether it is taking place at `at`: within [starts_at, ends_at), and open."""
        return self.is_open_at(at) and self.starts_at <= at

    def status_label(self, at: datetime) -> Promise:
        """Where it stands at `at`, in a word or two."""
        if self.cancelled_at is not None:
            return _("Called off")
        if self.held_at is not None:
            return _("Held")
        if at >= self.ends_at:
            return _("Over")
        return _("Now") if self.is_on_at(at) else _("Coming")

    # --- who ----------------------------------------------------------------------------------------
    def assemblies(self) -> list[Assembly]:
        """The assemblies whose gathering it is, its own first; those of its matter gather together."""
        others = self.decision.assemblies() if self.decision is not None else []
        return [self.assembly, *(one for one in others if one.pk != self.assembly_id)]

    def audience_at(self, at: datetime) -> PersonQuerySet:
        """Who is asked to it at `at`: who takes part in its assemblies or in invited ones, and who is invited by name.

        On a defection only the members among those who take part; nobody who is barred.
        """
        here = [*self.assemblies(), *(row.assembly for row in self.invitations.of_assemblies())]
        rows = Participation.objects.in_force_at(at).filter(assembly__in=here, person=OuterRef("pk"))
        taking_part = Person.objects.filter(Exists(rows))
        if self.is_private:
            taking_part = taking_part.members_at(at)
        asked = Q(pk__in=taking_part.values("pk")) | Q(pk__in=self.invitations.values("person"))
        concerned = self.decision.concerns_id if self.decision is not None else None
        barred = self.bars.filter(person__isnull=False).values("person")
        return Person.objects.filter(asked).exclude(pk__in=barred).exclude(pk=concerned)

    def people_at(self, at: datetime) -> PersonQuerySet:
        """Everybody to be told of a change: its audience and all who have registered; nobody who is barred."""
        told = Q(pk__in=self.audience_at(at).values("pk"))
        told |= Q(pk__in=self.registrations.in_force().values("person"))
        return Person.objects.filter(told)

    def has_barred(self, person: Person) -> bool:
        """Whether the person is barred from this gathering (D30)."""
        return self.bars.filter(person=person).exists()

    def is_joined_by(self, person: Person) -> bool:
        """Whether the person has registered, has not cancelled, and is not barred."""
        return self.registrations.in_force().filter(person=person).exists()

    def is_conducted_by(self, person: Person, at: datetime) -> bool:
        """Whether the person runs it at `at`: the chair, or whoever acts as secretary of one of its assemblies."""
        if self.has_barred(person):
            return False
        if self.chair_id == person.pk:
            return True
        allowed = [one.pk for one in self.assemblies()]
        if self.decision is not None and self.decision.helped_by_id is not None:
            allowed.append(self.decision.helped_by_id)
        return Assembly.objects.served_by(person, at).filter(pk__in=allowed).exists()

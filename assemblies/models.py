"""Assembly and how assemblies nest; Participation; Office and Term."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import Person, PersonQuerySet


class Kind(models.TextChoices):
    """What sort of assembly it is."""

    REGION = "region", _("Region")
    CITY = "city", _("City")
    CONSTITUENCY = "constituency", _("Constituency")
    WORKING_GROUP = "working_group", _("Working group")
    COMMITTEE = "committee", _("Committee")
    SOCIETY = "society", _("Society")
    POLICY_SOCIETY = "policy_society", _("Policy society")
    IDENTITY = "identity", _("Identity assembly")
    ALLIED = "allied", _("Allied assembly")
    PARTY = "party", _("The party")


class AssemblyQuerySet(models.QuerySet["Assembly"]):
    """Sets of assemblies."""

    def open_at(self, at: datetime) -> "AssemblyQuerySet":
        """Formed and not closed at `at`: [formed_at, closed_at)."""
        return self.filter(Q(closed_at=None) | Q(closed_at__gt=at), formed_at__lte=at)

    def served_by(self, person: Person, at: datetime) -> "AssemblyQuerySet":
        """Those in which the person holds the secretary's or a deputy's office at `at`."""
        return self.filter(
            Exists(Term.objects.in_force_at(at).filter(office__assembly=OuterRef("pk"), person=person))
        )


class Assembly(models.Model):
    """A group of people who have committed to do things together (A1)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(_("address on the site"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=160)
    name_cy = models.CharField(_("Welsh name"), max_length=160, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    remit = models.TextField(_("remit"), blank=True, help_text=_("What it looks after, in plain words."))
    is_core = models.BooleanField(
        _("core assembly"),
        default=False,
        help_text=_("Every member of the party takes part of their own accord (P2)."),
    )
    within = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("lies within"),
        help_text=_("Geography only: a constituency in its city or region, a city in its region (A6)."),
    )
    member_of = models.ManyToManyField(
        "self",
        through="Nesting",
        through_fields=("member", "parent"),
        symmetrical=False,
        related_name="members",
    )
    supports = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="allies",
        verbose_name=_("supports"),
        help_text=_("Allied assemblies only: the assembly whose community it supports (A5)."),
    )
    code = models.CharField(_("official code"), max_length=12, blank=True)
    hex_q = models.SmallIntegerField(_("column on the map"), null=True, blank=True)
    hex_r = models.SmallIntegerField(_("row on the map"), null=True, blank=True)

    minimum_age = models.PositiveSmallIntegerField(_("youngest age"), null=True, blank=True)
    maximum_age = models.PositiveSmallIntegerField(
        _("oldest age"),
        null=True,
        blank=True,
        help_text=_("People may take part until the day before they are older."),
    )
    members_only = models.BooleanField(_("members of the party only"), default=False)
    statement = models.TextField(
        _("statement to affirm"),
        blank=True,
        help_text=_("What somebody affirms to take part. Empty: nothing."),
    )
    approval_by_secretary = models.BooleanField(_("the secretary admits people"), default=False)

    voting_days = models.PositiveSmallIntegerField(_("days of voting"), default=7)
    formed_at = models.DateTimeField(_("formed"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = AssemblyQuerySet.as_manager()

    class Meta:
        verbose_name = _("assembly")
        verbose_name_plural = _("assemblies")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                name="assembly_allied_supports_one",
                condition=Q(kind=Kind.ALLIED, supports__isnull=False)
                | (~Q(kind=Kind.ALLIED) & Q(supports=None)),
                violation_error_message=_(
                    "An allied assembly, and no other, names the assembly it supports."
                ),
            ),
            models.CheckConstraint(
                name="assembly_within_is_geography",
                condition=Q(within=None) | Q(kind__in=(Kind.CITY, Kind.CONSTITUENCY)),
                violation_error_message=_("Only a city or a constituency lies within another assembly."),
            ),
            models.CheckConstraint(
                name="assembly_ages_in_order",
                condition=Q(minimum_age=None) | Q(maximum_age=None) | Q(minimum_age__lte=F("maximum_age")),
                violation_error_message=_("The youngest age is not above the oldest."),
            ),
            models.CheckConstraint(
                name="assembly_voting_days_within_bounds",
                condition=Q(voting_days__gte=1, voting_days__lte=60),
                violation_error_message=_("Voting lasts between 1 and 60 days."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The assembly's own page."""
        return reverse("assemblies:assembly_detail", args=[self.slug])

    def participants_at(self, at: datetime) -> PersonQuerySet:
        """The people who take part in this assembly at `at`, members of the party or not (A2)."""
        return Person.objects.filter(
            Exists(Participation.objects.in_force_at(at).filter(assembly=self, person=OuterRef("pk")))
        )

    def members_at(self, at: datetime) -> PersonQuerySet:
        """Those of its participants who are members of the party at `at`: the ones who may vote (A3)."""
        return self.participants_at(at).members_at(at)


class Nesting(models.Model):
    """One assembly's membership of another (P1)."""

    member = models.ForeignKey(Assembly, models.CASCADE, related_name="nestings_up", verbose_name=_("member"))
    parent = models.ForeignKey(Assembly, models.CASCADE, related_name="nestings_down", verbose_name=_("of"))

    class Meta:
        verbose_name = _("membership of another assembly")
        verbose_name_plural = _("memberships of other assemblies")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "parent"),
                name="nesting_once",
                violation_error_message=_("It is a member of that assembly already."),
            ),
            models.CheckConstraint(
                name="nesting_not_in_itself",
                condition=~Q(member=F("parent")),
                violation_error_message=_("An assembly cannot be a member of itself."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.member} in {self.parent}"


class ParticipationQuerySet(models.QuerySet["Participation"]):
    """Sets of participations."""

    def in_force_at(self, at: datetime) -> "ParticipationQuerySet":
        """Begun at or before `at` and not ended by then: [began_at, ended_at)."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=at), began_at__lte=at)


class Participation(models.Model):
    """A person's taking part in an assembly, from when to when, and how it came about."""

    class Origin(models.TextChoices):
        """How it came about (P2)."""

        HOME = "home", _("it is where they live")
        CORE = "core", _("every member takes part in it")
        JOINED = "joined", _("they joined")
        APPOINTED = "appointed", _("they were appointed")

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="participations", verbose_name=_("person")
    )
    assembly = models.ForeignKey(
        Assembly, models.PROTECT, related_name="participations", verbose_name=_("assembly")
    )
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    origin = models.CharField(_("how it came about"), max_length=10, choices=Origin)
    ended_because = models.CharField(_("why it ended"), max_length=200, blank=True)
    affirmed = models.TextField(_("statement affirmed"), blank=True)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = (
            models.UniqueConstraint(
                fields=("person", "assembly"),
                condition=Q(ended_at=None),
                name="participation_one_at_a_time",
                violation_error_message=_("This person takes part in this assembly already."),
            ),
            models.CheckConstraint(
                name="participation_ends_after_it_began",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                violation_error_message=_("A participation ends after it began."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} in {self.assembly}"


class Office(models.Model):
    """An office of an assembly: its secretary or its deputies (P9)."""

    class Role(models.TextChoices):
        """Which office."""

        SECRETARY = "secretary", _("Secretary")
        DEPUTY = "deputy", _("Deputy")

    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="offices", verbose_name=_("assembly"))
    role = models.CharField(_("office"), max_length=12, choices=Role)
    seats = models.PositiveSmallIntegerField(_("seats"), default=1)

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        constraints = (
            models.UniqueConstraint(
                fields=("assembly", "role"),
                name="office_once",
                violation_error_message=_("The assembly has this office already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.assembly}"


class TermQuerySet(models.QuerySet["Term"]):
    """Sets of terms."""

    def in_force_at(self, at: datetime) -> "TermQuerySet":
        """Begun and neither run out nor ended at `at`: [began_at, ends_at)."""
        return self.filter(
            Q(ends_at=None) | Q(ends_at__gt=at), Q(ended_at=None) | Q(ended_at__gt=at), began_at__lte=at
        )


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
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = (
            models.CheckConstraint(
                name="term_names_its_holder",
                condition=Q(person__isnull=False) | ~Q(holder_name=""),
                violation_error_message=_("A term has a holder: an account or a name."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.holder}, {self.office}"

    @property
    def holder(self) -> str:
        """The name to show."""
        return str(self.person) if self.person else self.holder_name

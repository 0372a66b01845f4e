"""Assembly, and Nesting: one assembly's membership of another."""

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies import ages
from harmony.time import LONDON
from members.models import Person, PersonQuerySet

if TYPE_CHECKING:
    from assemblies.models.office import Term

# Words that the site's own pages stand under, beside /assemblies/<slug>/.
PAGES = ("home", "places", "yours")


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


# The kinds that lie on the map, smallest first (A6).
GEOGRAPHY = (Kind.CONSTITUENCY, Kind.CITY, Kind.REGION)


def terms_in_force(at: datetime, path: str = "") -> Q:
    """Terms that have begun and neither run out nor ended at `at`, [began_at, ends_at), by the lookup `path`."""
    return (
        Q(**{f"{path}began_at__lte": at})
        & (Q(**{f"{path}ends_at": None}) | Q(**{f"{path}ends_at__gt": at}))
        & (Q(**{f"{path}ended_at": None}) | Q(**{f"{path}ended_at__gt": at}))
    )


class AssemblyQuerySet(models.QuerySet["Assembly"]):
    """Sets of assemblies."""

    def open_at(self, at: datetime) -> "AssemblyQuerySet":
        """Formed and not closed at `at`: [formed_at, closed_at)."""
        return self.filter(Q(closed_at=None) | Q(closed_at__gt=at), formed_at__lte=at)

    def core_at(self, at: datetime) -> "AssemblyQuerySet":
        """The core assemblies open at `at`, in which every member of the party takes part (P2)."""
        return self.open_at(at).filter(is_core=True)

    def holding(
        self, at: datetime, *, person: Person | None = None, roles: tuple[str, ...] = ()
    ) -> "AssemblyQuerySet":
        """Those with a term in force at `at`: of `person`, in one of `roles`, where these are given."""
        terms = _terms().filter(terms_in_force(at), office__assembly=OuterRef("pk"))
        if person is not None:
            terms = terms.filter(person=person)
        if roles:
            terms = terms.filter(office__role__in=roles)
        return self.filter(Exists(terms))

    def served_by(self, person: Person, at: datetime) -> "AssemblyQuerySet":
        """Those in which the person may act as secretary at `at`; costs one query of its own.

        That is where they hold the secretary's or a deputy's office; and for the party's own secretary (the
        general secretary) also every assembly that has no secretary (P9).
        """
        terms = _terms().filter(terms_in_force(at), person=person)
        held = list(terms.values_list("office__assembly", "office__role", "office__assembly__kind"))
        # By ids: a few at most, where a subquery within a subquery can mislead the planner.
        allowed = Q(pk__in={assembly for assembly, _role, _kind in held})
        if any((role, kind) == ("secretary", Kind.PARTY) for _assembly, role, kind in held):
            led = _terms().filter(
                terms_in_force(at), office__assembly=OuterRef("pk"), office__role="secretary"
            )
            allowed |= Q(~Exists(led))
        return self.filter(allowed)


def _terms() -> "models.QuerySet[Term]":
    """All terms; asked of the registry, since their module stands on this one."""
    return apps.get_model("assemblies", "Term")._default_manager.all()


class Assembly(models.Model):
    """A group of people who have committed to do things together (A1)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(_("address on the site"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=160)
    other_name = models.CharField(
        _("other name"), max_length=160, blank=True, help_text=_("Its name in another language, as Welsh.")
    )
    place = models.CharField(
        _("place"),
        max_length=120,
        blank=True,
        help_text=_("Geography only: what the place itself is called."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    remit = models.TextField(_("remit"), blank=True, help_text=_("What it looks after, in plain words."))
    is_core = models.BooleanField(
        _("core assembly"),
        default=False,
        help_text=_("Every member of the party takes part as a matter of course (P2)."),
    )
    within = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("lies within"),
        help_text=_("A constituency lies in its city or its region, a city in its region (A6)."),
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

    quorum = models.PositiveSmallIntegerField(
        _("quorum"),
        default=3,
        help_text=_("Members who must agree for consensus; all, where there are fewer."),
    )
    cooling_off_days = models.PositiveSmallIntegerField(
        _("days of cooling-off"), default=5, help_text=_("How long a call for consensus stays open (P5).")
    )
    deliberation_days = models.PositiveSmallIntegerField(
        _("days of deliberation"),
        default=7,
        help_text=_("The least after a moot; for a defection 7 at least."),
    )
    voting_days = models.PositiveSmallIntegerField(_("days of voting"), default=7)
    formed_at = models.DateTimeField(_("formed"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = AssemblyQuerySet.as_manager()

    class Meta:
        verbose_name = _("assembly")
        verbose_name_plural = _("assemblies")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                Lower("name"),
                name="assembly_name_whatever_case",
                violation_error_message=_("There is an assembly of this name already."),
            ),
            models.CheckConstraint(
                name="assembly_slug_is_no_page",
                condition=~Q(slug__in=PAGES),
                violation_error_message=_("The site has a page of its own at this address: choose another."),
            ),
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
                name="assembly_ages_within_a_life",
                condition=(Q(minimum_age=None) | Q(minimum_age__lte=ages.OLDEST))
                & (Q(maximum_age=None) | Q(maximum_age__lte=ages.OLDEST)),
                violation_error_message=_("An age is at most 130 years."),
            ),
            models.CheckConstraint(
                name="assembly_open_to_whom_it_enrols",
                condition=(Q(is_core=False) & ~Q(kind__in=GEOGRAPHY))
                | Q(minimum_age=None, maximum_age=None, statement="", approval_by_secretary=False),
                violation_error_message=_(
                    "Core and area assemblies enrol people: no ages, statement or approval there."
                ),
            ),
            models.CheckConstraint(
                name="assembly_geography_is_for_everyone",
                condition=Q(members_only=False) | ~Q(kind__in=GEOGRAPHY),
                violation_error_message=_("Everyone may take part where they live, members or not."),
            ),
            models.CheckConstraint(
                name="assembly_closed_after_it_was_formed",
                condition=Q(closed_at=None) | Q(closed_at__gte=F("formed_at")),
                violation_error_message=_("An assembly is closed after it was formed."),
            ),
            models.CheckConstraint(
                name="assembly_voting_days_within_bounds",
                condition=Q(voting_days__gte=1, voting_days__lte=60),
                violation_error_message=_("Voting lasts between 1 and 60 days."),
            ),
            models.CheckConstraint(
                name="assembly_rules_within_bounds",
                condition=Q(quorum__gte=1, quorum__lte=500)
                & Q(cooling_off_days__gte=1, cooling_off_days__lte=30)
                & Q(deliberation_days__gte=1, deliberation_days__lte=60),
                violation_error_message=_(
                    "The quorum is 1 to 500 members, cooling-off 1 to 30 days, deliberation 1 to 60 days."
                ),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The assembly's own page."""
        return reverse("assemblies:assembly_detail", args=[self.slug])

    # --- what it is ---------------------------------------------------------------------------------
    @property
    def is_geographical(self) -> bool:
        """Whether it is the assembly of an area (A6)."""
        return self.kind in GEOGRAPHY

    @property
    def is_constituency(self) -> bool:
        """Whether it can be somebody's home."""
        return self.kind == Kind.CONSTITUENCY

    @property
    def is_party(self) -> bool:
        """Whether it is the federation itself."""
        return self.kind == Kind.PARTY

    @property
    def short_name(self) -> str:
        """The place alone, for lists in which the kind is plain; else the name."""
        return self.place or self.name

    def is_open_at(self, at: datetime) -> bool:
        """Whether it is formed and not closed at `at`; the same as `open_at` says of a set."""
        return self.formed_at <= at and (self.closed_at is None or self.closed_at > at)

    def area(self) -> list["Assembly"]:
        """It and what it lies within, smallest first: constituency, city where there is one, region (A6)."""
        found, here = [], self
        while here is not None:
            found.append(here)
            here = here.within  # type: ignore[assignment]
        return found

    # --- who takes part -----------------------------------------------------------------------------
    def participants_at(self, at: datetime) -> PersonQuerySet:
        """The people who take part in this assembly at `at`, members of the party or not (A2)."""
        here = self.participations.in_force_at(at)
        return Person.objects.filter(Exists(here.filter(person=OuterRef("pk"))))

    def members_at(self, at: datetime) -> PersonQuerySet:
        """Those of its participants who are members of the party at `at`: the ones who may vote (A3)."""
        return self.participants_at(at).members_at(at)

    def numbers_at(self, at: datetime) -> dict[str, int]:
        """How many take part at `at`, as "participants", and how many of them are members, as "members"."""
        return {"participants": self.participants_at(at).count(), "members": self.members_at(at).count()}

    def has_participant_at(self, person: Person, at: datetime) -> bool:
        """Whether the person takes part at `at`; the same as `participants_at` says of a set."""
        return self.participations.in_force_at(at).filter(person=person).exists()

    # --- who may take part (A2, A4, A5) -------------------------------------------------------------
    @property
    def has_ages(self) -> bool:
        """Whether a date of birth matters here."""
        return self.minimum_age is not None or self.maximum_age is not None

    def asks_birth_of(self, person: Person) -> bool:
        """Whether this person must give their date of birth before it is known if they may take part."""
        return self.has_ages and person.date_of_birth_sealed is None

    def requirements(self) -> list[str]:
        """What somebody needs to take part, as sentences; empty where it is open to everyone (A2, A4)."""
        found = self.conditions()
        if self.statement:
            found.append(_now("You affirm this statement: “%(statement)s”") % {"statement": self.statement})
        return found

    def conditions(self) -> list[str]:
        """The requirements but for the statement, which joining asks word for word."""
        found = []
        if self.has_ages:
            found.append(self._ages_sentence())
        if self.members_only:
            found.append(_now("It is for members of the party."))
        if self.approval_by_secretary:
            found.append(_now("The secretary admits people who ask to take part."))
        return found

    def _ages_sentence(self) -> str:
        known = {"youngest": self.minimum_age, "oldest": self.maximum_age}
        if self.maximum_age is None:
            return _now("It is for people aged %(youngest)s and over.") % known
        if self.minimum_age is None:
            return _now("It is for people aged up to %(oldest)s.") % known
        return _now("It is for people aged %(youngest)s to %(oldest)s.") % known

    def reasons_against(self, person: Person, at: datetime) -> list[str]:
        """Why this person may not take part at `at`, as sentences to them; empty when they may (A4).

        A statement to affirm and the secretary's approval are no reasons against: they are steps of joining.
        Raises KeyringError when a stored date of birth does not open.
        """
        found = []
        if self.formed_at > at:
            found.append(_now("This assembly has not been formed yet."))
        if self.closed_at is not None and self.closed_at <= at:
            found.append(_now("This assembly has closed."))
        if self.members_only and not person.is_member_at(at):
            found.append(
                _now("This assembly is for members of the party, and you have no membership in force.")
            )
        if self.asks_birth_of(person):
            found.append(_now("This assembly needs your date of birth to know whether you may take part."))
        elif self.has_ages and person.date_of_birth is not None:
            found += self.reasons_of_age(person.date_of_birth, at)
        return found

    def reasons_of_age(self, born: date, at: datetime) -> list[str]:
        """Why somebody born on `born` may not take part at `at`; ages are those of the day in London (A4)."""
        begins, ends = self.age_window(born)
        if begins is not None and at < begins:
            day = date_format(begins.astimezone(LONDON).date(), "j F Y")
            return [f"{self._ages_sentence()} " + _now("You may take part from %(day)s.") % {"day": day}]
        if ends is not None and at >= ends:
            return [f"{self._ages_sentence()} " + _now("You are older than that.")]
        return []

    def age_window(self, born: date) -> tuple[datetime | None, datetime | None]:
        """From when until when, in UTC, somebody born on `born` is of an age to take part; None: no limit.

        Half open: from the start of the birthday in London on which they reach the youngest age, to the start
        of the one on which they are older than the oldest.
        """
        begins = None if self.minimum_age is None else ages.reached_at(born, self.minimum_age)
        ends = None if self.maximum_age is None else ages.reached_at(born, self.maximum_age + 1)
        return begins, ends

    # --- its offices (P9) ---------------------------------------------------------------------------
    def terms_at(self, at: datetime) -> list["Term"]:
        """The terms in force at `at`, secretaries before deputies, with their offices and holders."""
        return [
            term
            for office in self.offices.order_by("-role")
            for term in office.terms.in_force_at(at).select_related("office", "person").order_by("began_at")
        ]

    def acting_at(self, at: datetime) -> PersonQuerySet:
        """Those who may act as its secretary at `at`; the same as `served_by` says of a person's assemblies.

        Its secretaries and deputies; while it has no secretary, the party's own secretary too (P9).
        """
        in_force = terms_in_force(at, "terms__")
        own = Person.objects.filter(in_force, terms__office__assembly=self)
        found = Q(pk__in=own.values("pk"))
        if not Assembly.objects.filter(pk=self.pk).holding(at, roles=("secretary",)).exists():
            general = {"terms__office__assembly__kind": Kind.PARTY, "terms__office__role": "secretary"}
            found |= Q(pk__in=Person.objects.filter(in_force, **general).values("pk"))
        return Person.objects.filter(found)


class Nesting(models.Model):
    """One assembly's membership of another (P1). Made by `assemblies.nesting`, which refuses a circle."""

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

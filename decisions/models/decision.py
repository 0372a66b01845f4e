"""Decision: a matter that an assembly is settling, and the options it chooses among."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.lookups import GreaterThanOrEqual
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, Participation
from ballots.models import Ballot
from members.models import Person, PersonQuerySet

SHORTEST_DELIBERATION = 7  # days, for a defection (D21)


class LondonClock(models.Func):
    """What the clocks in London show at a moment; for the database's own rules (`harmony.time` says it in Python)."""

    function = "timezone"
    template = "%(function)s('Europe/London', %(expressions)s)"
    output_field = models.DateTimeField()


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Sets of decisions."""

    def unsettled(self) -> "DecisionQuerySet":
        """Neither settled nor withdrawn."""
        return self.filter(settled_at=None, withdrawn_at=None)

    def settled_in(self, assemblies: models.QuerySet[Assembly]) -> "DecisionQuerySet":
        """Those that one of the assemblies settles, alone or with others."""
        joint = Decision.together_with.through._default_manager.filter(assembly__in=assemblies)
        return self.filter(Q(assembly__in=assemblies) | Q(pk__in=joint.values("decision")))

    def readable_by(self, person: Person, at: datetime) -> "DecisionQuerySet":
        """Those of which the person may read at `at` what is said; the same as `matter.may_read` says of one.

        A defection's is for the members of the deciding assemblies alone, site staff not excepted (D26).
        """
        public = ~Q(kind=Decision.Kind.DEFECTION)
        if not person.is_member_at(at):
            return self.filter(public)
        rows = Participation.objects.in_force_at(at).filter(person=person)
        own = self.model._default_manager.settled_in(Assembly.objects.filter(pk__in=rows.values("assembly")))
        return self.filter(public | Q(pk__in=own.exclude(concerns=person).values("pk")))

    def due_to_end_deliberation(self, at: datetime) -> "DecisionQuerySet":
        """In a deliberation whose end has come."""
        return self.unsettled().filter(
            deliberation_began_at__isnull=False, deliberation_ended_at=None, deliberation_ends_at__lte=at
        )

    def due_to_ballot(self) -> "DecisionQuerySet":
        """Past their deliberation without consensus, and without their ballot yet."""
        return self.unsettled().filter(deliberation_ended_at__isnull=False, ballot=None)

    def due_to_settle(self) -> "DecisionQuerySet":
        """Whose ballot has been counted, and whose result they have not taken up."""
        return self.unsettled().filter(ballot__counted_at__isnull=False)


class Decision(models.Model):
    """One matter on its way up the ladder: talk, call, moot, deliberation, ballot, work.

    It keeps the rules that its assembly had when it began (quorum and the days of each window).
    """

    class Kind(models.TextChoices):
        """What sort of matter it is."""

        GENERAL = "general", _("Proposal")
        RACE = "race", _("Secretary race")
        DEFECTION = "defection", _("Defection")

    class SettledBy(models.TextChoices):
        """On which rung it was settled."""

        CONSENSUS = "consensus", _("by consensus")
        BALLOT = "ballot", _("by ballot")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(
        Assembly, models.PROTECT, related_name="decisions", verbose_name=_("assembly")
    )
    together_with = models.ManyToManyField(
        Assembly,
        blank=True,
        related_name="joint_decisions",
        verbose_name=_("together with"),
        help_text=_("Other assemblies that settle this matter too: all take part, each member has one vote."),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.GENERAL)
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("what and why"), blank=True)
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="proposals", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))
    concerns = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("person concerned"),
        help_text=_("Of a confidential matter: reads nothing that is said on it, and has no part in it."),
    )

    helped_by = models.ForeignKey(
        Assembly,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("helped by"),
        help_text=_("Those who act for it may take the steps that the secretary may. It has no vote (D18)."),
    )

    quorum = models.PositiveSmallIntegerField(_("quorum"))
    cooling_off_days = models.PositiveSmallIntegerField(_("days of cooling-off"))
    deliberation_days = models.PositiveSmallIntegerField(_("days of deliberation"))
    voting_days = models.PositiveSmallIntegerField(_("days of voting"))

    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_because = models.TextField(_("why it was withdrawn"), blank=True)
    deliberation_began_at = models.DateTimeField(_("deliberation began"), null=True)
    deliberation_ends_at = models.DateTimeField(_("deliberation ends"), null=True)
    deliberation_ended_at = models.DateTimeField(_("deliberation ended"), null=True)
    ballot = models.OneToOneField(
        Ballot, models.PROTECT, null=True, related_name="decision", verbose_name=_("ballot")
    )
    settled_at = models.DateTimeField(_("settled"), null=True)
    settled_by = models.CharField(_("settled"), max_length=10, choices=SettledBy, blank=True)
    outcome_statement = models.TextField(
        _("outcome"), blank=True, help_text=_("What was decided, and how objections were answered.")
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("-proposed_at",)
        indexes = (
            models.Index(
                fields=("deliberation_ends_at",),
                name="decision_in_deliberation",
                condition=Q(
                    deliberation_began_at__isnull=False,
                    deliberation_ended_at=None,
                    settled_at=None,
                    withdrawn_at=None,
                ),
            ),
            models.Index(
                fields=("deliberation_ended_at",),
                name="decision_waiting_for_its_vote",
                condition=Q(
                    deliberation_ended_at__isnull=False, ballot=None, settled_at=None, withdrawn_at=None
                ),
            ),
            models.Index(fields=("assembly", "-proposed_at"), name="decision_by_assembly"),
            models.Index(fields=("-settled_at",), name="decision_settled_lately"),
        )
        constraints = (
            models.CheckConstraint(
                name="decision_settled_or_withdrawn",
                condition=Q(settled_at=None) | Q(withdrawn_at=None),
                violation_error_message=_("A matter is settled or withdrawn, not both."),
            ),
            models.CheckConstraint(
                name="decision_settled_somehow",
                condition=Q(settled_at=None, settled_by="")
                | (Q(settled_at__isnull=False) & ~Q(settled_by="")),
                violation_error_message=_("A settled matter says on which rung it was settled."),
            ),
            models.CheckConstraint(
                name="decision_ballot_after_deliberation",
                condition=Q(ballot=None) | Q(deliberation_ended_at__isnull=False),
                violation_error_message=_("A ballot follows a deliberation that has ended."),
            ),
            models.CheckConstraint(
                name="decision_deliberation_whole",
                condition=Q(deliberation_began_at=None, deliberation_ends_at=None)
                | Q(deliberation_began_at__isnull=False, deliberation_ends_at__gt=F("deliberation_began_at")),
                violation_error_message=_("A deliberation that has begun has an end."),
            ),
            models.CheckConstraint(
                name="decision_deliberation_not_cut_short",
                condition=Q(deliberation_ended_at=None)
                | Q(settled_at__isnull=False)
                | Q(deliberation_ended_at__gte=F("deliberation_ends_at")),
                violation_error_message=_("A deliberation does not end early."),
            ),
            models.CheckConstraint(
                # Seven days by the clocks in London, so also across a change of these (D21).
                name="decision_defection_deliberates_a_week",
                condition=~Q(kind="defection")
                | Q(deliberation_began_at=None)
                | Q(
                    GreaterThanOrEqual(
                        LondonClock(F("deliberation_ends_at")),
                        LondonClock(F("deliberation_began_at")) + models.Value(timedelta(days=7)),
                    )
                ),
                violation_error_message=_("A defection is deliberated on for at least seven days."),
            ),
            models.CheckConstraint(
                name="decision_defection_settled_after_it",
                condition=~Q(kind="defection")
                | Q(settled_at=None)
                | Q(
                    deliberation_ended_at__isnull=False,
                    deliberation_ends_at__isnull=False,
                    deliberation_ended_at__gte=F("deliberation_ends_at"),
                    settled_at__gte=F("deliberation_ends_at"),
                ),
                violation_error_message=_(
                    "A defection is decided after its deliberation has run to its end."
                ),
            ),
            models.CheckConstraint(
                name="decision_rules_within_bounds",
                condition=Q(quorum__gte=1, quorum__lte=500)
                & Q(cooling_off_days__gte=1, cooling_off_days__lte=30)
                & Q(deliberation_days__gte=1, deliberation_days__lte=60)
                & Q(voting_days__gte=1, voting_days__lte=60),
                violation_error_message=_("The rules of a matter are within their bounds."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The decision's own page."""
        return reverse("decisions:decision_detail", args=[self.pk])

    @property
    def is_unsettled(self) -> bool:
        """Neither settled nor withdrawn."""
        return self.settled_at is None and self.withdrawn_at is None

    @property
    def is_confidential(self) -> bool:
        """Whether only members of its assemblies may read what is said on it: it is about a person (D26)."""
        return self.kind == self.Kind.DEFECTION

    @property
    def is_in_deliberation(self) -> bool:
        """Whether its deliberation has begun and not ended."""
        return (
            self.is_unsettled
            and self.deliberation_began_at is not None
            and self.deliberation_ended_at is None
        )

    def assemblies(self) -> list[Assembly]:
        """The assemblies that settle it, its own first."""
        others = self.together_with.exclude(pk=self.assembly_id).order_by("name")
        return [self.assembly, *others]

    def participants_at(self, at: datetime) -> PersonQuerySet:
        """Who takes part in one of its assemblies at `at`: these talk and answer (A2). Never whom it concerns."""
        rows = Participation.objects.in_force_at(at)
        return Person.objects.filter(
            Exists(rows.filter(assembly__in=self.assemblies(), person=OuterRef("pk")))
        ).exclude(pk=self.concerns_id)

    def members_at(self, at: datetime) -> PersonQuerySet:
        """Those of its participants who are members of the party at `at`: only their objections stop (A3)."""
        return self.participants_at(at).members_at(at)

    def has_participant_at(self, person: Person, at: datetime) -> bool:
        """Whether the person takes part in one of its assemblies at `at`."""
        return self.participants_at(at).filter(pk=person.pk).exists()


class Option(models.Model):
    """One of the things that may be decided."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="options", verbose_name=_("decision"))
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=120)
    statement = models.TextField(_("statement"), blank=True)
    added_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("added by")
    )
    leaves_things = models.BooleanField(_("leaves things as they are"), default=False)
    won_at = models.DateTimeField(_("decided on"), null=True)
    withdrawn_at = models.DateTimeField(
        _("withdrawn"), null=True, help_text=_("A candidate who withdrew: no option any more.")
    )

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ("leaves_things", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("decision", "name"),
                name="decision_option_name_once",
                violation_error_message=_("Two options have the same name."),
            ),
            models.UniqueConstraint(
                fields=("decision",),
                condition=Q(leaves_things=True),
                name="decision_leaves_things_once",
                violation_error_message=_("One option leaves things as they are."),
            ),
        )

    def __str__(self) -> str:
        return self.name

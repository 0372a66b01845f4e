"""Ballot, its options, its roll with the sealed votes, and the votes once they are counted."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from ballots.errors import NotYetCounted, NotYetOpen
from members.models import Person

MOST_OPTIONS = 50


class BallotQuerySet(models.QuerySet["Ballot"]):
    """Sets of ballots."""

    def open_at(self, at: datetime) -> "BallotQuerySet":
        """Opened, neither closed nor given up, and within [opened_at, closes_at)."""
        return self.filter(opened_at__lte=at, closed_at=None, withdrawn_at=None, closes_at__gt=at)

    def due_to_open(self, at: datetime) -> "BallotQuerySet":
        """Announced for `at` or before, and neither opened nor withdrawn."""
        return self.filter(opened_at=None, withdrawn_at=None, announced_at__lte=at, opens_at__lte=at)

    def due_to_remind(self, at: datetime) -> "BallotQuerySet":
        """Open, within the last day, and not yet reminded of."""
        return self.open_at(at).filter(reminded_at=None, remind_at__lte=at)

    def due_to_close(self, at: datetime) -> "BallotQuerySet":
        """Opened, past their closing time, and neither closed nor given up."""
        return self.filter(opened_at__isnull=False, closed_at=None, withdrawn_at=None, closes_at__lte=at)

    def due_to_count(self) -> "BallotQuerySet":
        """Closed and neither counted nor given up, and no count stopped by an alarm."""
        return self.filter(closed_at__isnull=False, counted_at=None, withdrawn_at=None, stopped_at=None)

    def due_to_take_up(self) -> "BallotQuerySet":
        """Counted, and the decision that asked for it has not taken up the result."""
        return self.filter(standing=Ballot.Standing.BINDING, counted_at__isnull=False, taken_up_at=None)

    def visible_to(self, person: Person | AnonymousUser, at: datetime) -> "BallotQuerySet":
        """Ballots that have opened are public (P10); before that, only for those who set them up.

        One that is for its roll only is seen by whoever is on the roll, and by nobody else.
        """
        opened = Q(opened_at__isnull=False)
        if not isinstance(person, Person):
            return self.public().filter(opened)
        mine = Q(is_for_roll_only=False) | Q(pk__in=person.roll_entries.values("ballot"))
        if person.is_staff and person.has_perm("ballots.view_ballot"):
            return self.filter(mine)
        return self.filter(mine, opened | Q(assembly__in=Assembly.objects.served_by(person, at)))

    def public(self) -> "BallotQuerySet":
        """Those that are not for the people on their roll alone."""
        return self.filter(is_for_roll_only=False)

    def matching(self, words: str) -> "BallotQuerySet":
        """Those with `words` in their question or in the name of one of their assemblies; all for no words."""
        if not words:
            return self
        together = Assembly.objects.filter(joint_ballots=OuterRef("pk"), name__icontains=words)
        return self.filter(
            Q(question__icontains=words) | Q(assembly__name__icontains=words) | Exists(together)
        )

    def by_urgency(self, at: datetime) -> "BallotQuerySet":
        """Open ones first, the soonest to close leading; then those to come; then the past, the latest leading.

        Each has its `group`: 0 open, 1 to come, 2 past, 3 withdrawn.
        """
        is_open = Q(opened_at__lte=at, closed_at=None, withdrawn_at=None, closes_at__gt=at)
        return self.annotate(
            group=Case(
                When(is_open, then=0),
                When(opened_at=None, withdrawn_at=None, then=1),
                When(withdrawn_at=None, then=2),
                default=3,
            ),
            soonest=Case(When(is_open, then=F("closes_at")), When(opened_at=None, then=F("opens_at"))),
        ).order_by("group", F("soonest").asc(nulls_last=True), "-closes_at", "pk")


class Ballot(models.Model):
    """One STAR ballot of an assembly, or of several together."""

    class Method(models.TextChoices):
        """How it is counted (A10, P8)."""

        STAR = "star", _("STAR (with several seats: Bloc STAR)")
        STAR_PR = "star_pr", _("Proportional STAR")

    class Standing(models.TextChoices):
        """Whether its result is a decision."""

        INDICATIVE = "indicative", _("Indicative: it decides nothing")
        BINDING = "binding", _("Binding: its result is the decision")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="ballots", verbose_name=_("assembly"))
    together_with = models.ManyToManyField(
        Assembly,
        blank=True,
        related_name="joint_ballots",
        verbose_name=_("together with"),
        help_text=_("Other assemblies whose members vote too, one vote each."),
    )
    question = models.CharField(_("question"), max_length=200)
    explanation = models.TextField(
        _("explanation"), blank=True, help_text=_("What the vote is about and what happens next. Markdown.")
    )
    standing = models.CharField(
        _("standing"), max_length=10, choices=Standing, default=Standing.INDICATIVE, editable=False
    )
    is_for_roll_only = models.BooleanField(
        _("for its roll only"),
        default=False,
        editable=False,
        help_text=_("A vote about a person: only those on the roll see it and its result."),
    )
    concerns = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("person concerned"),
        help_text=_("Nobody votes on themselves."),
    )
    method = models.CharField(_("method"), max_length=10, choices=Method, default=Method.STAR)
    seats = models.PositiveSmallIntegerField(_("seats"), default=1, help_text=_("How many options win."))
    cut_off_at = models.DateTimeField(
        _("cut-off"),
        null=True,
        blank=True,
        help_text=_(
            "Only people who were members and took part by then may vote. Empty: the opening. London time."
        ),
    )
    opens_at = models.DateTimeField(_("opens"), help_text=_("London time."))
    closes_at = models.DateTimeField(
        _("closes"), help_text=_("London time. Votes count until just before it.")
    )
    remind_at = models.DateTimeField(_("reminder"), null=True, blank=True, editable=False)
    set_up_by = models.ForeignKey(
        Person, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("set up by")
    )

    announced_at = models.DateTimeField(_("announced"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, editable=False)
    reminded_at = models.DateTimeField(_("reminded"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    counted_at = models.DateTimeField(_("counted"), null=True, editable=False)
    stopped_at = models.DateTimeField(_("count stopped by an alarm"), null=True, editable=False)
    taken_up_at = models.DateTimeField(_("result taken up by its decision"), null=True, editable=False)

    public_key = models.BinaryField(null=True, editable=False)
    private_key_wrapped = models.BinaryField(null=True, editable=False)
    list_minimum = models.PositiveIntegerField(null=True, editable=False)
    definition = models.JSONField(null=True, editable=False)
    definition_digest = models.CharField(
        _("digest of the definition"), max_length=64, blank=True, editable=False
    )
    roll_size = models.PositiveIntegerField(_("roll"), null=True, editable=False)
    roll_digest = models.CharField(_("digest of the roll"), max_length=64, blank=True, editable=False)
    result = models.JSONField(null=True, editable=False)
    result_digest = models.CharField(_("digest of the result"), max_length=64, blank=True, editable=False)

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        ordering = ("-closes_at",)
        indexes = (
            models.Index(
                fields=("opens_at",),
                name="ballot_waiting_to_open",
                condition=Q(opened_at=None, withdrawn_at=None, announced_at__isnull=False),
            ),
            models.Index(
                fields=("closes_at",),
                name="ballot_waiting_to_close",
                condition=Q(opened_at__isnull=False, closed_at=None),
            ),
            models.Index(
                fields=("remind_at",),
                name="ballot_waiting_to_remind",
                condition=Q(opened_at__isnull=False, closed_at=None, withdrawn_at=None, reminded_at=None),
            ),
            models.Index(
                fields=("closed_at",),
                name="ballot_waiting_for_its_count",
                condition=Q(closed_at__isnull=False, counted_at=None),
            ),
            models.Index(
                fields=("counted_at",),
                name="ballot_waiting_to_be_taken_up",
                condition=Q(standing="binding", counted_at__isnull=False, taken_up_at=None),
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="ballot_opens_before_it_closes",
                condition=Q(opens_at__lt=F("closes_at")),
                violation_error_message=_("The ballot opens before it closes."),
            ),
            models.CheckConstraint(
                name="ballot_cut_off_by_the_opening",
                condition=Q(cut_off_at=None) | Q(cut_off_at__lte=F("opens_at")),
                violation_error_message=_("The cut-off is not after the opening."),
            ),
            models.CheckConstraint(
                name="ballot_fills_a_seat",
                condition=Q(seats__gte=1),
                violation_error_message=_("A ballot fills at least one seat."),
            ),
            models.CheckConstraint(
                name="ballot_opened_whole",
                condition=Q(opened_at=None)
                | Q(
                    public_key__isnull=False,
                    definition__isnull=False,
                    roll_size__isnull=False,
                    list_minimum__isnull=False,
                    cut_off_at__isnull=False,
                ),
                violation_error_message=_("A ballot opens with its key, its definition and its roll."),
            ),
            models.CheckConstraint(
                # Given up after its opening: the matter itself was taken back, and no vote can be opened again.
                name="ballot_withdrawn_keeps_no_key",
                condition=Q(withdrawn_at=None)
                | Q(private_key_wrapped=None, counted_at=None, standing="binding")
                | Q(opened_at=None),
                violation_error_message=_("A ballot that was given up has no key and no result."),
            ),
            models.CheckConstraint(
                name="ballot_not_closed_early",
                condition=Q(closed_at=None) | Q(opened_at__isnull=False, closed_at__gte=F("closes_at")),
                violation_error_message=_("A ballot is not closed before its time."),
            ),
            models.CheckConstraint(
                name="ballot_counted_whole",
                condition=Q(counted_at=None)
                | Q(closed_at__isnull=False, result__isnull=False, private_key_wrapped=None),
                violation_error_message=_("A counted ballot is closed, has a result, and its key is gone."),
            ),
        )

    def __str__(self) -> str:
        return self.question

    def get_absolute_url(self) -> str:
        """The ballot's own page."""
        return reverse("ballots:ballot_detail", args=[self.pk])

    @property
    def is_indicative(self) -> bool:
        """Whether it decides nothing, and must say so everywhere."""
        return self.standing == self.Standing.INDICATIVE

    @property
    def is_draft(self) -> bool:
        """Whether its terms can still be changed."""
        return self.announced_at is None and self.opened_at is None and self.withdrawn_at is None

    @property
    def terms(self) -> dict[str, Any]:
        """The definition, fixed at the opening; raises NotYetOpen before it."""
        if self.definition is None:
            raise NotYetOpen
        definition: dict[str, Any] = self.definition
        return definition

    @property
    def outcome(self) -> dict[str, Any]:
        """The result; raises NotYetCounted before the count."""
        if self.result is None:
            raise NotYetCounted
        result: dict[str, Any] = self.result
        return result

    @property
    def is_counted(self) -> bool:
        """Whether there is a result."""
        return self.counted_at is not None

    def is_open_at(self, at: datetime) -> bool:
        """Whether a vote can be cast at `at`; the same as `open_at` says of a set."""
        return (
            self.opened_at is not None
            and self.closed_at is None
            and self.withdrawn_at is None
            and self.opened_at <= at < self.closes_at
        )

    def status_label(self, at: datetime) -> Promise:
        """Where the ballot stands at `at`, in words: the one place where its stamps become a status."""
        labels = (
            (self.withdrawn_at, _("withdrawn")),
            (self.counted_at, _("counted")),
            (self.stopped_at, _("closed, its count stopped by an alarm")),
            (self.closed_at, _("closed, being counted")),
            (self.opened_at and self.closes_at <= at, _("closing")),
            (self.opened_at, _("open")),
            (self.announced_at, _("announced")),
        )
        return next((label for fact, label in labels if fact), _("draft"))

    def take_up(self, *, at: datetime) -> None:
        """Stamps that the decision which asked for it has its result; within that one's transaction."""
        self.taken_up_at = at
        self.save(update_fields=["taken_up_at"])

    def stopping_keys(self) -> set[str]:
        """Of several seats: the options, by key, behind which nobody is seated. None where there is one seat."""
        return {option.key for option in self.options.all() if option.stays_last} if self.seats > 1 else set()

    def assemblies(self) -> list[Assembly]:
        """The assemblies whose members vote, the ballot's own first."""
        others = self.together_with.exclude(pk=self.assembly_id).order_by("name")
        return [self.assembly, *others]


class Option(models.Model):
    """One of the things to be scored."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="options", verbose_name=_("ballot"))
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=120)
    statement = models.TextField(_("statement"), blank=True, help_text=_("Shown below the name. Markdown."))
    stays_last = models.BooleanField(
        _("stays last"),
        default=False,
        help_text=_("For “leave things as they are” and “re-open nominations”."),
    )
    lot_place = models.PositiveSmallIntegerField(_("place in the lot order"), null=True, editable=False)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=("ballot", "position"),
                name="option_place_once",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message=_("Two options stand in the same place."),
            ),
            models.UniqueConstraint(
                fields=("ballot", "name"),
                name="option_name_once",
                violation_error_message=_("Two options have the same name."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """What the option is called in votes, results and downloads."""
        return str(self.position)


class RollEntry(models.Model):
    """One voter's place on the roll of one ballot, and in it, until the count, their sealed vote.

    One row a voter, so one vote a voter: a second vote replaces the first. Nothing here tells when a vote came.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="roll")
    person = models.ForeignKey(Person, models.PROTECT, related_name="roll_entries")
    reason = models.CharField(_("why on the roll"), max_length=250)
    envelope = models.BinaryField(null=True, editable=False)
    voted = models.BooleanField(
        _("voted"), null=True, editable=False, help_text=_("Known once it is counted.")
    )

    class Meta:
        verbose_name = _("roll entry")
        verbose_name_plural = _("roll entries")
        constraints = (
            models.UniqueConstraint(fields=("ballot", "person"), name="roll_entry_once"),
            models.CheckConstraint(
                name="roll_entry_envelope_gone_after_the_count", condition=Q(voted=None) | Q(envelope=None)
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def has_voted(self) -> bool:
        """Whether a vote lies here sealed, or lay here at the count. For this voter's own eyes until then."""
        return self.envelope is not None or bool(self.voted)


class VoteQuerySet(models.QuerySet["Vote"]):
    """Sets of votes."""

    def grouped(self) -> Iterator[tuple[tuple[int, ...], int]]:
        """Equal votes together, each with how many there are: what `star.count` takes, one by one."""
        rows = self.order_by().values_list("scores").annotate(n=models.Count("*")).values_list("scores", "n")
        return ((tuple(scores), n) for scores, n in rows.iterator(chunk_size=5000))


class Vote(models.Model):
    """One voter's scores as counted, in the order of the options, under a tracker that only they know.

    Written by the count alone, all in one go in order of tracker, with random ids: nothing links a vote to a
    place on the roll.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="votes")
    tracker = models.CharField(max_length=32)
    scores = ArrayField(models.PositiveSmallIntegerField())

    objects = VoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = (models.UniqueConstraint(fields=("ballot", "tracker"), name="vote_tracker_once"),)

    def __str__(self) -> str:
        return self.tracker

"""How an application is verified: who has taken it on, checks, corrections, contacts, questions, the copy (D16)."""

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from defections import vault
from defections.models.application import Application, Evidence
from members.models import Person


class Claim(models.Model):
    """A cleared volunteer has taken the application on, until they let go of it."""

    class Why(models.TextChoices):
        """Why somebody let go."""

        HANDED_ON = "handed_on", _("For another volunteer to take on")
        CONFLICT = "conflict", _("A conflict: they know the applicant, or have a stake in the outcome")
        FINISHED = "finished", _("The research is finished")

    application = models.ForeignKey(Application, models.CASCADE, related_name="claims")
    person = models.ForeignKey(Person, models.PROTECT, related_name="claims", verbose_name=_("volunteer"))
    claimed_at = models.DateTimeField(_("taken on"))
    let_go_at = models.DateTimeField(_("let go"), null=True)
    let_go_because = models.CharField(_("why they let go"), max_length=10, choices=Why, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ("claimed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("application",),
                condition=Q(let_go_at=None),
                name="claim_one_at_a_time",
                violation_error_message=_("Somebody has taken this application on already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.application}, {self.person}"


class Conflict(models.Model):
    """Somebody cleared has said that they cannot be impartial about an application; they are kept from it."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="conflicts")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("volunteer"))
    declared_at = models.DateTimeField(_("declared"))

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        ordering = ("declared_at",)
        constraints = (models.UniqueConstraint(fields=("application", "person"), name="conflict_once"),)

    def __str__(self) -> str:
        return f"{self.application}, {self.person}"


class Check(models.Model):
    """One line of the checklist: what was found about one item of data, by whom."""

    class Finding(models.TextChoices):
        """What was found."""

        CONFIRMED = "confirmed", _("Confirmed")
        DOUBTFUL = "doubtful", _("Doubtful")
        UNCHECKABLE = "uncheckable", _("Could not be checked")

    application = models.ForeignKey(Application, models.CASCADE, related_name="checks")
    item = models.CharField(_("item"), max_length=64)  # a key of the catalogue
    finding = models.CharField(_("finding"), max_length=12, choices=Finding)
    note_sealed = models.BinaryField(editable=False)
    evidence = models.ManyToManyField(Evidence, blank=True, related_name="checks")
    checked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("checked by"))
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("application", "item"), name="check_once_an_item"),)

    def __str__(self) -> str:
        return f"{self.item}: {self.get_finding_display()}"

    @staticmethod
    def place(application: Application, item: str) -> str:
        """The place that the note on an item is sealed for."""
        return vault.place_of("application", application.pk, f"check:{item}")

    @property
    def note(self) -> str:
        """How it was checked. Raises Erased or VaultError."""
        return self.application.unseal(self.note_sealed, self.place(self.application, self.item))


class Correction(models.Model):
    """What one item of data turned out to be; the applicant's answer itself stays as it was given.

    Sealed under the application's key, as the answer is, and written as the catalogue writes the item.
    """

    class Source(models.TextChoices):
        """Where it came from."""

        APPLICANT = "applicant", _("The applicant said so: in an answer, or when you spoke")
        RESEARCH = "research", _("The research found it out")

    application = models.ForeignKey(Application, models.CASCADE, related_name="corrections")
    item = models.CharField(_("item"), max_length=64)  # the key of a line, as of a Check
    value_sealed = models.BinaryField(editable=False)
    source = models.CharField(_("where it came from"), max_length=9, choices=Source)
    how_sealed = models.BinaryField(editable=False)
    corrected_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("corrected by"))
    corrected_at = models.DateTimeField(_("corrected"))

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("application", "item"), name="correction_once_an_item"),
            models.CheckConstraint(
                name="correction_has_a_source",
                condition=Q(source__in=("applicant", "research")),
                violation_error_message=_("Say where the correction comes from."),
            ),
        )

    def __str__(self) -> str:
        return self.item

    @staticmethod
    def place(application: Application, item: str, part: str) -> str:
        """The place that the "value" or the "how" of a correction is sealed for."""
        return vault.place_of("application", application.pk, f"correction:{item}:{part}")

    @property
    def value(self) -> Any:
        """What it is, as the catalogue writes it; "" for nothing. Raises Erased or VaultError."""
        return self.application.unseal(self.value_sealed, self.place(self.application, self.item, "value"))

    @property
    def how(self) -> str:
        """How it is known. Raises Erased or VaultError."""
        return self.application.unseal(self.how_sealed, self.place(self.application, self.item, "how"))


class Contact(models.Model):
    """One contact in the course of the research: with the applicant themselves, or with somebody else."""

    class Way(models.TextChoices):
        """How."""

        PHONE = "phone", _("By phone")
        VIDEO = "video", _("By video call")
        PERSON = "person", _("In person")
        EMAIL = "email", _("By email")
        POST = "post", _("By post")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="contacts")
    way = models.CharField(_("how"), max_length=8, choices=Way)
    is_direct = models.BooleanField(_("with the applicant themselves"))
    was_reached = models.BooleanField(_("they were reached"))
    note_sealed = models.BinaryField(editable=False)
    contacted_at = models.DateTimeField(_("when"))
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    entered_at = models.DateTimeField(_("entered"))

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("contacted_at",)

    def __str__(self) -> str:
        return f"{self.get_way_display()}, {self.contacted_at:%Y-%m-%d}"

    @property
    def note(self) -> str:
        """Who was spoken to and what was said. Raises Erased or VaultError."""
        return self.application.unseal(self.note_sealed, vault.place_of("contact", self.pk, "note"))


class QueryQuerySet(models.QuerySet["Query"]):
    """Sets of questions to applicants."""

    def waiting(self) -> "QueryQuerySet":
        """Neither answered nor taken back."""
        return self.filter(answered_at=None, taken_back_at=None)


class Query(models.Model):
    """A question of the research to the applicant, and their answer on their page."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="queries")
    question_sealed = models.BinaryField(editable=False)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    answer_sealed = models.BinaryField(null=True, editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True)
    taken_back_at = models.DateTimeField(_("taken back"), null=True)

    objects = QueryQuerySet.as_manager()

    class Meta:
        verbose_name = _("question to the applicant")
        verbose_name_plural = _("questions to the applicant")
        ordering = ("asked_at",)
        constraints = (
            models.CheckConstraint(
                name="query_answered_or_taken_back",
                condition=Q(answered_at=None) | Q(taken_back_at=None),
                violation_error_message=_("A question is answered or taken back, not both."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def question(self) -> str:
        """What was asked. Raises Erased or VaultError."""
        return self.application.unseal(self.question_sealed, vault.place_of("query", self.pk, "question"))

    @property
    def answer(self) -> str:
        """What the applicant answered, or "". Raises Erased or VaultError."""
        if self.answer_sealed is None:
            return ""
        return self.application.unseal(self.answer_sealed, vault.place_of("query", self.pk, "answer"))


class SanitisedCopy(models.Model):
    """What the assembly gets (D17): built from the catalogue's allow-list, reviewed, released by a second person.

    It has a key of its own, since it is kept for another time than what the applicant gave.
    """

    application = models.OneToOneField(Application, models.CASCADE, related_name="copy")
    key_wrapped = models.BinaryField(null=True, editable=False)  # null: erased
    content_sealed = models.BinaryField(null=True, editable=False)  # see defections.sanitising
    review_sealed = models.BinaryField(
        null=True, editable=False
    )  # under the application's key: how it was made
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made"))
    makers = ArrayField(
        models.UUIDField(),
        verbose_name=_("makers"),
        default=list,
        editable=False,
        help_text=_("Everybody who had a part in making it: none of them releases it."),
    )
    prepared_at = models.DateTimeField(
        _("prepared"), null=True, help_text=_("Waits since then for a second person to release it.")
    )
    released_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("released by")
    )
    released_at = models.DateTimeField(_("released"), null=True)
    erased_at = models.DateTimeField(_("erased"), null=True)

    class Meta:
        verbose_name = _("sanitised copy")
        verbose_name_plural = _("sanitised copies")
        constraints = (
            models.CheckConstraint(
                name="sanitisedcopy_released_by_a_second",
                condition=Q(released_by=None) | ~Q(released_by=models.F("made_by")),
                violation_error_message=_("Somebody other than its maker releases the copy."),
            ),
            models.CheckConstraint(
                name="sanitisedcopy_released_by_no_maker",
                condition=Q(released_by=None) | ~Q(makers__contains=[F("released_by")]),
                violation_error_message=_("Somebody who had no part in making the copy releases it."),
            ),
            models.CheckConstraint(
                name="sanitisedcopy_released_once_prepared",
                condition=Q(released_at=None) | Q(prepared_at__isnull=False),
                violation_error_message=_("A copy is prepared before it is released."),
            ),
            models.CheckConstraint(
                name="sanitisedcopy_released_whole",
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
            ),
            models.CheckConstraint(
                name="sanitisedcopy_erased_whole",
                condition=Q(erased_at=None, key_wrapped__isnull=False, content_sealed__isnull=False)
                | Q(erased_at__isnull=False, key_wrapped=None, content_sealed=None),
            ),
        )

    def __str__(self) -> str:
        return str(self.application)

    def was_made_by(self, person: Person) -> bool:
        """Whether the person had any part in making it, so that somebody else releases it."""
        return person.pk == self.made_by_id or person.pk in self.makers

    @property
    def waits_for_release(self) -> bool:
        """Prepared, and neither released nor erased."""
        return self.prepared_at is not None and self.released_at is None and self.erased_at is None

    @property
    def key_context(self) -> str:
        """What its key is bound to in the keyring."""
        return f"defections.copy:{self.application_id}"

    def seal_content(self, content: dict[str, Any]) -> None:
        """Seals the content under the copy's own key, made if there is none; the row is not saved."""
        if self.key_wrapped is None:
            self.key_wrapped = vault.new_key(self.key_context)
        self.content_sealed = vault.seal(
            self.key_wrapped, content, key_context=self.key_context, place=self._place
        )

    @property
    def content(self) -> dict[str, Any]:
        """The content by keys of the catalogue. Raises Erased or VaultError."""
        return vault.unseal(
            self.key_wrapped, self.content_sealed or b"", key_context=self.key_context, place=self._place
        )

    def seal_review(self, review: dict[str, Any]) -> None:
        """Seals how the copy was made, under the application's key; the row is not saved."""
        self.review_sealed = self.application.seal(review, self._review_place)

    @property
    def review(self) -> dict[str, Any]:
        """How the copy was made: what it was made of, each redaction, what was sent back. Raises Erased."""
        if self.review_sealed is None:
            return {}
        opened: dict[str, Any] = self.application.unseal(self.review_sealed, self._review_place)
        return opened

    @property
    def _review_place(self) -> str:
        return vault.place_of("copy", self.application_id, "review")

    @property
    def _place(self) -> str:
        return vault.place_of("copy", self.application_id, "content")

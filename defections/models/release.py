"""FormRelease: one dated version of the defection form; Passage: one of its notices or pledges."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models import Person


class FormReleaseQuerySet(models.QuerySet["FormRelease"]):
    """Sets of releases."""

    def published(self) -> "FormReleaseQuerySet":
        """Those that have been published, the newest first."""
        return self.filter(published_at__isnull=False).order_by("-published_at")

    def current(self) -> "FormRelease | None":
        """The one that new applications are made on: the latest published, or None."""
        return self.published().first()


class FormRelease(models.Model):
    """A version of the form with the wording that applicants agree to; never changed after publication (D2, D3).

    The database itself refuses to change or delete a published release and its passages.
    """

    number = models.PositiveIntegerField(_("number"), unique=True)
    released_on = models.DateField(_("date of release"), null=True, blank=True)
    party_name = models.CharField(_("name of the party"), max_length=120, default="Harmony Party")
    logo = models.BinaryField(_("logo"), null=True, blank=True, editable=False)  # a PNG, re-encoded
    kernel = models.TextField(_("Ethical Kernel, in full"), blank=True)
    principles = models.TextField(
        _("Four Principles"), blank=True, help_text=_("One on each line: four lines.")
    )
    is_demonstration = models.BooleanField(
        _("demonstration text"),
        default=False,
        help_text=_("Says on every page that the wording is a sample."),
    )
    made_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    published_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published"), null=True)

    objects = FormReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("form release")
        verbose_name_plural = _("form releases")
        ordering = ("-number",)
        constraints = (
            models.CheckConstraint(
                name="formrelease_published_whole",
                condition=Q(published_at=None)
                | (Q(released_on__isnull=False) & ~Q(kernel="") & ~Q(principles="") & ~Q(party_name="")),
                violation_error_message=_(
                    "A published release has its date, the party’s name and the Kernel."
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.party_name} {self.number}"

    @property
    def is_published(self) -> bool:
        """Whether it can be applied on, and not be changed any more."""
        return self.published_at is not None

    def principle_list(self) -> list[str]:
        """The principles, one by one."""
        return [line.strip() for line in self.principles.splitlines() if line.strip()]


class Passage(models.Model):
    """A notice that the form gives, or a pledge that it asks for, word for word."""

    class Key(models.TextChoices):
        """Which one; the policy asks for each (D4, D5, D6, D13)."""

        READERS = "readers", _("Notice: who reads the form (D6)")
        RESELECTION = (
            "reselection",
            _("Notice: failing the principles may lead to mandatory reselection (D4)"),
        )
        PRIVATE_BREACH = (
            "private_breach",
            _("Notice: a breach about private accounts may lead to reselection (D13)"),
        )
        DATA = "data", _("Notice: what happens with the data, and for how long")
        PRINCIPLES = "principles", _("Pledge: to seek to adhere to the Four Principles if elected (D4)")
        CONSENSUS = "consensus", _("Pledge: to follow Party Consensus if accepted (D5)")
        PRIVACY = "privacy", _("Pledge: to keep private accounts private from now on (D13)")
        TRUTH = "truth", _("Declaration: what was given is true and complete")

    release = models.ForeignKey(
        FormRelease, models.CASCADE, related_name="passages", verbose_name=_("release")
    )
    key = models.CharField(_("which"), max_length=16, choices=Key)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("notice or pledge")
        verbose_name_plural = _("notices and pledges")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("release", "key"),
                name="passage_once",
                violation_error_message=_("The release has this notice or pledge already."),
            ),
            models.CheckConstraint(
                name="passage_says_something",
                condition=~Q(text=""),
                violation_error_message=_("Write the text."),
            ),
        )

    def __str__(self) -> str:
        return self.get_key_display()


NOTICES = (Passage.Key.READERS, Passage.Key.RESELECTION, Passage.Key.PRIVATE_BREACH, Passage.Key.DATA)
PLEDGES = (Passage.Key.PRINCIPLES, Passage.Key.CONSENSUS, Passage.Key.PRIVACY, Passage.Key.TRUTH)

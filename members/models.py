"""Person: anyone with an account. Membership and Suspension: who is a member of the party, and when."""

import uuid
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ledger import events, keyring
from members import births
from members.digest_time import Frequency, first_due, next_due
from members.errors import BirthGivenOnceError
from members.fields import refuse_unsendable


class PersonQuerySet(models.QuerySet["Person"]):
    """Sets of people."""

    def due_for_digest(self, at: datetime) -> "PersonQuerySet":
        """Whose digest is due at `at`, those who wait longest first."""
        return self.filter(digest_due_at__lte=at).order_by("digest_due_at", "pk")

    def members_at(self, at: datetime) -> "PersonQuerySet":
        """Those who hold a membership in force at `at`: begun, not lapsed, not ended, not suspended (P3)."""
        return self.filter(
            Exists(Membership.objects.in_force_at(at).filter(person=OuterRef("pk"))),
            ~Exists(Suspension.objects.in_force_at(at).filter(person=OuterRef("pk"))),
        )


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    """Makes accounts, as Django's commands and allauth expect it."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """An account with this address; without a password it can be entered by emailed code only."""
        if not email:
            raise ValueError("An account needs an email address.")
        person: Person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """An account that may do everything in Django admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """Anyone with an account (a participant). Whether they are a member is for `Membership` to say."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("email address"), unique=True, validators=[refuse_unsendable])
    name = models.CharField(
        _("name"), max_length=120, help_text=_("The name by which other people here see this person.")
    )
    date_of_birth_sealed = models.BinaryField(null=True, editable=False)
    date_of_birth_erased_at = models.DateTimeField(_("date of birth erased"), null=True, editable=False)
    is_active = models.BooleanField(_("can log in"), default=True)
    is_staff = models.BooleanField(_("site staff"), default=False, help_text=_("May enter Django admin."))
    date_joined = models.DateTimeField(_("account made"), default=timezone.now)
    digest = models.CharField(_("digest"), max_length=6, choices=Frequency, default=Frequency.WEEKLY)
    digest_due_at = models.DateTimeField(_("next digest"), null=True, default=first_due, editable=False)
    digest_told_at = models.DateTimeField(
        _("news told up to"),
        default=timezone.now,
        editable=False,
        help_text=_("When the last digest was made."),
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="person_email_whatever_case",
                violation_error_message=_("There is an account with this email address already."),
            ),
            models.CheckConstraint(
                name="person_digest_due_unless_never",
                condition=Q(digest=Frequency.NONE, digest_due_at=None)
                | (~Q(digest=Frequency.NONE) & Q(digest_due_at__isnull=False)),
                violation_error_message=_("A digest is due unless none is wanted."),
            ),
        )
        indexes = (
            models.Index(
                fields=("digest_due_at", "id"),
                name="person_digest_due",
                condition=Q(digest_due_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def last_login(self) -> datetime | None:  # type: ignore[override]
        """In place of Django's column, which is not kept: when the account was made, or None before any log-in.

        allauth asks only whether somebody has logged in before; nobody does without an address that is verified.
        """
        verified = self.emailaddress_set.filter(verified=True)  # type: ignore[attr-defined]  # allauth's table
        return self.date_joined if verified.exists() else None

    def get_full_name(self) -> str:
        """The name by which others see this person."""
        return self.name

    def get_short_name(self) -> str:
        """The same name: names have no parts here."""
        return self.name

    def is_member_at(self, at: datetime) -> bool:
        """Whether this person holds a membership in force at `at` (A3, P3)."""
        return Person.objects.members_at(at).filter(pk=self.pk).exists()

    @property
    def date_of_birth(self) -> date | None:
        """The date of birth, or None where it was never given. Raises KeyringError if it does not open."""
        if self.date_of_birth_sealed is None:
            return None
        opened = keyring.current().unwrap(
            "person", bytes(self.date_of_birth_sealed), context=self._birth_context
        )
        return date.fromisoformat(opened.decode())

    @date_of_birth.setter
    def date_of_birth(self, born: date | None) -> None:
        """Seals the date under the keyring; None erases it. The row is not saved."""
        self.date_of_birth_sealed = (
            None
            if born is None
            else keyring.current().wrap("person", born.isoformat().encode(), context=self._birth_context)
        )

    @transaction.atomic
    def rename(self, name: str, *, by: "Person", at: datetime) -> None:
        """Changes the name that others see; `by` is who does it."""
        person = Person.objects.select_for_update().get(pk=self.pk)
        person.name = self.name = name
        person.save(update_fields=["name"])
        events.record("person.renamed", person, at=at, by=by.pk)

    def set_digest(self, frequency: str, *, at: datetime) -> None:
        """Sets how often the person gets a digest, from `at` on; the row is not saved."""
        if frequency == self.digest:
            return
        if self.digest == Frequency.NONE:
            self.digest_told_at = at
        self.digest, self.digest_due_at = Frequency(frequency), next_due(frequency, at)

    @property
    def may_give_date_of_birth(self) -> bool:
        """Whether it has not been given; once given it stays, and once erased it is given again through staff."""
        return self.date_of_birth_sealed is None and self.date_of_birth_erased_at is None

    @transaction.atomic
    def give_date_of_birth(self, born: date, *, by: "Person", at: datetime) -> None:
        """Keeps the date of birth, sealed, and has whatever depends on ages worked out anew (members.births).

        People give their own once: raises BirthGivenOnceError when they have. `by` is themselves, or whoever of
        the staff puts it right.
        """
        row = Person.objects.select_for_update(no_key=True).get(pk=self.pk)
        if by.pk == self.pk and not row.may_give_date_of_birth:
            raise BirthGivenOnceError(
                _("You have given your date of birth already. To put it right, ask the site’s staff.")
            )
        self.date_of_birth = born
        self._keep_birth("person.date_of_birth_given", erased_at=None, by=by, at=at)

    @transaction.atomic
    def erase_date_of_birth(self, *, by: "Person", at: datetime) -> None:
        """Erases the date of birth; taking part where there is an age limit ends with it."""
        Person.objects.select_for_update(no_key=True).get(pk=self.pk)
        self.date_of_birth = None
        self._keep_birth("person.date_of_birth_erased", erased_at=at, by=by, at=at)

    @transaction.atomic
    def ask_date_of_birth_anew(self, *, by: "Person", at: datetime) -> None:
        """Staff take away a wrong date of birth, which they never see: the person can give the right one."""
        Person.objects.select_for_update(no_key=True).get(pk=self.pk)
        self.date_of_birth = None
        self._keep_birth("person.date_of_birth_asked_anew", erased_at=None, by=by, at=at)

    def _keep_birth(self, verb: str, *, erased_at: datetime | None, by: "Person", at: datetime) -> None:
        self.date_of_birth_erased_at = erased_at
        self.save(update_fields=["date_of_birth_sealed", "date_of_birth_erased_at"])
        events.record(verb, self, at=at, by=by.pk)
        births.tell(self, at)

    @property
    def _birth_context(self) -> str:
        return f"members.person:{self.pk}:date_of_birth"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Sets of memberships."""

    def in_force_at(self, at: datetime) -> "MembershipQuerySet":
        """Begun at or before `at`, and neither lapsed nor ended by then: [began_at, lapses_at)."""
        return self.filter(
            Q(lapses_at=None) | Q(lapses_at__gt=at), Q(ended_at=None) | Q(ended_at__gt=at), began_at__lte=at
        )

    def due_to_enrol(self, at: datetime) -> "MembershipQuerySet":
        """Begun at or before `at`, in force or not, and not seen to by the clock."""
        return self.filter(enrolled_at=None, began_at__lte=at)


class Membership(models.Model):
    """One person's membership of the party, from when to when. A renewal moves `lapses_at`."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships", verbose_name=_("person"))
    began_at = models.DateTimeField(_("began"))
    lapses_at = models.DateTimeField(
        _("lapses"), null=True, blank=True, help_text=_("When it ends unless it is renewed. Empty: never.")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    enrolled_at = models.DateTimeField(
        _("enrolled"),
        null=True,
        editable=False,
        help_text=_("When the clock saw to what a membership brings. Empty: at the next sweep."),
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        indexes = (
            models.Index(fields=("began_at",), name="membership_to_enrol", condition=Q(enrolled_at=None)),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("person",),
                condition=Q(ended_at=None),
                name="membership_one_not_ended",
                violation_error_message=_("This person has a membership already: renew it instead."),
            ),
            models.CheckConstraint(
                condition=Q(lapses_at=None) | Q(lapses_at__gt=F("began_at")),
                name="membership_lapses_after_it_began",
                violation_error_message=_("A membership lapses after it began."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="membership_ends_after_it_began",
                violation_error_message=_("A membership ends after it began."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.began_at:%Y-%m-%d}"

    def is_in_force_at(self, at: datetime) -> bool:
        """Whether `at` lies within the membership; the same as `in_force_at` says of a set."""
        return (
            self.began_at <= at
            and (self.lapses_at is None or self.lapses_at > at)
            and (self.ended_at is None or self.ended_at > at)
        )


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    """Sets of suspensions."""

    def in_force_at(self, at: datetime) -> "SuspensionQuerySet":
        """Begun at or before `at` and not over by then: [began_at, ends_at)."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at), began_at__lte=at)


class Suspension(models.Model):
    """A stretch of time in which a member keeps no vote (P3)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="suspensions", verbose_name=_("person"))
    began_at = models.DateTimeField(_("began"))
    ends_at = models.DateTimeField(
        _("ends"), null=True, blank=True, help_text=_("Empty: until it is lifted.")
    )
    reason = models.TextField(_("reason"))

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("began_at")),
                name="suspension_ends_after_it_began",
                violation_error_message=_("A suspension ends after it began."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.began_at:%Y-%m-%d}"

    def is_in_force_at(self, at: datetime) -> bool:
        """Whether `at` lies within the suspension; the same as `in_force_at` says of a set."""
        return self.began_at <= at and (self.ends_at is None or self.ends_at > at)


class MutedStream(models.Model):
    """A kind of mail that somebody does not want; where there is no row they get it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="muted_streams", verbose_name=_("person"))
    stream = models.CharField(_("stream"), max_length=20)
    muted_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("kind of mail not wanted")
        verbose_name_plural = _("kinds of mail not wanted")
        constraints = (
            models.UniqueConstraint(
                fields=("stream", "person"),
                name="muted_stream_once",
                violation_error_message=_("This person gets no such mails already."),
            ),
        )

    def __str__(self) -> str:
        return self.stream

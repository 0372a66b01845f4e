"""Feed: the secret address by which somebody's own calendar follows gatherings."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from members.models import Person


class Feed(models.Model):
    """A calendar feed of one person: of all that concerns them, or of one assembly's gatherings.

    Its address is the signed `nonce`: a new nonce is a new address, and the old one stops working.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="feeds", verbose_name=_("person"))
    assembly = models.ForeignKey(
        Assembly, models.PROTECT, null=True, related_name="+", verbose_name=_("assembly")
    )
    nonce = models.UUIDField(_("current address"), default=uuid.uuid4, unique=True, editable=False)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        constraints = (
            models.UniqueConstraint(
                fields=("person",),
                condition=Q(assembly=None),
                name="feed_one_of_a_person",
                violation_error_message=_("Everybody has one feed of their own."),
            ),
            models.UniqueConstraint(
                fields=("person", "assembly"),
                condition=Q(assembly__isnull=False),
                name="feed_one_of_an_assembly",
                violation_error_message=_("Everybody has one feed of an assembly."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.assembly or '*'}"

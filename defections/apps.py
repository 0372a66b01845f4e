"""The defections' floor as a Django app."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _

from assemblies import panels
from decisions import matter_panels, watchers
from decisions.watchers import Moment


class DefectionsConfig(AppConfig):
    """Officials who come over from elsewhere."""

    name = "defections"
    verbose_name = _("Defections")

    def ready(self) -> None:
        """Watches the matters and gatherings of cases; adds to their pages and to those of areas' assemblies."""
        watchers.watch(Moment.BEFORE_SCHEDULING, "defections.hustings.issues_before_scheduling")
        watchers.watch(Moment.BEFORE_HOLDING, "defections.hustings.issues_before_holding")
        watchers.watch(Moment.GATHERING_CALLED, "defections.hustings.invite")
        watchers.watch(Moment.GATHERING_CHANGED, "defections.hustings.follow")
        watchers.watch(Moment.GATHERING_CALLED_OFF, "defections.hustings.tell_called_off")
        watchers.watch(Moment.SETTLED, "defections.membership.take_up")
        watchers.watch(Moment.BEFORE_FOLLOWING_UP, "defections.letters.issues_before_following_up")
        watchers.watch(Moment.STEPS, "defections.needs.steps")
        watchers.watch(Moment.REFERRAL_READ, "defections.bars.told")
        watchers.watch(Moment.REFERRAL_DECIDED, "defections.bars.tell_outcome")
        from defections import concerned  # noqa: PLC0415 - needs the models, which are there only now

        post_save.connect(
            concerned.on_saved, sender=settings.AUTH_USER_MODEL, dispatch_uid="defections.concerned"
        )
        matter_panels.register("defections/case/_stages.html", "defections.case.panels.stages", place=1)
        matter_panels.register("defections/case/_running.html", "defections.case.panels.running", place=2)
        matter_panels.register("defections/case/_copy.html", "defections.case.panels.copy", place=3)
        matter_panels.register(
            "defections/societies/_matter_panel.html", "defections.societies.panels.of_matter", place=8
        )
        panels.register("defections/office/_assembly_panel.html", "defections.office.panels.gather", place=9)
        panels.register(
            "defections/societies/_assembly_panel.html", "defections.societies.panels.gather", place=8
        )

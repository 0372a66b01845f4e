"""What the parts add to the applicant's own page: they register here when the app starts (see apps.py)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string

from defections.models import Application


@dataclass(frozen=True)
class Panel:
    """A part of the page, shown by `template`. Lower `place`s come first; the stage stands above all of them.

    `gather` names a function: given the application and the moment, it returns what the template is given as
    `panel`, or None where there is nothing to show.
    """

    place: int
    template: str
    gather: str


# A line for each: what asks for the applicant first, then the way so far; withdrawing and one's data last.
PANELS: tuple[Panel, ...] = (
    Panel(10, "defections/desk/_questions.html", "defections.desk.panels.questions"),
    Panel(12, "defections/case/_bar.html", "defections.case.applicant_panels.bar"),
    Panel(11, "defections/office/_email_panel.html", "defections.office.panels.email"),
    Panel(15, "defections/case/_invitation.html", "defections.case.applicant_panels.invitation"),
    Panel(20, "defections/case/_letter.html", "defections.case.applicant_panels.letter"),
    Panel(25, "defections/case/_stages.html", "defections.case.applicant_panels.stages"),
    Panel(90, "defections/case/_withdraw.html", "defections.case.applicant_panels.way_out"),
    Panel(95, "defections/office/_data_panel.html", "defections.office.panels.data"),
)


def shown(application: Application, at: datetime) -> list[tuple[str, dict[str, Any]]]:
    """The (template, contents) of each panel that has something to show to this applicant."""
    ordered = sorted(PANELS, key=lambda panel: (panel.place, panel.template))
    gathered = ((panel.template, import_string(panel.gather)(application, at)) for panel in ordered)
    return [(template, contents) for template, contents in gathered if contents is not None]

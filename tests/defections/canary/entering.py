"""The paper's part of the story: one of the general secretary's people enters what came by post (D15)."""

from django.utils import timezone

from assemblies.models import Assembly
from defections.models import Application, FormRelease
from harmony.time import london_day
from tests.defections.canary import applying, files
from tests.defections.canary.markers import Given
from tests.defections.canary.walking import Walker


def enter(clerk: Walker, given: Given, constituency: Assembly) -> Application:
    """Notes the arrival, fills in the pages of the form, attaches the scans, hands it over."""
    clerk.get("defections:paper_list")
    clerk.get("defections:paper_begin")
    _begin(clerk, given)
    clerk.get("defections:task_list")
    applying.fill_in(clerk, given, constituency)
    _scan(clerk, given)
    clerk.get("defections:form_check")
    clerk.get("defections:paper_hand_over")
    clerk.post("defections:paper_hand_over", status=200)
    clerk.get("defections:paper_list")
    return Application.objects.get(origin=Application.Origin.POST)


def _begin(clerk: Walker, given: Given) -> None:
    today, release = london_day(timezone.now()), FormRelease.objects.current()
    assert release is not None
    data = {"origin": "post", "release": release.pk, "email": given("email"), "signed": "on"}
    data |= {"arrived_on_day": today.day, "arrived_on_month": today.month, "arrived_on_year": today.year}
    clerk.send("defections:paper_begin", data={**data, "kept_where": ""}, status=200)
    clerk.send("defections:paper_begin", data={**data, "kept_where": f"Safe {given('kept where')}"})


def _scan(clerk: Walker, given: Given) -> None:
    """A scan that is no picture is refused; the others are looked at, and one is sent twice and taken out again."""
    clerk.post("defections:paper_scans", file=files.refused(given("refused scan name")), status=200)
    for file in (files.jpeg(given), files.png(given), files.pdf(given), files.png(given)):
        clerk.post("defections:paper_scans", file=file)
    clerk.get("defections:paper_scans")
    scans = Application.objects.get(origin=Application.Origin.POST).evidence.order_by("added_at")
    for scan in scans:
        clerk.get("defections:paper_scan", scan.pk)
    clerk.post("defections:paper_scan_remove", scans.reverse()[0].pk)

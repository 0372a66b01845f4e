"""Duties: what one assembly at a time does for the whole party; given by the file or by staff, never rewritten."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from assemblies import loading
from assemblies.errors import FileRefusedError, WrongMomentError
from assemblies.models import Assembly, Duty
from ledger.models import Event
from members.models import Person
from tests.factories import LONG_AGO, make_assembly, make_person

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)


def file_with(folder: Path, *assemblies: dict[str, object]) -> Path:
    path = folder / "assemblies.json"
    path.write_text(json.dumps({"format": loading.FORMAT, "assemblies": list(assemblies)}), encoding="utf-8")
    return path


def described(name: str, **fields: object) -> dict[str, object]:
    return {"slug": name.lower(), "name": name, "kind": "committee", **fields}


def test_the_party_s_own_file_names_who_has_each_duty() -> None:
    given = {duty: entry.slug for entry in loading.read(loading.OWN_FILE) for duty in entry.duties}
    assert given == {
        "resolutions": "committee-for-resolutions",
        "operations": "operational-working-group",
        "research": "research-working-group",
        "elections": "society-for-elections",
    }


def test_a_file_gives_a_duty_once_and_takes_none_away(tmp_path: Path) -> None:
    entries = loading.read(file_with(tmp_path, described("Ours", duties=["resolutions"])))
    assert loading.load(entries, at=LONG_AGO).charged == ["resolutions"]
    duty = Duty.objects.get()
    assert loading.load(entries, at=timezone.now()).charged == []
    duty.end(at=timezone.now())
    assert loading.load(entries, at=timezone.now()).charged == []
    assert [event.verb for event in Event.objects.about(duty)] == ["duty.began", "duty.ended"]


@pytest.mark.parametrize("duties", [["cooking"], "resolutions", [1]])
def test_a_file_with_an_unknown_duty_is_refused(tmp_path: Path, duties: object) -> None:
    with pytest.raises(FileRefusedError, match="“duties” is not a list of"):
        loading.read(file_with(tmp_path, described("Ours", duties=duties)))


def test_a_file_that_gives_a_duty_twice_is_refused(tmp_path: Path) -> None:
    path = file_with(
        tmp_path, described("Ours", duties=["research"]), described("Theirs", duties=["research"])
    )
    with pytest.raises(FileRefusedError, match="Two assemblies have the duty “research”"):
        loading.read(path)


def test_a_duty_is_one_assembly_s_at_a_time() -> None:
    ours, theirs = make_assembly(), make_assembly()
    first = Duty(assembly=ours, name=Duty.Name.RESEARCH)
    first.begin(at=LONG_AGO)
    with pytest.raises(ValidationError, match="Another assembly has this duty"):
        Duty(assembly=theirs, name=Duty.Name.RESEARCH).begin(at=LONG_AGO)
    now = timezone.now()
    first.end(at=now)
    with pytest.raises(WrongMomentError):
        first.end(at=now)
    Duty(assembly=theirs, name=Duty.Name.RESEARCH).begin(at=now)
    for at, holder in ((LONG_AGO - TICK, None), (LONG_AGO, ours), (now - TICK, ours), (now, theirs)):
        assert Duty.objects.holder_at("research", at) == holder
        assert first.is_in_force_at(at) is (holder == ours)


def test_staff_give_and_end_duties_in_the_admin_and_a_secretary_sees_them(
    assembly: Assembly, secretary: Person
) -> None:
    staff = make_person(is_staff=True, is_superuser=True)
    client, theirs = Client(), Client()
    client.force_login(staff)
    theirs.force_login(secretary)
    sent = {"name": "elections", "assembly": str(assembly.pk)}
    assert client.post("/admin/assemblies/duty/add/", sent).status_code == 302
    duty = Duty.objects.get()
    assert duty.assembly == assembly
    client.post("/admin/assemblies/duty/add/", sent)
    assert Duty.objects.count() == 1
    assert theirs.get("/admin/assemblies/duty/").status_code == 200
    assert theirs.post("/admin/assemblies/duty/add/", sent).status_code == 403
    action = {"action": "end_now", "_selected_action": str(duty.pk)}
    theirs.post("/admin/assemblies/duty/", action)
    duty.refresh_from_db()
    assert duty.ended_at is None
    client.post("/admin/assemblies/duty/", action)
    duty.refresh_from_db()
    assert duty.ended_at is not None
    assert Event.objects.about(duty).count() == 2

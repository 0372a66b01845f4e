"""Form releases in Django admin: drafted, worded, looked at and published by people cleared for operations (D2)."""

from collections.abc import Collection
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies.moving_admin import Asked, Move, MovingAdmin
from defections import releases
from defections.errors import BadFile, Incomplete, WrongMoment
from defections.models import NOTICES, PLEDGES, FormRelease
from defections.office import paper_form, preview
from harmony.http import once
from ledger.narrow_admin import Happened
from members.fields import DayMonthYearField
from members.models import Person

LONGEST_TEXT = 5_000
LONGEST_KERNEL = 60_000
_TEXT = "text_"  # in front of a passage's key: its field's name


class ReleaseForm(forms.Form):
    """All of a draft on one page: nothing is required yet, since publishing says what is missing."""

    released_on = DayMonthYearField(
        label=_("Date of release"), help_text=_("The form bears it. For example, 27 3 2027"), required=False
    )
    party_name = forms.CharField(
        label=_("Name of the party"), max_length=120, error_messages={"required": _("Enter the party’s name")}
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_(
            "A PNG picture under 1 MB, 16 to 2,000 pixels wide and high. Leave empty to keep the present one."
        ),
        widget=forms.FileInput(attrs={"accept": "image/png"}),
    )
    no_logo = forms.BooleanField(label=_("Leave out the logo: the name alone is enough"), required=False)
    kernel = forms.CharField(
        label=_("Ethical Kernel, in full"),
        required=False,
        max_length=LONGEST_KERNEL,
        help_text=_("Leave an empty line between paragraphs."),
        widget=forms.Textarea(attrs={"rows": 20}),
    )
    principles = forms.CharField(
        label=_("The Four Principles"),
        required=False,
        max_length=LONGEST_TEXT,
        help_text=_("One on each line: four lines."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    is_demonstration = forms.BooleanField(
        label=_("This is demonstration text: say on every page that the wording is a sample"), required=False
    )

    def __init__(self, asked: Asked) -> None:
        self.release: FormRelease = asked.row
        super().__init__(asked.data, asked.files, initial=_initial(asked.row))
        for key in (*NOTICES, *PLEDGES):
            self.fields[f"{_TEXT}{key}"] = forms.CharField(
                label=key.label,
                required=False,
                max_length=LONGEST_TEXT,
                widget=forms.Textarea(attrs={"rows": 4}),
            )
        self.order_fields([name for name in self.fields if name != "is_demonstration"])
        self.fields["is_demonstration"] = self.fields.pop("is_demonstration")

    def clean_logo(self) -> bytes | None:
        """The picture as it is kept; None where none was sent."""
        sent = self.cleaned_data.get("logo")
        if not sent:
            return None
        try:
            return releases.logo_from(sent, sent.size)
        except BadFile as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


def _initial(release: FormRelease) -> dict[str, Any]:
    texts = {f"{_TEXT}{passage.key}": passage.text for passage in release.passages.all()}
    names = ("released_on", "party_name", "kernel", "principles", "is_demonstration")
    return {name: getattr(release, name) for name in names} | texts


def _may(_row: FormRelease | None, person: Person, at: datetime) -> None:
    if not releases.may_make(person, at):
        raise PermissionDenied(_now("Only people cleared for the operations duty make and publish the form."))


def _may_change(row: FormRelease, person: Person, at: datetime) -> None:
    _may(row, person, at)
    if row.is_published:
        raise WrongMoment(_now("A published release is never changed. Make a new one: it starts as a copy."))


def _may_publish(row: FormRelease, person: Person, at: datetime) -> None:
    _may_change(row, person, at)
    if issues := releases.issues_before_publishing(row, at):
        raise Incomplete(" ".join(issues))


def _draft(_row: None, *, by: Person, at: datetime) -> FormRelease:
    return releases.draft(by=by, at=at)


def _change(
    row: FormRelease,
    *,
    by: Person,
    at: datetime,
    released_on: date | None,
    logo: bytes | None,
    no_logo: bool,
    **given: Any,
) -> None:
    texts = {name.removeprefix(_TEXT): given.pop(name) for name in list(given) if name.startswith(_TEXT)}
    for name, value in given.items():
        setattr(row, name, value)
    row.released_on = released_on
    if no_logo or logo:
        row.logo = None if no_logo else logo
    releases.change(row, texts, by=by, at=at)


@admin.register(FormRelease)
class FormReleaseAdmin(MovingAdmin):
    """Looked at by whoever is cleared for operations or holds Django's permission; made by the cleared alone."""

    secretaries_may: Collection[str] = ()
    beginning = Move(
        "draft",
        _("Make a new release"),
        _("It starts as a copy of the last one, and nobody applies on it before it is published."),
        _("The draft is there. Change what differs, give it its date, look at the preview, then publish it."),
        _may,
        _draft,
    )
    moves = (
        Move(
            "change",
            _("Change the draft"),
            _("Nothing is required while it is a draft; what is missing is said before it can be published."),
            _("The draft is saved."),
            _may_change,
            _change,
            ReleaseForm,
        ),
        Move(
            "publish",
            _("Publish"),
            _(
                "From this moment on new applications are made on this release. It can never be changed afterwards; "
                "applications begun on an earlier release keep that one."
            ),
            _("The release is published."),
            _may_publish,
            releases.publish,
        ),
        Move(
            "discard",
            _("Discard the draft"),
            _("The draft is deleted with all of its texts. The record keeps that there was one."),
            _("The draft is discarded."),
            _may_change,
            releases.discard,
            warns=True,
        ),
    )
    refusals = (
        (PermissionDenied, HTTPStatus.FORBIDDEN),
        (WrongMoment, HTTPStatus.CONFLICT),
        (Incomplete, HTTPStatus.CONFLICT),
    )
    change_form_template = "admin/defections/formrelease/change_form.html"
    list_display = ("number", "party_name", "released_on", "published_at", "is_demonstration")
    search_fields = ("party_name",)
    list_filter = (("published_at", Happened),)
    fields = (
        *("number", "party_name", "released_on", "is_demonstration", "kernel", "principles"),
        *("made_by", "made_at", "published_by", "published_at"),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The cleared, and by permission."""
        return self._is_cleared(request) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The cleared, and by permission."""
        return self._is_cleared(request) or super().has_module_permission(request)

    @staticmethod
    def _is_cleared(request: HttpRequest) -> bool:
        person = request.user
        if not isinstance(person, Person):
            return False
        return once(request, "makes releases", lambda: releases.may_make(person, timezone.now()))

    def of_those_served(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """They belong to no assembly: all for the cleared, none for secretaries."""
        return rows if self._is_cleared(request) else rows.none()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The release with its texts, what keeps a draft from being published, and the preview."""
        row = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if row is not None:
            context["passages"] = row.passages.all()
            context["preview"] = reverse("admin:defections_formrelease_preview", args=[row.pk])
            context["pages"] = [
                (title, reverse("admin:defections_formrelease_shown", args=[row.pk, key]))
                for key, title in preview.PAGES
            ]
            if not row.is_published:
                context["issues"] = releases.issues_before_publishing(row, timezone.now())
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        """What is looked at before publishing has addresses of its own."""
        view = self.admin_site.admin_view(self.preview_view)
        shown = self.admin_site.admin_view(self.shown_view)
        return [
            path("<path:object_id>/preview/<slug:key>/", shown, name="defections_formrelease_shown"),
            path("<path:object_id>/preview/", view, name="defections_formrelease_preview"),
            *super().get_urls(),
        ]

    def _seen(self, request: HttpRequest, object_id: str) -> FormRelease:
        row: FormRelease | None = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form as it is printed, from this release."""
        row = self._seen(request, object_id)
        back = reverse("admin:defections_formrelease_change", args=[row.pk])
        return paper_form.page(request, row, back=back, is_preview=True)

    def shown_view(self, request: HttpRequest, object_id: str, key: str) -> HttpResponse:
        """A page of the form on the screen, from this release; sending it leads back, and saves nothing."""
        row = self._seen(request, object_id)
        back = reverse("admin:defections_formrelease_change", args=[row.pk])
        if request.method == "POST":
            self.message_user(request, _now("This is a preview: nothing was saved."), messages.INFO)
            return HttpResponseRedirect(back)
        return preview.page(request, row, key, back=back)

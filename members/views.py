"""A person's own account, and logging in again."""

from allauth.account.adapter import get_adapter
from allauth.account.views import LoginView
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from harmony.http import PersonRequest
from members import login_again
from members.account_forms import LogInByPasswordForm
from members.forms import CodeForm, DateOfBirthForm, NameForm
from members.login_again import Outcome, next_page


class LogInByPasswordView(LoginView):
    """Logging in by password, for those who have one."""

    template_name = "members/log_in_by_password.html"

    def get_form_class(self) -> type[LogInByPasswordForm]:
        """The form with the password in it; allauth's own view at account_login asks for a code."""
        return LogInByPasswordForm


log_in_by_password = LogInByPasswordView.as_view()


def account_detail(request: PersonRequest) -> HttpResponse:
    """Who I am here, whether I am a member, and how I log in."""
    now = timezone.now()
    person = request.user
    kinds = [authenticator.type for authenticator in Authenticator.objects.filter(user=person)]
    context = {
        "person": person,
        "membership": person.memberships.in_force_at(now).first(),
        "last_membership": person.memberships.order_by("-began_at").first(),
        "suspension": person.suspensions.in_force_at(now).first(),
        "has_app": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "keeps_records": admin.site.has_business_here(request),  # type: ignore[attr-defined]
    }
    return render(request, "members/account_detail.html", context)


def name_change(request: PersonRequest) -> HttpResponse:
    """Changing the name that others see."""
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        request.user.rename(form.cleaned_data["name"], by=request.user, at=timezone.now())
        messages.success(request, _("Your name is changed."))
        return redirect("members:account_detail")
    return render(request, "members/name_change.html", {"form": form})


@sensitive_post_parameters()
def date_of_birth_change(request: PersonRequest) -> HttpResponse:
    """Giving one's date of birth, once, where a rule needs it; `next` says for which page."""
    now = timezone.now()
    if not request.user.may_give_date_of_birth:
        if request.method == "POST":
            messages.error(
                request,
                _("You have given your date of birth already. To put it right, ask the site’s staff."),
            )
            return redirect("members:date_of_birth_change")
        return render(request, "members/date_of_birth_change.html")
    form = DateOfBirthForm(request.POST or None, at=now)
    if request.method == "POST" and form.is_valid():
        request.user.give_date_of_birth(form.cleaned_data["born"], by=request.user, at=now)
        messages.success(request, _("We have kept your date of birth."))
        wanted = "next" in request.POST
        return redirect(next_page(request) if wanted else "members:account_detail")
    context = {"form": form, "next": next_page(request) if "next" in request.GET else ""}
    return render(request, "members/date_of_birth_change.html", context)


@require_POST
def date_of_birth_erase(request: PersonRequest) -> HttpResponse:
    """Takes one's date of birth back."""
    request.user.erase_date_of_birth(by=request.user, at=timezone.now())
    messages.success(request, _("We have erased your date of birth."))
    return redirect("members:account_detail")


@never_cache
def log_in_again(request: PersonRequest) -> HttpResponse:
    """Why to log in again, and the ways to do it; a POST mails a code."""
    page = next_page(request)
    by_code = login_again.can_use_code(request)
    if request.method == "POST":
        if not by_code:
            raise PermissionDenied(_("A second step guards this account: use that to log in again."))
        if login_again.send_code(request, timezone.now()):
            return redirect(f"{reverse('members:log_in_again_code')}?{urlencode({'next': page})}")
        messages.error(request, _("You asked for a code a moment ago. Wait a little, then ask again."))
    methods = get_adapter().get_reauthentication_methods(request.user)
    context = {
        "methods": [method for method in methods if method["id"] != "code"],
        "by_code": by_code,
        "next": page,
    }
    return render(request, "members/log_in_again.html", context)


@never_cache
@sensitive_post_parameters("code")
def log_in_again_code(request: PersonRequest) -> HttpResponse:
    """Typing in the code that was mailed."""
    page = next_page(request)
    now = timezone.now()
    if not login_again.is_code_sent(request, now):
        return redirect(login_again.address(page))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = login_again.take_code(request, form.cleaned_data["code"], now)
        if outcome is Outcome.RIGHT:
            return redirect(page)
        if outcome is Outcome.GONE:
            messages.error(request, _("That code no longer counts. Ask for another one."))
            return redirect(login_again.address(page))
        form.add_error("code", get_adapter().error_messages["incorrect_code"])
    return render(request, "members/log_in_again_code.html", {"form": form, "next": page})

"""Addresses of a person's own account, beside allauth's."""

from allauth.account import views as account
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

from members import mail_views, views
from members.login_again import fresh_login_required

app_name = "members"
urlpatterns = [
    path("", views.account_detail, name="account_detail"),
    path("name/", views.name_change, name="name_change"),
    path("date-of-birth/", views.date_of_birth_change, name="date_of_birth_change"),
    path("date-of-birth/erase/", views.date_of_birth_erase, name="date_of_birth_erase"),
    path("mails/", mail_views.mail_preferences, name="mail_preferences"),
    path("mails/stop/<str:token>/", mail_views.mail_stop, name="mail_stop"),
    path("again/", views.log_in_again, name="log_in_again"),
    path("again/code/", views.log_in_again_code, name="log_in_again_code"),
    path("login/password/", views.log_in_by_password, name="log_in_by_password"),
    # The keys to an account change hands only after a fresh log-in. allauth asks that of people who have a
    # password or a second step; these stand before its own addresses and ask it of everybody.
    path("email/", fresh_login_required(account.email)),
    path("password/set/", fresh_login_required(account.password_set)),
    path("2fa/totp/activate/", fresh_login_required(totp.activate_totp)),
    path("2fa/totp/deactivate/", fresh_login_required(totp.deactivate_totp)),
    path("2fa/recovery-codes/", fresh_login_required(recovery_codes.view_recovery_codes)),
    path("2fa/recovery-codes/generate/", fresh_login_required(recovery_codes.generate_recovery_codes)),
    path("2fa/recovery-codes/download/", fresh_login_required(recovery_codes.download_recovery_codes)),
    path("2fa/webauthn/add/", fresh_login_required(webauthn.add_webauthn)),
    path("2fa/webauthn/keys/<int:pk>/remove/", fresh_login_required(webauthn.remove_webauthn)),
    path("2fa/webauthn/keys/<int:pk>/edit/", fresh_login_required(webauthn.edit_webauthn)),
]

"""`manage.py makemessages`, which knows the names under which our code imports gettext."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Django's own, with `_now` besides: the name of `gettext` where `_` is its lazy sister."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_now"]

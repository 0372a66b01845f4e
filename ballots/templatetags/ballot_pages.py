"""What the ballots' templates ask: times in London, shares of votes, people's Markdown."""

from datetime import UTC, datetime
from fractions import Fraction

from django import template
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from harmony import text
from harmony.time import LONDON

register = template.Library()


@register.filter
def moment(at: datetime) -> SafeString:
    """A time as people say it in London, within a <time> that machines can read."""
    local = at.astimezone(LONDON)
    words = _("%(day)s at %(time)s") % {
        "day": date_format(local, "l j F Y", use_l10n=False),
        "time": date_format(local, "H:i", use_l10n=False),
    }
    return format_html('<time datetime="{}">{}</time>', f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", words)


@register.filter
def share(part: int, whole: int) -> str:
    """`part` of `whole` in percent, to one decimal; nothing of nothing is 0."""
    percent = Fraction(part * 100, whole) if whole else Fraction(0)
    return _("%(number)s%%") % {"number": number_format(round(float(percent), 1), 1)}


@register.filter
def average(total: int | Fraction, votes: int) -> str:
    """`total` over `votes`, to two decimals; over no votes it is 0."""
    mean = Fraction(total) / votes if votes else Fraction(0)
    return number_format(round(float(mean), 2), 2)


@register.filter
def from_markdown(source: str) -> SafeString:
    """People's Markdown as safe HTML (`harmony.text.markdown`)."""
    return text.markdown(source)

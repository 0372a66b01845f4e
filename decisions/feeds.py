"""The register as an Atom feed."""

from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from decisions import matter
from decisions.models import Decision
from decisions.register import Listed

MOST_ENTRIES = 50


class DecisionFeed(Feed):
    """The latest of some decisions: where each stands, and what was decided."""

    feed_type = Atom1Feed

    def __init__(self, rows: "QuerySet[Decision]", at: datetime) -> None:
        self.rows, self.at = rows, at

    def get_object(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> str:
        """The filters as they stand in the address, so that each selection is a feed of its own."""
        return request.META.get("QUERY_STRING", "")

    def title(self) -> str:
        """What the feed is called."""
        return _("Decisions")

    def subtitle(self) -> str:
        """What is in it."""
        return _("What our assemblies are deciding, and what they have decided.")

    def link(self, query: str) -> str:
        """The page that shows the same."""
        return reverse("decisions:decision_list") + (f"?{query}" if query else "")

    def items(self) -> list[Listed]:
        """The latest of them."""
        return [Listed(decision, self.at) for decision in matter.listed(self.rows)[:MOST_ENTRIES]]

    def item_title(self, item: Listed) -> str:
        """What is decided."""
        return item.decision.title

    def item_description(self, item: Listed) -> str:
        """Whose it is, where it stands and what came out."""
        names = ", ".join(assembly.name for assembly in item.assemblies)
        facts = {"names": names, "stage": item.stage.label, "outcome": item.outcome}
        if item.outcome:
            return _("%(names)s. %(stage)s: %(outcome)s") % facts
        return _("%(names)s. %(stage)s.") % facts

    def item_link(self, item: Listed) -> str:
        """Its page."""
        return item.decision.get_absolute_url()

    def item_guid(self, item: Listed) -> str:
        """A name that stays."""
        return f"urn:uuid:{item.decision.pk}"

    def item_pubdate(self, item: Listed) -> datetime:
        """When it was proposed."""
        return item.decision.proposed_at

    def item_updateddate(self, item: Listed) -> datetime:
        """When it last came to a stage."""
        decision = item.decision
        stamps = [
            decision.proposed_at,
            decision.withdrawn_at,
            decision.deliberation_began_at,
            decision.deliberation_ended_at,
            decision.settled_at,
            *(stamp for call in decision.calls_made for stamp in (call.called_at, call.ended_at)),
        ]
        return max(stamp for stamp in stamps if stamp is not None)

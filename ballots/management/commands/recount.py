"""`manage.py recount FILE`: count a file of votes again, with no database."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots import account, readers, star
from ballots.poll import Poll, UnreadableError


class Command(BaseCommand):
    help = (
        "Counts the votes in a file: a bundle of ours, a CSV as star.vote exports it, a plain CSV of scores "
        "(a line of options, optionally a tracker before them), or a BetterVoting JSON export. Prints the "
        "account of the count. A file with any broken row is not counted. Ends with an error where a bundle "
        "says something else than the recount. Needs no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--json", action="store_true", help="Print JSON for machines.")
        parser.add_argument("--seats", type=int, help="Instead of what the file says (otherwise 1).")
        parser.add_argument("--method", choices=star.METHODS, help="Instead of what the file says, or star.")
        parser.add_argument("--race", help="Of a BetterVoting election: a race's id, title or number.")
        parser.add_argument(
            "--lot-order",
            metavar="A,B,...",
            help="All options as a line of CSV, the one that wins every lot first: 'B,\"Smith, Jo\",A'. "
            "Otherwise the bundle's own; for other files the order of the options.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            read = readers.read(options["file"].read_bytes(), race=options["race"])
            poll = _adjusted(read, options)
            result = poll.count()
        except OSError as error:
            raise CommandError(_("The file cannot be read: %(why)s.") % {"why": error.strerror}) from None
        except (UnreadableError, star.CountError) as error:
            raise CommandError(_("Nothing was counted:") + f"\n{error}") from None
        # What the file says came out compares only with a count made the way the file says.
        differing = poll.differing(result) if poll == read else []
        self.stdout.write(_as_json(poll, result, differing) if options["json"] else _as_text(poll, result))
        if differing:
            words = {"members": ", ".join(differing)}
            raise CommandError(_("The file says something else about: %(members)s.") % words)
        if poll.published and poll == read and not options["json"]:
            self.stdout.write("\n" + _("The file says the same in every figure."))


def _adjusted(poll: Poll, options: dict[str, Any]) -> Poll:
    """The poll, counted as the command line asks. Raises UnreadableError for a lot order of other options."""
    changes = {name: options[name] for name in ("seats", "method") if options[name] is not None}
    if options["lot_order"] is not None:
        try:
            rows = list(csv.reader([options["lot_order"]], skipinitialspace=True, strict=True))
        except csv.Error:
            raise UnreadableError(_("The lot order is not a line of CSV.")) from None
        changes["lot_order"] = poll.keys(rows[0])
    return replace(poll, **changes)


def _as_text(poll: Poll, result: star.Result) -> str:
    head = [poll.title] if poll.title else []
    head.append(
        ngettext("%(number)s vote, %(method)s.", "%(number)s votes, %(method)s.", result.turnout)
        % {"number": result.turnout, "method": _method(poll)}
    )
    head += poll.notes
    rounds = result.as_data()["rounds"]
    if poll.lot_order is None and any(step.get("rule") == "lot" for row in rounds for step in row["steps"]):
        head.append(_("No lot order was given: the order of the options was taken for it."))
    return "\n".join(head) + "\n\n" + account.as_text(rounds, poll.names)


def _method(poll: Poll) -> str:
    if poll.method == "star_pr":
        return _("Proportional STAR")
    return _("STAR") if poll.seats == 1 else _("Bloc STAR")


def _as_json(poll: Poll, result: star.Result, differing: list[str]) -> str:
    data = {
        "title": poll.title,
        "method": poll.method,
        "seats": poll.seats,
        "options": [{"key": key, "name": name} for key, name in poll.names.items()],
        "lot_order": list(poll.lot_order or poll.names),
        "notes": list(poll.notes),
        "differing": differing,
        **result.as_data(),
    }
    return json.dumps(data, ensure_ascii=False, indent=2)

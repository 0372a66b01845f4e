"""Published bundles for the verifier's tests, made by hand and without any counting code of ours.

Every election here has its winners and the whole account of its count written out as literal values,
worked out on paper from the rule. Options are called A, B, C ... here; a bundle has the keys "1", "2", "3".
"""

import copy
import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LETTERS = "ABCDEFGH"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Numbers = dict[str, Any]
Step = dict[str, Any]


# The steps of an account, in the format's words


def score(totals: Numbers, five_stars: Numbers, weighted: Numbers | None = None) -> Step:
    step: Step = {"step": "score", "totals": totals, "five_stars": five_stars}
    return step if weighted is None else {**step, "weighted": weighted}


def tie(  # noqa: PLR0917 - as in allocation
    purpose: str, places: int, rule: str, numbers: Numbers, chosen: str, left: str
) -> Step:
    step: Step = {"step": "tie", "for": purpose, "places": places, "tied": list(numbers), "rule": rule}
    return {**step, "numbers": numbers, "chosen": list(chosen), "left": list(left)}


def finalists(pair: str) -> Step:
    return {"step": "finalists", "finalists": list(pair)}


def runoff(votes: Numbers, equal_support: int) -> Step:
    return {"step": "runoff", "finalists": list(votes), "votes": votes, "equal_support": equal_support}


def allocation(  # noqa: PLR0917 - one argument for each part of the step, in the format's order
    winner: str, quota: str, total: str, spent: str, boundary: tuple[str, str], left: str
) -> Step:
    step: Step = {"step": "allocation", "winner": winner, "quota": quota, "weighted_total": total}
    return {
        **step,
        "spent": spent,
        "boundary_score": boundary[0],
        "boundary_share": boundary[1],
        "left": left,
    }


def winner(letter: str, by: str) -> Step:
    return {"step": "winner", "winner": letter, "by": by}


def seat(number: int, candidates: str, *steps: Step) -> dict[str, Any]:
    """A round of an account: who was in the race, and its steps; the last step tells who won."""
    last = steps[-1]
    return {
        "seat": number,
        "candidates": list(candidates),
        "winner": last.get("winner"),
        "unopposed": last.get("by") == "unopposed",
        "steps": list(steps),
    }


@dataclass(frozen=True)
class Election:
    """A small election and what comes of it."""

    options: str
    votes: Sequence[tuple[int, ...]]
    winners: str
    rounds: list[dict[str, Any]]
    seats: int = 1
    method: str = "star"
    lot: str = ""


PLAIN = Election(
    "ABC",
    [(5, 3, 0)] * 4 + [(1, 5, 2)] * 5 + [(0, 4, 4)] * 2 + [(3, 3, 3)],
    "B",
    [
        seat(
            1,
            "ABC",
            score({"A": 28, "B": 48, "C": 21}, {"A": 4, "B": 5, "C": 0}),
            finalists("BA"),
            runoff({"B": 7, "A": 4}, 1),
            winner("B", "runoff"),
        )
    ],
)

ELECTIONS = {
    "plain": PLAIN,
    "the score leader loses the runoff": Election(
        "ABC",
        [(5, 1, 0), (5, 1, 0), (3, 4, 0), (3, 4, 0), (3, 4, 0)],
        "B",
        [
            seat(
                1,
                "ABC",
                score({"A": 19, "B": 14, "C": 0}, {"A": 2, "B": 0, "C": 0}),
                finalists("AB"),
                runoff({"A": 2, "B": 3}, 0),
                winner("B", "runoff"),
            )
        ],
    ),
    "three tied for two places": Election(
        "ABC",
        [(1, 5, 1), (5, 0, 1), (0, 1, 4)],
        "B",
        [
            seat(
                1,
                "ABC",
                score({"A": 6, "B": 6, "C": 6}, {"A": 1, "B": 1, "C": 0}),
                tie("finalists", 2, "five_stars", {"A": 1, "B": 1, "C": 0}, "AB", ""),
                finalists("AB"),
                runoff({"A": 1, "B": 2}, 0),
                winner("B", "runoff"),
            )
        ],
    ),
    "three tied for the second place": Election(
        "ABCD",
        [(5, 0, 5, 0), (0, 3, 2, 5), (0, 2, 0, 0)],
        "C",
        [
            seat(
                1,
                "ABCD",
                score({"A": 5, "B": 5, "C": 7, "D": 5}, {"A": 1, "B": 0, "C": 1, "D": 1}),
                tie("finalists", 1, "five_stars", {"A": 1, "B": 0, "D": 1}, "", "AD"),
                tie("finalists", 1, "lot", {"A": 1, "D": 4}, "A", ""),
                finalists("CA"),
                runoff({"C": 1, "A": 0}, 2),
                winner("C", "runoff"),
            )
        ],
    ),
    "a tied runoff goes to the higher total": Election(
        "AB",
        [(0, 5), (3, 2)],
        "B",
        [
            seat(
                1,
                "AB",
                score({"A": 3, "B": 7}, {"A": 0, "B": 1}),
                finalists("BA"),
                runoff({"B": 1, "A": 1}, 0),
                tie("runoff", 1, "total", {"B": 7, "A": 3}, "B", ""),
                winner("B", "total"),
            )
        ],
    ),
    "a tied runoff with equal totals goes to the five stars": Election(
        "AB",
        [(2, 4), (5, 3)],
        "A",
        [
            seat(
                1,
                "AB",
                score({"A": 7, "B": 7}, {"A": 1, "B": 0}),
                finalists("AB"),
                runoff({"A": 1, "B": 1}, 0),
                tie("runoff", 1, "total", {"A": 7, "B": 7}, "", "AB"),
                tie("runoff", 1, "five_stars", {"A": 1, "B": 0}, "A", ""),
                winner("A", "five_stars"),
            )
        ],
    ),
    # Head to head, B beats A and C; as a finalist B would lose to D. It must not be used among three.
    "head to head is not used among three": Election(
        "ABCD",
        [(5, 0, 0, 4), (3, 4, 4, 2), (0, 4, 4, 5)],
        "A",
        [
            seat(
                1,
                "ABCD",
                score({"A": 8, "B": 8, "C": 8, "D": 11}, {"A": 1, "B": 0, "C": 0, "D": 1}),
                tie("finalists", 1, "five_stars", {"A": 1, "B": 0, "C": 0}, "A", ""),
                finalists("DA"),
                runoff({"D": 1, "A": 2}, 0),
                winner("A", "runoff"),
            )
        ],
    ),
    "head to head decides between two": Election(
        "ABC",
        [(5, 3, 2), (5, 0, 2), (4, 2, 1)],
        "A",
        [
            seat(
                1,
                "ABC",
                score({"A": 14, "B": 5, "C": 5}, {"A": 2, "B": 0, "C": 0}),
                tie("finalists", 1, "head_to_head", {"B": 2, "C": 1}, "B", ""),
                finalists("AB"),
                runoff({"A": 3, "B": 0}, 0),
                winner("A", "runoff"),
            )
        ],
    ),
    "nobody gave a five": Election(
        "ABCD",
        [(1, 1, 1, 2)],
        "D",
        [
            seat(
                1,
                "ABCD",
                score({"A": 1, "B": 1, "C": 1, "D": 2}, {"A": 0, "B": 0, "C": 0, "D": 0}),
                tie("finalists", 1, "five_stars", {"A": 0, "B": 0, "C": 0}, "", "ABC"),
                tie("finalists", 1, "lot", {"A": 2, "B": 3, "C": 1}, "C", ""),
                finalists("DC"),
                runoff({"D": 1, "C": 0}, 0),
                winner("D", "runoff"),
            )
        ],
        lot="CABD",
    ),
    "a tie at every rung of the score round": Election(
        "ABC",
        [(4, 1, 0), (4, 0, 1)],
        "A",
        [
            seat(
                1,
                "ABC",
                score({"A": 8, "B": 1, "C": 1}, {"A": 0, "B": 0, "C": 0}),
                tie("finalists", 1, "head_to_head", {"B": 1, "C": 1}, "", "BC"),
                tie("finalists", 1, "five_stars", {"B": 0, "C": 0}, "", "BC"),
                tie("finalists", 1, "lot", {"B": 2, "C": 1}, "C", ""),
                finalists("AC"),
                runoff({"A": 2, "C": 0}, 0),
                winner("A", "runoff"),
            )
        ],
        lot="CBA",
    ),
    "a tie at every rung of the runoff": Election(
        "AB",
        [(3, 2), (2, 3)],
        "B",
        [
            seat(
                1,
                "AB",
                score({"A": 5, "B": 5}, {"A": 0, "B": 0}),
                finalists("AB"),
                runoff({"A": 1, "B": 1}, 0),
                tie("runoff", 1, "total", {"A": 5, "B": 5}, "", "AB"),
                tie("runoff", 1, "five_stars", {"A": 0, "B": 0}, "", "AB"),
                tie("runoff", 1, "lot", {"A": 2, "B": 1}, "B", ""),
                winner("B", "lot"),
            )
        ],
        lot="BA",
    ),
    "a lot for two places, and for the runoff": Election(
        "ABC",
        [(5, 0, 5), (0, 5, 0), (5, 5, 0), (0, 0, 5), (0, 0, 0), (0, 2, 2), (2, 0, 0)],
        "C",
        [
            seat(
                1,
                "ABC",
                score({"A": 12, "B": 12, "C": 12}, {"A": 2, "B": 2, "C": 2}),
                tie("finalists", 2, "five_stars", {"A": 2, "B": 2, "C": 2}, "", "ABC"),
                tie("finalists", 2, "lot", {"A": 3, "B": 2, "C": 1}, "CB", ""),
                finalists("CB"),
                runoff({"C": 2, "B": 2}, 3),
                tie("runoff", 1, "total", {"C": 12, "B": 12}, "", "CB"),
                tie("runoff", 1, "five_stars", {"C": 2, "B": 2}, "", "CB"),
                tie("runoff", 1, "lot", {"C": 1, "B": 2}, "C", ""),
                winner("C", "lot"),
            )
        ],
        lot="CBA",
    ),
    # B beats C head to head, but three were tied when the tie arose: the lot decides between the two.
    "those still level after the five stars go to the lot": Election(
        "ABC",
        [(5, 3, 2), (0, 1, 4), (3, 2, 0), (0, 2, 2)],
        "A",
        [
            seat(
                1,
                "ABC",
                score({"A": 8, "B": 8, "C": 8}, {"A": 1, "B": 0, "C": 0}),
                tie("finalists", 2, "five_stars", {"A": 1, "B": 0, "C": 0}, "A", "BC"),
                tie("finalists", 1, "lot", {"B": 3, "C": 2}, "C", ""),
                finalists("AC"),
                runoff({"A": 2, "C": 2}, 0),
                tie("runoff", 1, "total", {"A": 8, "C": 8}, "", "AC"),
                tie("runoff", 1, "five_stars", {"A": 1, "C": 0}, "A", ""),
                winner("A", "five_stars"),
            )
        ],
        lot="ACB",
    ),
    "one option": Election("A", [(3,), (0,)], "A", [seat(1, "A", winner("A", "unopposed"))]),
    "no votes": Election("ABC", [], "", [seat(1, "ABC", {"step": "no_votes"})]),
    "one option and no votes": Election("A", [], "", [seat(1, "A", {"step": "no_votes"})]),
    "all votes equal": Election(
        "ABC",
        [(3, 3, 3), (3, 3, 3)],
        "B",
        [
            seat(
                1,
                "ABC",
                score({"A": 6, "B": 6, "C": 6}, {"A": 0, "B": 0, "C": 0}),
                tie("finalists", 2, "five_stars", {"A": 0, "B": 0, "C": 0}, "", "ABC"),
                tie("finalists", 2, "lot", {"A": 3, "B": 1, "C": 2}, "BC", ""),
                finalists("BC"),
                runoff({"B": 0, "C": 0}, 2),
                tie("runoff", 1, "total", {"B": 6, "C": 6}, "", "BC"),
                tie("runoff", 1, "five_stars", {"B": 0, "C": 0}, "", "BC"),
                tie("runoff", 1, "lot", {"B": 1, "C": 2}, "B", ""),
                winner("B", "lot"),
            )
        ],
        lot="BCA",
    ),
    # C leads the scores twice and loses to both others head to head: the beaten finalist is not seated.
    "bloc: the condorcet loser is not seated early": Election(
        "ABC",
        [(5, 4, 2)] * 3 + [(0, 0, 5)] * 2,
        "AB",
        [
            seat(
                1,
                "ABC",
                score({"A": 15, "B": 12, "C": 16}, {"A": 3, "B": 0, "C": 2}),
                finalists("CA"),
                runoff({"C": 2, "A": 3}, 0),
                winner("A", "runoff"),
            ),
            seat(
                2,
                "BC",
                score({"B": 12, "C": 16}, {"B": 0, "C": 2}),
                finalists("CB"),
                runoff({"C": 2, "B": 3}, 0),
                winner("B", "runoff"),
            ),
        ],
        seats=2,
    ),
    "bloc: as many seats as options": Election(
        "AB",
        [(5, 3), (5, 3), (0, 1)],
        "AB",
        [
            seat(
                1,
                "AB",
                score({"A": 10, "B": 7}, {"A": 2, "B": 0}),
                finalists("AB"),
                runoff({"A": 2, "B": 1}, 0),
                winner("A", "runoff"),
            ),
            seat(2, "B", winner("B", "unopposed")),
        ],
        seats=2,
    ),
    "proportional: two seats": Election(
        "ABC",
        [(5, 4, 0), (0, 5, 0), (0, 0, 4)],
        "BC",
        [
            seat(
                1,
                "ABC",
                score({"A": 5, "B": 9, "C": 4}, {"A": 1, "B": 1, "C": 0}, {"A": "5", "B": "9", "C": "4"}),
                allocation("B", "3/2", "9", "3/2", ("4", "1/2"), "3/2"),
                winner("B", "total"),
            ),
            seat(
                2,
                "AC",
                score({"A": 5, "C": 4}, {"A": 1, "C": 0}, {"A": "5/2", "C": "4"}),
                allocation("C", "3/2", "4", "3/2", ("0", "1"), "0"),
                winner("C", "total"),
            ),
        ],
        seats=2,
        method="star_pr",
    ),
    "proportional: three seats": Election(
        "ABCD",
        [(5, 4, 4, 4), (0, 0, 4, 4), (0, 5, 4, 4), (5, 4, 0, 4)],
        "DBC",
        [
            seat(
                1,
                "ABCD",
                score(
                    {"A": 10, "B": 13, "C": 12, "D": 16},
                    {"A": 2, "B": 1, "C": 0, "D": 0},
                    {"A": "10", "B": "13", "C": "12", "D": "16"},
                ),
                allocation("D", "4/3", "16", "4/3", ("4", "1/3"), "8/3"),
                winner("D", "total"),
            ),
            seat(
                2,
                "ABC",
                score(
                    {"A": 10, "B": 13, "C": 12},
                    {"A": 2, "B": 1, "C": 0},
                    {"A": "20/3", "B": "26/3", "C": "8"},
                ),
                allocation("B", "4/3", "26/3", "4/3", ("8/3", "1/2"), "4/3"),
                winner("B", "total"),
            ),
            seat(
                3,
                "AC",
                score({"A": 10, "C": 12}, {"A": 2, "C": 0}, {"A": "10/3", "C": "4"}),
                allocation("C", "4/3", "4", "4/3", ("0", "1"), "0"),
                winner("C", "total"),
            ),
        ],
        seats=3,
        method="star_pr",
    ),
    # Were the class that crosses the quota lost, the four voters would keep their weight and elect B too.
    "proportional: the boundary class pays": Election(
        "ABC",
        [(5, 4, 0)] * 4 + [(0, 0, 3)] * 2,
        "AC",
        [
            seat(
                1,
                "ABC",
                score({"A": 20, "B": 16, "C": 6}, {"A": 4, "B": 0, "C": 0}, {"A": "20", "B": "16", "C": "6"}),
                allocation("A", "3", "20", "3", ("5", "3/4"), "3"),
                winner("A", "total"),
            ),
            seat(
                2,
                "BC",
                score({"B": 16, "C": 6}, {"B": 0, "C": 0}, {"B": "4", "C": "6"}),
                allocation("C", "3", "6", "3", ("0", "1"), "0"),
                winner("C", "total"),
            ),
        ],
        seats=2,
        method="star_pr",
    ),
    "proportional: all weight that supports anyone is spent": Election(
        "ABC",
        [(5, 0, 0), (5, 0, 0)],
        "AC",
        [
            seat(
                1,
                "ABC",
                score({"A": 10, "B": 0, "C": 0}, {"A": 2, "B": 0, "C": 0}, {"A": "10", "B": "0", "C": "0"}),
                allocation("A", "1", "10", "1", ("5", "1/2"), "1"),
                winner("A", "total"),
            ),
            seat(
                2,
                "BC",
                score({"B": 0, "C": 0}, {"B": 0, "C": 0}, {"B": "0", "C": "0"}),
                tie("allocation", 1, "five_stars", {"B": "0", "C": "0"}, "", "BC"),
                tie("allocation", 1, "lot", {"B": 3, "C": 2}, "C", ""),
                allocation("C", "1", "0", "1", ("0", "1"), "0"),
                winner("C", "lot"),
            ),
        ],
        seats=2,
        method="star_pr",
        lot="ACB",
    ),
    # A and B are level at 7; more weight of five-star scores lies with A.
    "proportional: a tie goes to the five stars by weight": Election(
        "ABC",
        [(5, 3, 0), (2, 4, 1)],
        "AB",
        [
            seat(
                1,
                "ABC",
                score({"A": 7, "B": 7, "C": 1}, {"A": 1, "B": 0, "C": 0}, {"A": "7", "B": "7", "C": "1"}),
                tie("allocation", 1, "five_stars", {"A": "1", "B": "0"}, "A", ""),
                allocation("A", "1", "7", "1", ("5", "1"), "1"),
                winner("A", "five_stars"),
            ),
            seat(
                2,
                "BC",
                score({"B": 7, "C": 1}, {"B": 0, "C": 0}, {"B": "4", "C": "1"}),
                allocation("B", "1", "4", "1", ("4", "1"), "0"),
                winner("B", "total"),
            ),
        ],
        seats=2,
        method="star_pr",
    ),
    "proportional: as many seats as options": Election(
        "AB",
        [(5, 3), (0, 4)],
        "BA",
        [
            seat(
                1,
                "AB",
                score({"A": 5, "B": 7}, {"A": 1, "B": 0}, {"A": "5", "B": "7"}),
                allocation("B", "1", "7", "1", ("4", "1"), "1"),
                winner("B", "total"),
            ),
            seat(2, "A", winner("A", "unopposed")),
        ],
        seats=2,
        method="star_pr",
    ),
}


# From an election to its bundle


def canonical(value: Any) -> bytes:
    """The format's canonical JSON; half characters, which only a forger writes, get through."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def digest(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def tracker(number: int) -> str:
    """The tracker of the vote with this number: 128 bits that look random, in groups of four."""
    bits = int.from_bytes(hashlib.sha256(f"code {number}".encode()).digest()[:16], "big")
    code = "".join(CROCKFORD[bits >> 5 * place & 31] for place in reversed(range(26)))
    return "-".join(code[start : start + 4] for start in range(0, 26, 4))


def keyed(value: Any) -> Any:
    """Replace letters by keys ("A" by "1") in anything made of lists and dicts."""
    if isinstance(value, dict):
        return {keyed(name): keyed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [keyed(item) for item in value]
    is_letter = isinstance(value, str) and len(value) == 1 and value in LETTERS
    return str(LETTERS.index(value) + 1) if is_letter else value


def sums(keys: list[str], rows: list[list[int]]) -> dict[str, Any]:
    """The sums that a bundle publishes, added up one score at a time."""
    columns = {key: [row[place] for row in rows] for place, key in enumerate(keys)}
    return {
        "turnout": len(rows),
        "totals": {key: sum(column) for key, column in columns.items()},
        "five_stars": {key: column.count(5) for key, column in columns.items()},
        "distribution": {key: [column.count(given) for given in range(6)] for key, column in columns.items()},
        "pairwise": {
            key: {
                other: sum(mine > theirs for mine, theirs in zip(columns[key], columns[other], strict=True))
                for other in keys
                if other != key
            }
            for key in keys
        },
    }


def definition_of(election: Election, list_minimum: int) -> dict[str, Any]:
    options = [
        {"key": keyed(letter), "name": f"Option {letter}", "statement": f"Why {letter}: “naïve, but cheap”"}
        for letter in election.options
    ]
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, "ballot")),
        "assemblies": ["Leeds", "Bradford"],
        "question": "Where shall we meet?",
        "explanation": "The hall costs more;\nthe café is smaller.",
        "standing": "indicative",
        "method": election.method,
        "seats": election.seats,
        "options": options,
        "lot_order": keyed(list(election.lot or election.options)),
        "cut_off_at": "2026-11-14T00:00:00.000000Z",
        "opens_at": "2026-11-15T19:00:00.000000Z",
        "opened_at": "2026-11-15T19:00:04.250000Z",
        "closes_at": "2026-11-22T19:00:00.000000Z",
        "list_minimum": list_minimum,
        "public_key": hashlib.sha256(b"public key").hexdigest(),
    }


def sealed(bundle: dict[str, Any]) -> dict[str, Any]:
    """Set every digest in a bundle to what its content gives."""
    bundle["definition_digest"] = digest(bundle["definition"])
    bundle["roll"]["digest"] = digest(bundle["roll"]["entries"])
    bundle["votes_digest"] = None if bundle["votes"] is None else digest(bundle["votes"])
    bundle["digest"] = digest({name: value for name, value in bundle.items() if name != "digest"})
    return bundle


def bundle_of(election: Election, list_minimum: int = 0) -> dict[str, Any]:
    """The bundle of an election, whose votes are listed if there are at least `list_minimum`."""
    rows = [list(row) for row in election.votes]
    votes = [{"tracker": tracker(number), "scores": row} for number, row in enumerate(rows)]
    votes.sort(key=lambda vote: str(vote["tracker"]))
    bundle = {
        "format": "harmony-ballot/1",
        "definition": definition_of(election, list_minimum),
        "roll": {
            "size": 20,
            "entries": sorted(str(uuid.uuid5(uuid.NAMESPACE_URL, f"entry {number}")) for number in range(20)),
        },
        "closed_at": "2026-11-22T19:00:00.100000Z",
        "counted_at": "2026-11-22T19:00:09.000000Z",
        "votes": votes if len(votes) >= list_minimum else None,
        **sums(keyed(list(election.options)), rows),
        "winners": keyed(list(election.winners)),
        "rounds": keyed(copy.deepcopy(election.rounds)),
    }
    return sealed(bundle)


def forged(bundle: dict[str, Any]) -> dict[str, Any]:
    """Make an altered bundle of PLAIN hold together: sort, add up, tell the count and seal it again.

    Only for one seat, listed votes and no ties.
    """
    bundle["votes"].sort(key=lambda vote: vote["tracker"])
    keys = [option["key"] for option in bundle["definition"]["options"]]
    bundle.update(sums(keys, [vote["scores"] for vote in bundle["votes"]]))
    first, second = sorted(keys, key=lambda key: -bundle["totals"][key])[:2]
    ahead, behind = bundle["pairwise"][first][second], bundle["pairwise"][second][first]
    assert ahead != behind
    elected = first if ahead > behind else second
    steps = [
        score(bundle["totals"], bundle["five_stars"]),
        finalists(first + second),
        runoff({first: ahead, second: behind}, bundle["turnout"] - ahead - behind),
        winner(elected, "runoff"),
    ]
    bundle["winners"] = [elected]
    bundle["rounds"] = [seat(1, "".join(keys), *steps)]
    return sealed(bundle)

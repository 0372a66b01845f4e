"""The invented officials who apply to come over, with all that they give on the form.

Nobody of these names is meant; bodies, parties and employers are invented, the phone numbers are those that are kept
for drama, and the addresses end in a domain that delivers nothing.
"""

from dataclasses import dataclass
from typing import Any

from assemblies.models import Assembly
from defections.catalogue import Basis, Level

DOMAIN = "post.example"
_PROMISED = "2026-01-05T10:00:00.000000Z"


@dataclass(frozen=True)
class Applicant:
    """One of them. `place` is the address (slug) of a constituency's assembly, without "-constituency"."""

    name: str
    place: str
    level: Level
    body: str
    area: str
    party: str  # "" for an independent
    since: str  # a month, "2019-05"
    job: tuple[str, str]  # title, employer
    statement: str
    street: str
    town: str
    postcode: str
    account: str = ""  # on a public network
    by_post: bool = False  # on paper, without an email address
    role: str = ""  # said in the table of whose form can be gone on with; without one they are not in it

    @property
    def email(self) -> str:
        """The first name at the applicants' domain: no two share one; "" for whoever gave none."""
        return "" if self.by_post else f"{self.name.split()[0].lower()}@{DOMAIN}"

    def answers(self) -> dict[str, dict[str, Any]]:
        """Every section but the declaration, as `intake.save_section` takes it."""
        given, family = self.name.split(" ", 1)
        home = Assembly.objects.get(slug=f"{self.place}-constituency")
        number = sum(map(ord, self.name)) % 1000  # tells their phones and birthdays apart
        return {
            "name": {"given_name": given, "family_name": family, "legal_differs": False},
            "birth": {"date_of_birth": f"{1956 + number % 40}-{1 + number % 12:02d}-{1 + number % 28:02d}"},
            "phones": {"home_phone": f"+441632960{number:03d}", "mobile_phone": f"+447700900{number:03d}"},
            "address": {"line_1": self.street, "town": self.town, "postcode": self.postcode},
            "office": {
                "level": self.level.value,
                "body": self.body,
                "area": self.area,
                "held_since": self.since,
                "elected_as": self.party or "Independent",
            },
            "party": {"is_independent": not self.party, "party": self.party},
            "society": {"constituency": str(home.pk)},
            "links": {
                "basis": Basis.RESIDENCE.value,
                "statement": self.statement,
                "resident_since": f"{2004 + number % 14}-09",
            },
            "employment": self._employment(),
            "public_accounts": self._accounts(),
            "private_accounts": {"exist": number % 2 == 0, "promised_at": _PROMISED},
            "principles": {"agreed_at": _PROMISED},
            "consensus": {"agreed_at": _PROMISED},
        }

    def _employment(self) -> dict[str, Any]:
        title, employer = self.job
        row = {
            "title": title,
            "employer": employer,
            "employer_address": f"High Street, {self.town}",
            "began": "2014-09",
            "ended": "",
        }
        return {"is_employed": True, "is_complete": True, "rows": [row]}

    def _accounts(self) -> dict[str, Any]:
        rows = [{"platform": "Mastodon", "account": self.account}] if self.account else []
        return {"has_any": bool(rows), "rows": rows}


DRAFT = Applicant(
    "Tabitha Greenhalgh",
    "calder-valley",
    Level.PARISH,
    "Wadderthwaite Parish Council",
    "Wadderthwaite Bridge",
    "",
    "2023-05",
    ("Postwoman", "Royal Dales Post"),
    "I have carried the post in the upper valley for twelve years.",
    "3 Weavers Row",
    "Wadderthwaite",
    "HX7 0AA",
    role="a form that is half filled in",
)
SENT = Applicant(
    "Dorothea Kemble",
    "hexham",
    Level.COUNTY,
    "Tynemoor County Council",
    "Allensford division",
    "Civic Reform Party",
    "2021-05",
    ("Vet", "Allensford Farm Vets"),
    "I came here as a newly qualified vet in 2006 and have not wished to live anywhere else since.",
    "Shepherd’s Cottage",
    "Allensford",
    "NE46 0AA",
    account="@dorothea@towncrier.example",
)
IN_RESEARCH = Applicant(
    "Malcolm Strand",
    "hackney-south-and-shoreditch",
    Level.LONDON,
    "London Assembly",
    "Lea Bank",
    "Unity Alliance",
    "2024-05",
    ("Bus driver", "East Circle Buses"),
    "I have driven the night buses of this borough for ten years, and my three children are at school here.",
    "41 Marlow Buildings",
    "London",
    "E8 0AA",
    by_post=True,
    account="@malcolmstrand@towncrier.example",
)
WITH_QUESTION = Applicant(
    "Beryl Tamworth",
    "stroud",
    Level.DISTRICT,
    "Five Mills District Council",
    "Nailsbrook",
    "Heritage and Progress",
    "2019-05",
    ("Head gardener", "Nailsbrook Park Trust"),
    "I have lived in Nailsbrook since my first job there, and run the seed exchange in the library.",
    "The Lodge, Nailsbrook Park",
    "Nailsbrook",
    "GL5 0AA",
    role="a question of the research to answer",
)
VERIFIED = Applicant(
    "Edgar Hollin",
    "norwich-south",
    Level.UNITARY,
    "Yare and Broads Council",
    "Thorpe Staithe",
    "Unity Alliance",
    "2023-05",
    ("Boatbuilder", "Hollin and Daughter"),
    "My yard has been on the staithe since 2009; anybody can ask for me there or ring 01632 960 447. I take on two "
    "apprentices a year from the school across the river.",
    "2 Staithe Lane",
    "Thorpe Staithe",
    "NR1 0AA",
    account="@hollinboats@towncrier.example",
)
FOR_RELEASE = Applicant(
    "Winnie Osgood",
    "exeter",
    Level.COMBINED,
    "West Moors Combined Authority",
    "Mayor’s cabinet",
    "Civic Reform Party",
    "2022-05",
    ("Social worker", "West Moors Children’s Services"),
    "I grew up in Exeter and came back in 2015 to look after my mother. Write to winnie@post.example for references.",
    "17 Priory Gate",
    "Exeter",
    "EX2 0AA",
    account="@winnie@towncrier.example",
)
ROUTED = Applicant(
    "Rupert Ingleby",
    "leeds-east",
    Level.UNITARY,
    "Airedale Metropolitan Council",
    "Seacroft Hill",
    "Heritage and Progress",
    "2018-05",
    ("Optician", "Ingleby’s, Seacroft"),
    "I have tested eyes in Seacroft for twenty years, and know half the ward by their glasses.",
    "88 York Parade",
    "Leeds",
    "LS14 0AA",
)
INVITED = Applicant(
    "Constance Abara",
    "leeds-north-west",
    Level.PARISH,
    "Otterdale Town Council",
    "Chevin ward",
    "Unity Alliance",
    "2021-05",
    ("Nurse", "Wharfe Valley Hospital"),
    "I have nursed at Wharfe Valley for fourteen years and chair the friends of the Otterdale paddling pool.",
    "9 Chevin Bank",
    "Otterdale",
    "LS21 0AA",
    account="@constance@towncrier.example",
    role="an invitation to a gathering, accepted",
)
DELIBERATED = Applicant(
    "Jasper Quillfeather",
    "bristol-central",
    Level.COMMONS,
    "House of Commons",
    "Severn Docks",
    "Civic Reform Party",
    "2024-07",
    ("Member of Parliament", "House of Commons"),
    "I have lived within sound of the docks since I was an apprentice there, and held my surgery in the canteen.",
    "12 Caisson Street",
    "Bristol",
    "BS1 0AA",
    account="@quillfeather@towncrier.example",
)
VOTED_ON = Applicant(
    "Philippa Marden",
    "leeds-south",
    Level.POLICE,
    "Airedale Police, Fire and Crime Commission",
    "Airedale",
    "Heritage and Progress",
    "2024-05",
    ("Commissioner", "Airedale Police, Fire and Crime Commission"),
    "I was born in Beeston, taught there for fifteen years, and have lived in Holbeck since.",
    "5 Foundry Terrace",
    "Leeds",
    "LS11 0AA",
    account="@marden@towncrier.example",
)
DECIDED = Applicant(
    "Gideon Farrier",
    "leeds-central-and-headingley",
    Level.UNITARY,
    "Airedale Metropolitan Council",
    "Kirkstall Forge",
    "Unity Alliance",
    "2022-05",
    ("Stonemason", "Abbey Works"),
    "I have worked on the abbey for eleven years, and my family has been in Kirkstall for four generations.",
    "30 Forge Lane",
    "Leeds",
    "LS5 0AA",
)
ACCEPTED = Applicant(
    "Honor Calloway",
    "leeds-north-east",
    Level.UNITARY,
    "Airedale Metropolitan Council",
    "Roundhay Lakes",
    "Unity Alliance",
    "2018-05",
    ("Choir director", "Northern Voices"),
    "I have lived by the lake for seventeen years, and direct a choir that anybody can join.",
    "61 Lakeside Road",
    "Leeds",
    "LS8 0AA",
    account="@honor@towncrier.example",
    role="accepted: the letter; and a member, who logs in by a code to this address",
)
DECLINED = Applicant(
    "Emrys Tallis",
    "ynys-mon",
    Level.SENEDD,
    "Senedd Cymru",
    "Menai and the Isles",
    "Heritage and Progress",
    "2021-05",
    ("Member of the Senedd", "Senedd Cymru"),
    "I farm forty acres that my grandparents farmed, and have sat on every committee on the island.",
    "Bryn Awel",
    "Llanfaelog",
    "LL63 0AA",
)
ON_PAPER = Applicant(
    "Agatha Brindle",
    "bristol-north-west",
    Level.PARISH,
    "Shirebrook Parish Council",
    "Shirebrook and Blaise",
    "",
    "2011-05",
    ("Retired; was a lock keeper", "Avon Waterways"),
    "I have lived in the lock cottage for forty-one years, and have missed two meetings of the council.",
    "Lock Cottage",
    "Shirebrook",
    "BS9 0AA",
    by_post=True,
)
NOT_GENUINE = Applicant(
    "Barnaby Froud",
    "truro-and-falmouth",
    Level.LORDS,
    "House of Lords",
    "Life peer",
    "",
    "2020-01",
    ("Consultant", "Froud and Partners"),
    "My family is known throughout the county.",
    "Froud Hall",
    "Truro",
    "TR1 0AA",
)
WITHDRAWN = Applicant(
    "Lydia Penrose",
    "plymouth-moor-view",
    Level.DISTRICT,
    "Tamar Moor District Council",
    "Moorgate",
    "Civic Reform Party",
    "2023-05",
    ("Music teacher", "Moorgate School"),
    "I moved to Moorgate when I married, and lead the town band.",
    "4 Bandstand View",
    "Plymouth",
    "PL6 0AA",
)
EVERYBODY = (
    DRAFT,
    SENT,
    IN_RESEARCH,
    WITH_QUESTION,
    VERIFIED,
    FOR_RELEASE,
    ROUTED,
    INVITED,
    DELIBERATED,
    VOTED_ON,
    DECIDED,
    ACCEPTED,
    DECLINED,
    ON_PAPER,
    NOT_GENUINE,
    WITHDRAWN,
)

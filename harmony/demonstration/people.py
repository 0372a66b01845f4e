"""The invented people. Nobody of these names is meant; their addresses end in a domain that delivers nothing."""

from dataclasses import dataclass, field
from datetime import date

DOMAIN = "harmony.example"
PASSWORD = "demonstration-only-harmony"  # noqa: S105 - printed at every start


@dataclass(frozen=True)
class Invented:
    """One of them. `role` is said in the table of who can log in; without one they are not in it."""

    name: str
    home: str = ""  # the address (slug) of a constituency's assembly, without "-constituency"
    member: str = "in force"  # "in force", "lapsed", "suspended", or "" for no member
    role: str = ""
    secretary_of: str = ""
    joins: tuple[str, ...] = ()
    born: date | None = None
    is_staff: bool = field(default=False)

    @property
    def email(self) -> str:
        """The first name at our domain: no two share one."""
        return f"{self.name.split()[0].lower()}@{DOMAIN}"


CAST = (
    Invented("Mary Ashworth", "leeds-north-west", role="member", joins=("society-for-elections",)),
    Invented(
        "Yusuf Rahman",
        "birmingham-ladywood",
        role="member, 24 years old, in the Youth Assembly",
        joins=("youth-assembly",),
        born=date(2002, 4, 11),
    ),
    Invented(
        "Gail Pemberton",
        "york-central",
        role="general secretary: secretary of the party, stands in where there is none",
        secretary_of="harmony-party",
    ),
    Invented(
        "Samir Costa",
        "bristol-central",
        role="secretary of the Society for Elections, which supports or replaces others",
        secretary_of="society-for-elections",
        joins=("society-for-elections",),
    ),
    Invented(
        "Nia Prydderch",
        "cardiff-east",
        role="secretary of the Health Policy Society",
        secretary_of="health-policy-society",
    ),
    Invented(
        "Peter Lindqvist", "glasgow-south", member="", role="participant, no member: speaks, cannot vote"
    ),
    Invented("Lena Brandt", "manchester-central", member="lapsed", role="member whose membership has lapsed"),
    Invented("Oscar Whitlock", "belfast-east", member="suspended", role="member who is suspended"),
    Invented("Ada Okafor", member="", role="site staff: everything in the admin", is_staff=True),
    Invented(
        "Zara Nwosu",
        "hackney-south-and-shoreditch",
        member="",
        joins=("youth-assembly",),
        born=date(2004, 9, 2),
    ),
    Invented(
        "Robin Thackeray",
        "exeter",
        role="cleared for operations: makes the defection form, in the admin",
        joins=("disabled-peoples-assembly",),
    ),
    Invented(
        "Priya Chandran",
        "leicester-east",
        role="secretary of the Leeds City Society, which decides on defections",
        secretary_of="leeds-city",
        joins=("society-for-elections",),
    ),
    Invented(
        "Ivy Castellan", "hexham", role="cleared for research: checks applications and makes their copies"
    ),
    Invented(
        "Theo Marchbanks", "norwich-north", role="cleared for research: reads copies as the second person"
    ),
)

_CROWD = """
Aled Bowen, cardiff-west | Agnes Kirkbride, leeds-east | Amir Haddad, bradford-west | Beatrix Holm, brighton-pavilion
Bram Osei, leeds-central-and-headingley | Callum Reid, glasgow-north | Carys Llewelyn, ynys-mon | Chidi Eze, salford
Clara Dunmore, york-outer | Dev Malhotra, leicester-south | Delphine Aubert, bristol-east | Edwin Marsh, exeter
Eilidh Frazer, edinburgh-south-west | Esther Adeyemi, peckham | Faisal Qureshi, bradford-east
Fern Gallagher, sheffield-hallam | Gethin Morris, swansea-west | Greta Nilsen, norwich-south
Hamish Orr, aberdeen-north | Hannah Levy, finchley-and-golders-green | Idris Cole, bristol-north-west
Imogen Farrow, oxford-east | Jonah Pryce, newport-east | Joy Mensah, manchester-rusholme
Kezia Blunt, kingston-upon-hull-east
Kwame Boateng, birmingham-erdington | Liam Corrigan, belfast-north | Lowri Hopkin, gower | Mabel Stroud, stroud
Marek Zielinski, nottingham-east | Maud Ellery, plymouth-moor-view | Nadia Karim, leeds-south
Noel Tansley, sunderland-central | Olwen Parry, bangor-aberconwy | Orla Devlin, belfast-south-and-mid-down
Pavel Horak, coventry-south | Quentin Ames, york-central | Rhys Vaughan, cardiff-north | Rosa Delgado, liverpool-garston
Ruth Abernethy, edinburgh-east-and-musselburgh | Saskia Vermeer, cambridge | Silas Grove, stoke-on-trent-central
Tamsin Rowe, truro-and-falmouth | Tobias Finch, southampton-test | Una Kavanagh, liverpool-wavertree
Viktor Lund, newcastle-upon-tyne-east-and-wallsend | Winifred Sharp, derby-south | Xanthe Poole, portsmouth-south
"""


def crowd() -> list[Invented]:
    """The others: members who vote, and one in eight a participant without a membership."""
    named = [entry.strip() for line in _CROWD.strip().splitlines() for entry in line.split("|")]
    pairs = [tuple(part.strip() for part in entry.split(",")) for entry in named]
    return [
        Invented(name, home, member="" if number % 8 == 7 else "in force")
        for number, (name, home) in enumerate(pairs)
    ]

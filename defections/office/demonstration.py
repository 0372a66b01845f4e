"""The wording of the demonstration's form release: samples of our own, and marked as such."""

from defections.models import Passage

KERNEL = """This is sample wording for demonstrations. It is not the Ethical Kernel of any party.

We come together to look after one another and the places we live in. What we decide touches people who were not \
in the room, and some who are not yet born, so we hold ourselves to a few things before all else.

We begin with compassion. Where fairness by the rule and kindness to a person pull apart, we look for the answer \
that heals. Justice without compassion is not the justice we want.

We do not trade one person’s harm for another’s gain. We take no decision that is the direct cause of an injury \
that could not be avoided otherwise, and we do not stand by when doing nothing lets harm happen.

We act in the open. What we decide, how, and on what grounds is there for anyone to read. What is private stays \
private: openness is owed by those who hold power, not by those who do not.

We decide together. Those who hold an office for us carry out what we agreed by consensus. Only where that would \
break this Kernel do they owe it no obedience; then they say so at once, to everyone, with their reasons.

Each of us can be mistaken. So nothing here is kept from being questioned, and whoever questions it is heard."""

PRINCIPLES = """Compassion comes before justice.
No decision directly causes unavoidable injury, and nobody comes to harm by our inaction.
Transparency: what we decide, how and why is open to everyone.
Officials act by consensus, unless it conflicts with the Kernel."""

PASSAGES: dict[str, str] = {
    Passage.Key.READERS: (
        "Every form is read by party volunteers in the Research Working Group, who check what you tell us and will "
        "contact you. Others in the Constituency, City or Regional Society for your area read a version without "
        "your contact details. (Sample wording.)"
    ),
    Passage.Key.RESELECTION: (
        "If you are elected as a candidate of the party and do not seek to adhere to the Four Principles, this may "
        "lead to mandatory reselection. (Sample wording.)"
    ),
    Passage.Key.PRIVATE_BREACH: (
        "If a private account does not stay private while you are an applicant, a candidate or in office, this may "
        "lead to reselection. (Sample wording.)"
    ),
    Passage.Key.DATA: (
        "We use what you tell us only to consider your application. It is kept encrypted. We erase it 6 months "
        "after you are declined or withdraw, and 90 days after you are accepted, unless the law makes us keep it. "
        "You can ask for a copy, or for erasure, at any time. (Sample wording.)"
    ),
    Passage.Key.PRINCIPLES: (
        "If I am elected as a candidate of the party, I will seek to adhere to the Four Principles. (Sample wording.)"
    ),
    Passage.Key.CONSENSUS: "If my defection is accepted, I will follow Party Consensus. (Sample wording.)",
    Passage.Key.PRIVACY: (
        "I promise, and hold myself bound by it, to keep my private accounts private from now on: while I am an "
        "applicant, while I am a candidate, and once I am elected to office. (Sample wording.)"
    ),
    Passage.Key.TRUTH: (
        "What I have given on this form is true and complete to the best of my knowledge. (Sample wording.)"
    ),
}

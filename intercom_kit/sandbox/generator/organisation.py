"""The workspace's own records: admins, teams and tags."""

from dataclasses import dataclass

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.teamwork.away_reasons import LEAVE
from intercom_kit.sandbox.generator.text import OUTAGE, TOPICS
from intercom_kit.sandbox.generator.vocabulary import ADMIN_NAMES, names

WORKSPACE_NAME = "Northwind Cloud (sandbox)"
WORKSPACE_ID = "nwc7k2q9"
TIMEZONE = "Europe/Dublin"
FIN_ID = 4400001
FIN = {"type": "bot", "id": str(FIN_ID), "name": "Fin", "email": f"operator+{WORKSPACE_ID}@intercom.io"}
TEAM_NAMES = ("Support", "Billing", "Technical", "Onboarding", "Success")
AWAY_ADMIN = 7  # who is on leave now
JOB_TITLES = ("Support specialist", "Senior support engineer", "Team lead", "Customer success manager")
CONTACT_TAGS = names(
    "VIP,Beta tester,Newsletter,Champion,Reference customer,Webinar 2026,Partner,At risk,Détracteur,"
    "Power user,Trial extended,Renewal soon,CSV Import - 2026-02-13 13:36:22 UTC"
)


@dataclass(frozen=True)
class Admin:
    """One teammate, with teams and speed."""

    id: int
    name: str
    email: str
    team_ids: tuple[int, ...]
    pace: float  # factor of the response time


@dataclass(frozen=True)
class Organisation:
    """The admins, teams and tags that all conversations share."""

    admins: tuple[Admin, ...]
    team_ids: dict[str, int]
    tag_ids: dict[str, int]
    founded: int

    def members(self, team_id: int) -> tuple[Admin, ...]:
        return tuple(admin for admin in self.admins if team_id in admin.team_ids)

    def team_name(self, team_id: int) -> str:
        return next(name for name, number in self.team_ids.items() if number == team_id)

    def tag(self, name: str) -> Record:
        """Return a reference to a tag, as in companies and conversations."""
        return {"type": "tag", "id": str(self.tag_ids[name]), "name": name}


def organise(founded: int, incident_tags: list[str]) -> Organisation:
    """Return twelve admins in five teams, with at least two members each, and the tags."""
    team_ids = {name: 5077733 + 104 * index for index, name in enumerate(TEAM_NAMES)}
    numbers = list(team_ids.values())
    admins = []
    for index, name in enumerate(ADMIN_NAMES):
        teams = (numbers[index % 5], numbers[2]) if index % 4 == 3 else (numbers[index % 5],)
        email = f"{name.split()[0].lower().replace('ł', 'l')}@northwind.example"
        email = email.encode("ascii", "ignore").decode()
        admins.append(Admin(4425337 + 41 * index, name, email, tuple(sorted({*teams})), 0.6 + 0.13 * index))
    names = [topic.tag for topic in TOPICS] + [OUTAGE.tag, *incident_tags, *CONTACT_TAGS]
    tags = {name: 7800216 + 19 * index for index, name in enumerate(names)}
    return Organisation(tuple(admins), team_ids, tags, founded)


def admin_records(organisation: Organisation) -> list[Record]:
    """Return the admins; Intercom lists the bot too, without a job title."""
    records = [
        _admin(admin.id, admin.name, admin.email, list(admin.team_ids), JOB_TITLES[index % 4], away=index == AWAY_ADMIN)
        for index, admin in enumerate(organisation.admins)
    ]
    bot = _admin(FIN_ID, str(FIN["name"]), str(FIN["email"]), [], None, away=False)
    return [*records, bot]


def _admin(number: int, name: str, email: str, teams: list[int], job: str | None, *, away: bool) -> Record:
    return {
        "type": "admin",
        "email": email,
        "id": str(number),
        "name": name,
        **({"job_title": job} if job else {}),
        "away_mode_enabled": away,
        "away_mode_reassign": away,
        "away_status_reason_id": LEAVE.id if away else None,
        "has_inbox_seat": job is not None,
        "team_ids": teams,
        "team_priority_level": {"primary_team_ids": teams[:1], "secondary_team_ids": teams[1:]} if teams else {},
        "role": {"type": "role", "id": "9", "name": "Support"} if job else None,
    }


def team_records(organisation: Organisation) -> list[Record]:
    """Return the teams: string ids, integer member ids, as at Intercom."""
    return [
        {
            "type": "team",
            "id": str(number),
            "name": name,
            "admin_ids": [admin.id for admin in organisation.members(number)],
            "assignment_limit": 10 if name == "Support" else None,
            "distribution_method": "load_balanced" if name == "Support" else "round_robin",
        }
        for name, number in organisation.team_ids.items()
    ]


def tag_records(organisation: Organisation) -> list[Record]:
    return [organisation.tag(name) for name in organisation.tag_ids]

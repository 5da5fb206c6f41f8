"""The workspace itself: who asks, its region, staff and attributes."""

import pytest

from .conftest import Client, Start


def test_me_names_the_workspace_its_timezone_and_region(client: Client) -> None:
    me = client.get("/me")
    assert me["email_verified"] is True
    assert me["app"]["timezone"] == "Europe/Dublin"
    assert me["app"]["region"] == "US"
    assert me["app"]["id_code"] == client.get("/contacts")["data"][0]["workspace_id"]


@pytest.mark.parametrize("region", ["eu", "au"])
def test_a_sandbox_can_lie_in_another_region(start: Start, region: str) -> None:
    _, client = start(region=region)
    assert client.get("/me")["app"]["region"] == region.upper()


def test_an_unknown_region_is_refused_at_once(start: Start) -> None:
    with pytest.raises(ValueError, match="us, eu, au"):
        start(region="mars")


def test_teams_and_admins_refer_to_each_other(client: Client) -> None:
    admins = {int(admin["id"]): admin for admin in client.get("/admins")["admins"]}
    teams = client.get("/teams")["teams"]
    assert len(teams) == 5
    assert len(admins) == 13  # twelve people and the bot
    for team in teams:
        assert team["admin_ids"]
        assert all(int(team["id"]) in admins[number]["team_ids"] for number in team["admin_ids"])
        assert client.get(f"/teams/{team['id']}") == team


def test_the_bot_is_an_admin_without_a_job(client: Client) -> None:
    bot = next(admin for admin in client.get("/admins")["admins"] if admin["email"].startswith("operator+"))
    assert "job_title" not in bot
    assert "avatar" not in bot
    assert "avatar" in client.get("/admins", display_avatar="true")["admins"][0]


def test_segments_are_counted_only_on_request_and_company_segments_listed_apart(client: Client) -> None:
    plain = client.get("/segments")["segments"]
    assert "count" not in plain[0]
    counted = client.get("/segments", include_count="true")["segments"]
    assert {segment["name"] for segment in counted} >= {"Active", "New", "Slipping Away"}
    assert counted[0]["count"] > 0
    companies = client.get("/segments", type="company")["segments"]
    assert not {segment["id"] for segment in companies} & {segment["id"] for segment in plain}
    assert client.get(f"/segments/{plain[0]['id']}") == plain[0]


def test_a_contacts_segments_are_those_that_count_it(client: Client) -> None:
    counts: dict[str, int] = {}
    for contact in client.all("/contacts"):
        for segment in client.get(f"/contacts/{contact['id']}/segments")["data"]:
            counts[segment["id"]] = counts.get(segment["id"], 0) + 1
    for segment in client.get("/segments", include_count="true")["segments"]:
        assert segment["count"] == counts.get(segment["id"], 0)


def test_built_in_attributes_carry_no_id_and_custom_ones_do(client: Client) -> None:
    attributes = client.get("/data_attributes", model="contact")["data"]
    assert all(("id" in attribute) == attribute["custom"] for attribute in attributes)
    assert {attribute["model"] for attribute in attributes} == {"contact"}


def test_tags_are_shown_one_by_one(client: Client) -> None:
    tag = client.get("/tags")["data"][0]
    assert client.get(f"/tags/{tag['id']}") == tag

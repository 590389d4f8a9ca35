"""Moderation of rooms and memberships in the admin."""

import msgspec
import pytest
from django.test import Client

from chats.actions.messages import send_message
from chatserver.events.models import Kind as RowKind
from chatserver.tests.harness.moderation import act, audited, confirm, emitted
from rooms.actions.rooms import archive_room, create_room, open_direct_room
from rooms.models import GENERAL_ID, Membership, Room
from users.actions.people import ban_user

ROOMS = "/admin/rooms/room/"
MEMBERS = "/admin/rooms/membership/"


@pytest.fixture
def team(alice, bob):
    return create_room(alice, [bob], name="Team", kind="closed")


@pytest.fixture
def direct(alice, bob):
    return open_direct_room(alice, bob)[0]


def member(room, user):
    return Membership.objects.get(room=room, user=user)


@pytest.mark.parametrize("page", [ROOMS, MEMBERS, f"{MEMBERS}add/", f"{ROOMS}0/change/"])
def test_users_without_staff_status_are_sent_to_the_login(alice, page):
    client = Client()
    client.force_login(alice)
    assert client.get(page).status_code == 302


def test_a_room_is_archived_after_a_question(admin_client, admin_user, team):
    answer = act(admin_client, ROOMS, "archive", team)
    assert "Are you sure?" in answer.text
    assert "<li>Team</li>" in answer.text
    team.refresh_from_db()
    assert team.archived_at is None
    confirm(admin_client, ROOMS, "archive", team)
    team.refresh_from_db()
    assert team.archived_at is not None
    (row,) = emitted("room.archived")
    assert (row.topic, row.actor_id) == (f"room:{team.pk}", admin_user.pk)
    assert audited(team.pk) == [("admin", "Archived")]


def test_general_and_direct_rooms_and_archived_ones_are_not_archived(admin_client, team, direct):
    confirm(admin_client, ROOMS, "archive", team)
    general = Room.objects.get(pk=GENERAL_ID)
    answer = confirm(admin_client, ROOMS, "archive", general, direct, team)
    assert answer.text.count("This room stays as it is.") == 2
    assert "This room is archived." in answer.text
    assert len(emitted("room.archived")) == 1
    assert audited(general.pk) == audited(direct.pk) == []


@pytest.mark.parametrize("is_archived", [False, True])
def test_an_offensive_name_is_changed_with_an_event(admin_client, admin_user, team, is_archived):
    if is_archived:
        confirm(admin_client, ROOMS, "archive", team)
    admin_client.post(f"{ROOMS}{team.pk}/change/", {"name": "Crew", "description": "", "kind": "open", "direct_low": 1})
    team.refresh_from_db()
    assert (team.name, team.kind, team.direct_low) == ("Crew", "closed", None)
    (row,) = emitted("room.updated")
    assert row.actor_id == admin_user.pk
    assert msgspec.json.decode(row.body)["name"] == "Crew"
    assert audited(team.pk)[-1] == ("admin", "Changed Name.")


def test_an_archived_room_is_restored(admin_client, admin_user, team):
    confirm(admin_client, ROOMS, "archive", team)
    confirm(admin_client, ROOMS, "restore", team)
    team.refresh_from_db()
    assert team.archived_at is None
    assert [row.actor_id for row in emitted("room.updated")] == [admin_user.pk]


def test_a_group_room_keeps_a_name(admin_client, team):
    assert admin_client.post(f"{ROOMS}{team.pk}/change/", {"name": "", "description": ""}).status_code == 200
    team.refresh_from_db()
    assert team.name == "Team"
    assert emitted("room.updated") == []


def test_general_and_direct_rooms_have_no_form(admin_client, direct):
    for room_id in (GENERAL_ID, direct.pk):
        page = f"{ROOMS}{room_id}/change/"
        assert 'name="name"' not in admin_client.get(page).text
        assert admin_client.post(page, {"name": "Mine", "description": "", "kind": "open"}).status_code == 403
    direct.refresh_from_db()
    assert (direct.name, direct.kind) == ("", "direct")


def test_rooms_are_neither_made_nor_deleted_here(admin_client, team):
    assert admin_client.get(f"{ROOMS}add/").status_code == 403
    assert admin_client.post(f"{ROOMS}{team.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in admin_client.get(ROOMS).text
    assert "deletelink" not in admin_client.get(f"{ROOMS}{team.pk}/change/").text
    assert Room.objects.filter(pk=team.pk).exists()


def test_removing_a_member_ends_what_they_hear(admin_client, admin_user, team, bob):
    theirs = member(team, bob)
    act(admin_client, MEMBERS, "remove", theirs)
    assert not Membership.objects.filter(pk=theirs.pk).exists()
    team.refresh_from_db()
    assert team.members_count == 1
    removed, unsubscribed, left = emitted("member.removed", "unsubscribe", "room.left")
    assert (removed.topic, removed.actor_id) == (f"room:{team.pk}", admin_user.pk)
    assert msgspec.json.decode(removed.body)["user"]["id"] == bob.pk
    assert (unsubscribed.kind, unsubscribed.user_ids) == (RowKind.UNSUBSCRIBE, [bob.pk])
    assert (left.topic, msgspec.json.decode(left.body)["reason"]) == (f"user:{bob.pk}", "removed")
    assert audited(theirs.pk) == [("admin", "Removed")]


def test_a_successor_follows_the_last_owner_who_is_removed(admin_client, team, alice, bob):
    send_message(bob, team.pk, "hai")
    act(admin_client, MEMBERS, "remove", member(team, alice))
    assert member(team, bob).is_owner
    assert [msgspec.json.decode(row.body)["role"] for row in emitted("member.updated")] == ["owner"]


def test_nobody_is_removed_from_general_or_a_direct_room(admin_client, direct, alice):
    general = member(Room.objects.get(pk=GENERAL_ID), alice)
    answer = act(admin_client, MEMBERS, "remove", general, member(direct, alice))
    assert answer.text.count("This room stays as it is.") == 2
    assert Membership.objects.filter(user=alice).count() == 2
    assert emitted("member.removed", "unsubscribe") == []


def test_an_added_member_hears_the_room(admin_client, admin_user, team, charlie):
    answer = admin_client.post(f"{MEMBERS}add/", {"room": team.pk, "user": charlie.pk})
    assert answer.status_code == 302
    theirs = member(team, charlie)
    assert theirs.role == "member"
    team.refresh_from_db()
    assert team.members_count == 3
    (row,) = emitted("member.added")
    assert row.actor_id == admin_user.pk
    assert [row.user_ids for row in emitted("subscribe")][-1] == [charlie.pk]
    assert audited(theirs.pk) == [("admin", "Added.")]


def test_members_and_the_banned_are_not_added_nor_anybody_where_none_can_enter(
    admin_client, admin_user, team, direct, bob, charlie
):
    def refused(room_id, user):
        return admin_client.post(f"{MEMBERS}add/", {"room": room_id, "user": user.pk}).status_code == 200

    assert refused(team.pk, bob)
    assert refused(direct.pk, charlie)
    assert refused(GENERAL_ID, charlie)
    ban_user(charlie)
    assert refused(team.pk, charlie)
    confirm(admin_client, ROOMS, "archive", team)
    assert refused(team.pk, admin_user)
    assert emitted("member.added") == []


def test_a_room_that_is_archived_meanwhile_refuses_with_a_sentence(admin_client, team, charlie, monkeypatch):
    archive_room(Membership.objects.select_related("room").get(room=team, role="owner"))
    monkeypatch.setattr("rooms.admin.MembershipAdmin.formfield_for_foreignkey", unlimited)
    answer = admin_client.post(f"{MEMBERS}add/", {"room": team.pk, "user": charlie.pk}, follow=True)
    assert "This room is archived." in answer.text
    assert not Membership.objects.filter(room=team, user=charlie).exists()


def test_a_user_who_is_banned_meanwhile_is_refused_with_a_sentence(admin_client, team, charlie, monkeypatch):
    ban_user(charlie)
    monkeypatch.setattr("rooms.admin.MembershipAdmin.formfield_for_foreignkey", unlimited)
    answer = admin_client.post(f"{MEMBERS}add/", {"room": team.pk, "user": charlie.pk}, follow=True)
    assert "is not there, or not active." in answer.text
    assert not Membership.objects.filter(room=team, user=charlie).exists()


def unlimited(self, db_field, request, **kwargs):
    return db_field.formfield()


def test_memberships_are_neither_changed_nor_deleted_by_hand(admin_client, team, bob):
    theirs = member(team, bob)
    page = f"{MEMBERS}{theirs.pk}/"
    assert admin_client.get(f"{page}change/").status_code == 200
    assert admin_client.post(f"{page}change/", {"role": "owner", "read_seq": 9}).status_code == 403
    assert admin_client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in admin_client.get(MEMBERS).text
    assert member(team, bob).role == "member"


def test_rooms_are_found_by_id_by_pair_and_by_name(admin_client, team, direct, alice, bob):
    def found(words):
        return {room.pk for room in admin_client.get(ROOMS, {"q": words}).context["cl"].result_list}

    assert found(str(team.pk)) == found(f"room:{team.pk}") == found("tea") == {team.pk}
    assert found(f"{bob.pk}:{alice.pk}") == {direct.pk}
    assert found("0") == {GENERAL_ID}
    assert found("nowhere") == set()


def test_memberships_are_found_by_room_and_by_name(admin_client, team, direct, alice, bob):
    def found(words):
        members = admin_client.get(MEMBERS, {"q": words}).context["cl"].result_list
        return {(member.room_id, member.user_id) for member in members}

    assert found(f"room:{team.pk}") == {(team.pk, alice.pk), (team.pk, bob.pk)}
    assert found("ALICE") == {(GENERAL_ID, alice.pk), (team.pk, alice.pk), (direct.pk, alice.pk)}
    assert found(f"room:{team.pk} bob") == {(team.pk, bob.pk)}
    assert found("nobody") == set()


def test_lists_take_a_fixed_number_of_queries(admin_client, team, direct, django_assert_num_queries):
    with django_assert_num_queries(5):  # session, who, newest id, count, page
        assert admin_client.get(ROOMS).context["cl"].result_count == 3
    with django_assert_num_queries(5):
        assert admin_client.get(MEMBERS).context["cl"].result_count == 7

"""The old routes and the old stream have what people wrote, and nothing that rooms say themselves."""

from chatserver.legacy.tests.test_stream import frames, wait_frame
from chatserver.tests.harness.service import Service


def test_neither_a_new_name_nor_who_came_or_went_is_a_message(granian: Service) -> None:
    alice, bob, charlie = granian.people(3)
    room = alice.make_room(bob, kind="open")
    stream = bob.listen(path="/stream")
    alice.send_text("the first", room)
    assert alice.patch(f"/api/v1/rooms/{room}/", json={"name": "Tea"}).status_code == 200
    assert charlie.post(f"/api/v1/rooms/{room}/members/", json={"user_id": charlie.id}).status_code == 201
    assert charlie.delete(f"/api/v1/rooms/{room}/members/{charlie.id}/").status_code == 204
    alice.send_text("the last", room)
    wait_frame(stream, "message", message="the last")
    heard = [message["message"] for message in frames(stream, "message") if message["roomId"] == str(room)]
    assert heard == ["the first", "the last"]
    assert [message["message"] for message in bob.get(f"/room/{room}/messages").json()] == ["the last", "the first"]
    assert bob.get(f"/room/{room}/messages?offset=1&size=5").json()[0]["message"] == "the first"
    preloaded = bob.get(f"/room/{room}/preload").json()["messages"]
    assert [message["message"] for message in preloaded] == ["the last", "the first"]

"""A session with the client of openapi-python-client: python session.py <url> <username> <password>."""

import sys

from chat_server_client import AuthenticatedClient, Client
from chat_server_client.api.chats import chats_create
from chat_server_client.api.rooms import rooms_create, rooms_list, rooms_messages_list, rooms_retrieve
from chat_server_client.api.tokens import tokens_create, tokens_current_destroy
from chat_server_client.api.users import users_create, users_list, users_online_retrieve
from chat_server_client.models import (
    ChatsCreateResponse409,
    ChatsCreateResponse409Code,
    FullRoom,
    GroupKindEnum,
    LoginRequest,
    Message,
    MessageKeyPage,
    NewMessageRequest,
    NewRoomRequest,
    NotAuthenticatedProblem,
    NotAuthenticatedProblemCode,
    OnlinePersonKeyPage,
    RegistrationRequest,
    RoomsRetrieveResponse404,
    Token,
    User,
    UserKeyPage,
)

base_url, username, password = sys.argv[1:]
nobody = Client(base_url=base_url, raise_on_unexpected_status=True)
user = users_create.sync(
    client=nobody,  # type: ignore[arg-type]  # the generator takes credentials that are optional for needed
    body=RegistrationRequest(username=username, password=password),
)
assert isinstance(user, User)
token = tokens_create.sync(client=nobody, body=LoginRequest(username=username, password=password))
assert isinstance(token, Token)
assert token.user == user
api = AuthenticatedClient(base_url=base_url, token=token.token, raise_on_unexpected_status=True)

room = rooms_create.sync(client=api, body=NewRoomRequest(name="Launch", kind=GroupKindEnum.CLOSED))
assert isinstance(room, FullRoom)
for text in ("one", "two", "three"):
    body = NewMessageRequest(room_id=room.id, message=text, client_message_id=text)
    posted = chats_create.sync(client=api, body=body)
    assert isinstance(posted, Message)
    assert posted.sender.username == username

newest = rooms_messages_list.sync(room.id, client=api, limit=2)
assert isinstance(newest, MessageKeyPage)
assert newest.previous is not None
oldest = rooms_messages_list.sync(room.id, client=api, limit=2, before=newest.previous)
assert isinstance(oldest, MessageKeyPage)
assert [message.message for message in oldest.results + newest.results] == ["one", "two", "three"]
people = users_list.sync(client=api, q=username)
assert isinstance(people, UserKeyPage)
assert [person.id for person in people.results] == [user.id]
online = users_online_retrieve.sync(client=api, ids=[user.id, 999])
assert isinstance(online, OnlinePersonKeyPage)
assert online.results == []

again = NewMessageRequest(room_id=room.id, message="another", client_message_id="one")
refused = chats_create.sync(client=api, body=again)
assert isinstance(refused, ChatsCreateResponse409)
assert refused.code == ChatsCreateResponse409Code.CLIENT_MESSAGE_ID_USED
stranger = AuthenticatedClient(base_url=base_url, token="ct_nonsense")
unknown = rooms_list.sync(client=stranger)
assert isinstance(unknown, NotAuthenticatedProblem)
assert unknown.code == NotAuthenticatedProblemCode.INVALID_TOKEN
assert isinstance(rooms_retrieve.sync(999_999_999, client=api), RoomsRetrieveResponse404)
assert tokens_current_destroy.sync_detailed(client=api).status_code == 204

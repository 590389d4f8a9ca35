/** The names of all events. */
export const EVENT_TYPES: readonly ["block.added", "block.removed", "invitation.created", "invitation.removed", "join_request.created", "join_request.removed", "member.added", "member.removed", "member.updated", "membership.updated", "message.created", "message.deleted", "message.updated", "notification.due", "presence.changed", "reaction.added", "reaction.removed", "read.updated", "room.archived", "room.created", "room.left", "room.updated", "thread.updated", "typing.started", "typing.stopped", "user.created", "user.updated", "visibility.updated"];
/**
 * Any event.
 */
export type ChatEvent = BlockAddedEvent | BlockRemovedEvent | InvitationCreatedEvent | InvitationRemovedEvent | JoinRequestCreatedEvent | JoinRequestRemovedEvent | MemberAddedEvent | MemberRemovedEvent | MemberUpdatedEvent | MembershipUpdatedEvent | MessageCreatedEvent | MessageDeletedEvent | MessageUpdatedEvent | NotificationDueEvent | PresenceChangedEvent | ReactionAddedEvent | ReactionRemovedEvent | ReadUpdatedEvent | RoomArchivedEvent | RoomCreatedEvent | RoomLeftEvent | RoomUpdatedEvent | ThreadUpdatedEvent | TypingStartedEvent | TypingStoppedEvent | UserCreatedEvent | UserUpdatedEvent | VisibilityUpdatedEvent;
export type AllowedEnum = "everyone" | "moderators";
export type AskedToJoin = {
    room_id: number;
    user: Person;
    requested_at: string;
};
export type Block = {
    user: Person;
    blocked_at: string;
};
/**
 * I block a person: neither of us sends direct messages to the other. Heard by only one's own devices.
 */
export type BlockAddedEvent = {
    position: number;
    type: "block.added";
    room_id: null;
    actor_id: number | null;
    at: string;
    data: Block;
};
/**
 * I no longer block a person. Heard by only one's own devices.
 */
export type BlockRemovedEvent = {
    position: number;
    type: "block.removed";
    room_id: null;
    actor_id: number | null;
    at: string;
    data: Block;
};
export type Bye = {
    type: "bye";
    reason: ByeReasonEnum;
};
/**
 * * `shutdown` - this process is being replaced; come back
 * * `error` - something broke here; come back
 * * `lost` - PostgreSQL lost events that were delivered; come back
 * * `expired` - come back with a new token or session
 * * `logged_out` - come back with a new login
 * * `password_changed` - come back with a new login
 * * `banned` - do not come back
 * * `deleted` - do not come back
 * * `too_many_streams` - this user opened more streams than one may, and this was the oldest
 */
export type ByeReasonEnum = "shutdown" | "error" | "lost" | "expired" | "logged_out" | "password_changed" | "banned" | "deleted" | "too_many_streams";
export type CredentialEnum = "token" | "jwt" | "session" | "password" | "key";
/**
 * An invitation that was accepted, declined or revoked.
 */
export type EndedInvitation = {
    id: number;
    room_id: number;
};
/**
 * A request that was approved, declined or withdrawn.
 */
export type EndedJoinRequest = {
    room_id: number;
    user_id: number;
};
/**
 * Who types no longer, and where.
 */
export type EndedTyping = {
    room_id: number;
    parent_id: number | null;
    user_id: number;
};
export type Following = {
    root_id: number;
    room_id: number;
    following: boolean;
    read_seq: number;
};
/**
 * A room as one person sees it, with its last message.
 */
export type FullRoom = {
    id: number;
    kind: RoomKindEnum;
    name: string;
    description: string;
    people: (Person)[] | null;
    created_at: string;
    archived_at: string | null;
    last_active_at: string;
    last_seq: number;
    main_seq?: number;
    members_count: number;
    external_id?: string | null;
    posting?: AllowedEnum;
    history?: HistoryEnum;
    slow_mode_seconds?: number;
    edit_minutes?: number | null;
    max_length?: number | null;
    pinning?: AllowedEnum;
    join_requests?: boolean;
    metadata?: Record<string, any>;
    role: RoleEnum | NullEnum;
    visible_from_seq: number | null;
    read_seq: number | null;
    read_main_seq: number | null;
    unread: number | null;
    mentions: number | null;
    me: MemberSettings | null;
    last_message: Message | null;
};
export type Heartbeat = {
    type: "heartbeat";
    position: number;
};
export type Hello = {
    type: "hello";
    position: number;
    user_id: number;
    resumed: boolean;
};
/**
 * * `from_joining` - From Joining
 */
export type HistoryEnum = "all" | "from_joining";
export type Invitation = {
    id: number;
    room_id: number;
    room: InvitedRoom;
    inviter: Person;
    user_id: number | null;
    created_at: string;
    expires_at: string | null;
    uses_left: number | null;
};
/**
 * I am invited to a room. Heard by only one's own devices.
 */
export type InvitationCreatedEvent = {
    position: number;
    type: "invitation.created";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Invitation;
};
/**
 * I entered a room that I was invited to, or declined, or the invitation was revoked. Heard by only one's own devices.
 */
export type InvitationRemovedEvent = {
    position: number;
    type: "invitation.removed";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: EndedInvitation;
};
/**
 * What one may know of a room before one is in it.
 */
export type InvitedRoom = {
    kind: RoomKindEnum;
    name: string;
    description: string;
    members_count: number;
};
/**
 * A person asks to join a room that I moderate. Heard by the devices of its owners and moderators, of the oldest 20.
 */
export type JoinRequestCreatedEvent = {
    position: number;
    type: "join_request.created";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: AskedToJoin;
};
/**
 * A request to join a room was approved, declined or withdrawn. Heard by the devices of who asked, and of the room's owners and moderators, of the oldest 20.
 */
export type JoinRequestRemovedEvent = {
    position: number;
    type: "join_request.removed";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: EndedJoinRequest;
};
/**
 * A room that one is no longer in.
 */
export type LeftRoom = {
    room_id: number;
    reason: LeftRoomReasonEnum;
};
export type LeftRoomReasonEnum = "left" | "removed";
export type Member = {
    room_id: number;
    user: Person;
    role: RoleEnum;
    joined_at: string;
    read_seq: number;
};
/**
 * A person entered a room. Heard by the room, and the new member.
 */
export type MemberAddedEvent = {
    position: number;
    type: "member.added";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Member;
};
/**
 * A person left a room, or was removed from it. Heard by the room, and the one who left.
 */
export type MemberRemovedEvent = {
    position: number;
    type: "member.removed";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Member;
};
export type MemberSettings = {
    room_id: number;
    notify: NotifyEnum;
    muted_until: string | null;
    pinned: boolean;
    hidden: boolean;
    hidden_seq: number | null;
};
/**
 * A member has a new role. Heard by the room.
 */
export type MemberUpdatedEvent = {
    position: number;
    type: "member.updated";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Member;
};
/**
 * I changed what I set for myself in a room. Heard by only one's own devices.
 */
export type MembershipUpdatedEvent = {
    position: number;
    type: "membership.updated";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: MemberSettings;
};
/**
 * A person, or the whole `room`, and where in the text: in code points, from the @ on.
 */
export type Mention = {
    user_id?: number;
    room?: boolean;
    start: number;
    end: number;
};
export type Message = {
    id: number;
    room_id: number;
    seq: number;
    main_seq?: number;
    place?: number;
    thread_seq?: number | null;
    parent_id?: number | null;
    version?: number;
    sent_by: number;
    received_by: number | null;
    kind?: MessageKindEnum;
    message: string;
    attachments?: (Record<string, any>)[];
    sent_at: string;
    edited_at?: string | null;
    client_message_id: string | null;
    removed_at: string | null;
    pinned_at?: string | null;
    pinned_by?: number | null;
    sender: Person;
    mentions?: (Mention)[];
    metadata?: Record<string, any>;
    reactions?: (ReactionCount)[];
    thread?: Thread | null;
};
/**
 * A message was posted. Heard by the room.
 */
export type MessageCreatedEvent = {
    position: number;
    type: "message.created";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Message;
    thread?: {
        root_id: number;
        reply_count: number;
        last_seq: number;
        last_reply_at: string | null;
        participants: (Person)[];
    };
};
/**
 * A message was removed: its place stays, its text is gone and `removed_at` is set. Heard by the room.
 */
export type MessageDeletedEvent = {
    position: number;
    type: "message.deleted";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Message;
    thread?: {
        root_id: number;
        reply_count: number;
        last_seq: number;
        last_reply_at: string | null;
        participants: (Person)[];
    };
};
export type MessageKindEnum = "text" | "system";
/**
 * A message was edited, pinned or unpinned. Earlier events of it have a new text, too. Heard by the room.
 */
export type MessageUpdatedEvent = {
    position: number;
    type: "message.updated";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Message;
};
/**
 * A read marker, and whose it is. Without a count: that would be of another moment when it arrives.
 */
export type MovedReadMarker = {
    room_id: number;
    user_id: number;
    seq: number;
    read_main_seq?: number;
    is_back?: boolean;
    unread?: number;
};
/**
 * A message that these people have not read. Its text is to be fetched: it may have changed since.
 */
export type Notification = {
    message_id: number;
    room_id: number;
    room_external_id: string | null;
    seq: number;
    sender_id: number;
    recipients: (Recipient)[];
};
/**
 * A message has been unread for 15 s by people who should be told of it. Heard by webhooks and the whole log alone.
 */
export type NotificationDueEvent = {
    position: number;
    type: "notification.due";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Notification;
};
export type NotifyEnum = "all" | "mentions" | "none";
export type NullEnum = null;
export type Person = {
    id: number;
    username: string;
    display_name: string;
    avatar_url: string;
    is_deleted: boolean;
};
/**
 * How a person appears now; `online` also where they are away.
 */
export type Presence = {
    id: number;
    username: string;
    online: boolean;
    status: PresenceStatusEnum;
};
/**
 * A person came online, went away or offline, or is back. Told once a second at most. Heard by who shares a room of up to 200 people with that person; General is none.
 */
export type PresenceChangedEvent = {
    type: "presence.changed";
    room_id: null;
    actor_id: number | null;
    at: string;
    data: Presence;
};
export type PresenceStatusEnum = "online" | "away" | "offline";
/**
 * Somebody reacted to a message. Heard by the room.
 */
export type ReactionAddedEvent = {
    position: number;
    type: "reaction.added";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: ReactionChange;
};
/**
 * What events tell: `count` is how many have this reaction now.
 */
export type ReactionChange = {
    message_id: number;
    room_id: number;
    seq: number;
    user_id: number;
    emoji: string;
    count: number;
};
export type ReactionCount = {
    emoji: string;
    count: number;
    mine: boolean;
};
/**
 * Somebody took their reaction back. A message that is removed loses all, without these. Heard by the room.
 */
export type ReactionRemovedEvent = {
    position: number;
    type: "reaction.removed";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: ReactionChange;
};
/**
 * A read marker moved, other than by sending a message. Heard by both people of a direct room; in other rooms, and where it moved back, only one's own devices.
 */
export type ReadUpdatedEvent = {
    position: number;
    type: "read.updated";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: MovedReadMarker;
};
export type Recipient = {
    user_id: number;
    external_id: string | null;
    reason: RecipientReasonEnum;
};
export type RecipientReasonEnum = "mentioned" | "direct" | "thread" | "all";
export type RoleEnum = "owner" | "moderator" | "member";
export type Room = {
    id: number;
    kind: RoomKindEnum;
    name: string;
    description: string;
    people: (Person)[] | null;
    created_at: string;
    archived_at: string | null;
    last_active_at: string;
    last_seq: number;
    main_seq?: number;
    members_count: number;
    external_id?: string | null;
    posting?: AllowedEnum;
    history?: HistoryEnum;
    slow_mode_seconds?: number;
    edit_minutes?: number | null;
    max_length?: number | null;
    pinning?: AllowedEnum;
    join_requests?: boolean;
    metadata?: Record<string, any>;
};
/**
 * A room was archived: its members can read it, nobody can write. Heard by the room.
 */
export type RoomArchivedEvent = {
    position: number;
    type: "room.archived";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Room;
};
/**
 * A room was made. Heard by the room.
 */
export type RoomCreatedEvent = {
    position: number;
    type: "room.created";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Room;
};
export type RoomKindEnum = "direct" | "open" | "closed";
/**
 * I am no longer in a room: I left it, or was removed. Heard by only one's own devices, also those that were away.
 */
export type RoomLeftEvent = {
    position: number;
    type: "room.left";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: LeftRoom;
};
/**
 * A room has a new name, kind or description, or was restored: its members can write again. Heard by the room.
 */
export type RoomUpdatedEvent = {
    position: number;
    type: "room.updated";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Room;
};
export type Session = {
    user: User | null;
    credential: CredentialEnum | NullEnum;
    expires_at: string | null;
};
export type StreamReset = {
    type: "reset";
    reason: StreamResetReasonEnum;
    position: number;
};
/**
 * * `too_far_behind` - more than 2,000 events or 1 MB were missed
 * * `trimmed` - the log no longer reaches back that far
 * * `future` - the log does not go that far
 * * `lost` - the log never had that position, or PostgreSQL lost it
 * * `rejoined` - the user left a room and entered it again, and missed events of before
 */
export type StreamResetReasonEnum = "too_far_behind" | "trimmed" | "future" | "lost" | "rejoined";
/**
 * The totals of a thread.
 */
export type Thread = {
    reply_count: number;
    last_seq: number;
    last_reply_at: string;
    participants: (Person)[];
};
/**
 * I follow a thread, or no longer, or have read it further, other than by replying. Heard by only one's own devices.
 */
export type ThreadUpdatedEvent = {
    position: number;
    type: "thread.updated";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Following;
};
/**
 * Who types where, and for how many seconds that is to be shown.
 */
export type Typing = {
    room_id: number;
    parent_id: number | null;
    user_id: number;
    expires_in: number;
};
/**
 * A person types in a room or a thread; show it for `expires_in` seconds, or until they post there. Heard by who is in the room now, where these are at most 200.
 */
export type TypingStartedEvent = {
    type: "typing.started";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: Typing;
};
/**
 * A person types there no longer. Heard by who is in the room now, where these are at most 200.
 */
export type TypingStoppedEvent = {
    type: "typing.stopped";
    room_id: number;
    actor_id: number | null;
    at: string;
    data: EndedTyping;
};
export type User = {
    id: number;
    username: string;
    display_name: string;
    avatar_url: string;
    is_deleted: boolean;
    email: string | null;
    date_joined: string;
    last_seen_at: string | null;
    external_id: string | null;
};
/**
 * A person registered, or was made by staff or a backend. Heard by everybody; nobody but them where strangers do not see each other.
 */
export type UserCreatedEvent = {
    position: number;
    type: "user.created";
    room_id: null;
    actor_id: number | null;
    at: string;
    data: Person;
};
/**
 * A person changed their name or picture, or was deleted. Heard by everybody; who shares a room with them where strangers do not see each other.
 */
export type UserUpdatedEvent = {
    position: number;
    type: "user.updated";
    room_id: null;
    actor_id: number | null;
    at: string;
    data: Person;
};
/**
 * Whether one appears offline to others, whatever one does.
 */
export type Visibility = {
    invisible: boolean;
};
/**
 * A person chose to appear offline to others, or no longer. Heard by only one's own devices.
 */
export type VisibilityUpdatedEvent = {
    position: number;
    type: "visibility.updated";
    room_id: null;
    actor_id: number | null;
    at: string;
    data: Visibility;
};

//! Bounds of the server itself, each with its unit. What a client may send is bounded in `switchboard_protocol::limits`;
//! what an operator may want to change is in the configuration.

use std::time::Duration;

use switchboard_store::automatic_mails::Bounds;

use crate::attachments::going::Most;
use crate::attachments::pace::Pace;

/// A request's head must be in by then. The time until a kept connection's next request counts, too: aiohttp, which many bots
/// call with, keeps its connections for 15 s of silence and takes it as a failure when the other side was quicker.
pub const HEADER_READ: Duration = Duration::from_secs(20);
/// A request other than an upload must be answered by then.
pub const REQUEST: Duration = Duration::from_secs(20);
/// A command over a socket must be answered by then: well before the client would count as silent, whose pongs are not
/// read while its command is carried out.
pub const COMMAND: Duration = Duration::from_millis(switchboard_protocol::limits::COMMAND_MS as u64);
/// A body other than an upload's must be in by then: shorter than [`REQUEST`], so that who is slow is told so.
pub const BODY_READ: Duration = Duration::from_secs(10);
/// A channel's lease is held for so long unless it is renewed: what a hub that dies leaves is taken over by then.
pub const CHANNEL_LEASE: Duration = Duration::from_secs(10);
/// Operators are told that by then another goes on with the channel of one that died.
pub const CHANNEL_TAKEN_OVER: Duration = Duration::from_secs(15);
/// A provider's call that comes more slowly is ended: the room for calls is little. It is an eighth of what a mail server on a line
/// of 1 Mbit/s sends, which others use as well: cut off, it would send the same 25 MiB again for days, and never get through.
/// Whoever is as slow on purpose holds no more than their inbox's share of the room ([`crate::channels::Calls`]).
pub const WEBHOOK_PACE: Pace = Pace { bytes_a_second: 16 * 1024, patience: Duration::from_secs(10) };
const _: () = assert!(WEBHOOK_PACE.bytes_a_second * 7 < 1_000_000 / 8, "a slow line's mails get through");
/// A peer that takes no byte for so long is cut off.
pub const NO_PROGRESS: Duration = Duration::from_secs(60);
/// The same of a socket's peer, for the kernel, whose clock small progress does not set back: beyond what the heartbeat
/// finds by itself ([`crate::sessions::STALLED_AFTER`]).
pub const SOCKET_NO_PROGRESS: Duration = Duration::from_secs(180);
/// What of an answer may wait in the kernel before it is on its way, bytes a connection: so what was handed out is about what
/// was taken.
pub const UNSENT_BYTES: u32 = 128 * 1024;
/// An upload must be in by then; a slow phone needs 25 MiB at 100 kB/s.
pub const UPLOAD: Duration = Duration::from_secs(300);
/// Largest head of a request, bytes.
pub const HEAD_BYTES: usize = 16 * 1024;
/// Most connections at once beyond which a new one waits in the kernel's queue; fewer if the process may not open four
/// files for each: sockets have theirs besides, and a download needs two.
pub const CONNECTIONS: usize = 100_000;
/// What part of them one address may have, so that it takes four to keep everybody out, and four that ask: who asks nothing
/// makes room. Upgraded ones are sockets and count there.
pub const CONNECTIONS_SHARE: usize = 4;
/// One address may have so many whatever the part is.
pub const CONNECTIONS_FROM_ONE: usize = 64;
/// Backlog of the listening socket, connections.
pub const BACKLOG: i32 = 4096;
/// Password hashes computed at once: each takes 19 MiB for some 20 ms of one core.
pub const PASSWORD_HASHES: usize = 2;
/// Most sign-ins that wait for their hash; more are refused as `overloaded`.
pub const PASSWORD_QUEUE: usize = 64;
/// Uploads going on at once.
pub const UPLOADS: Most = Most { all: 32, each: 8 };
/// Downloads going on at once: a page of pictures, for many behind one address.
pub const DOWNLOADS: Most = Most { all: 256, each: 64 };
/// A file that moves more slowly, up or down, gives its place to another: 4 KiB a second over the whole of it so far, which
/// is a telephone at the edge of the oldest network, and half a minute behind that, which is a tunnel.
pub const TRANSFER_PACE: Pace = Pace { bytes_a_second: 4 * 1024, patience: Duration::from_secs(30) };
/// Bytes of visitors' and agents' files that no message names yet, beyond which visitors' are refused: 8 GiB.
pub const UNNAMED_BYTES: i64 = 8 * 1024 * 1024 * 1024;
/// Such files, beyond which visitors' are refused: the writer counts them for each one that comes.
pub const UNNAMED_FILES: i64 = 10_000;
/// An invitation's link opens for this long, milliseconds.
pub const INVITATION_MS: i64 = 7 * 24 * 3_600_000;
/// A link for a new password opens for this long, milliseconds: it is asked for by somebody who waits for it.
pub const PASSWORD_LINK_MS: i64 = 24 * 3_600_000;
/// How long a browser stays signed in, milliseconds; each use starts it anew, to the hour.
pub const SESSION_MS: i64 = 30 * 24 * 3_600_000;
/// Sessions' and tokens' last use is written at most this often, milliseconds.
pub const LAST_SEEN_STEP_MS: i64 = 3_600_000;
/// How long a request waits for that to be written. It is then answered all the same: who reads needs no writer.
pub const LAST_SEEN_PATIENCE: Duration = Duration::from_millis(500);
/// A visitor's token is good for this long, milliseconds; an old one is renewed at the next opening of the panel.
pub const VISITOR_TOKEN_MS: i64 = 365 * 24 * 3_600_000;
/// One for a bot's console, milliseconds: a day's work at a bot. Whoever is an admin no more then gets no other.
pub const CONSOLE_TOKEN_MS: i64 = 12 * 3_600_000;
/// A token this old is answered with a fresh one for the same visitor, milliseconds.
pub const VISITOR_TOKEN_RENEW_MS: i64 = 30 * 24 * 3_600_000;
/// A file that goes out by a provider which fetches it can be fetched for this long, milliseconds: the provider keeps a
/// message for four hours itself.
pub const MEDIA_MS: i64 = 6 * 3_600_000;
/// A contact form's token is good for this long, milliseconds: a page may lie open for a day.
pub const FORM_TOKEN_MS: i64 = 24 * 3_600_000;
/// Mails that the hub writes by itself: a reader gets one a day, be it a confirmation of a form or an acknowledgement, from all
/// inboxes together and at all their `+` addresses; and an inbox writes 200 an hour of either. Whatever answers them, and whoever
/// gives the addresses.
pub const AUTOMATIC_MAILS: Bounds = Bounds { each_ms: 24 * 3_600_000, window_ms: 3_600_000, most: 200 };
/// What was written longer ago than this, milliseconds, is not acknowledged any more: somebody has set up a mailbox with what
/// lay in it, or it could not be read for days.
pub const ACKNOWLEDGED_WITHIN_MS: i64 = 24 * 3_600_000;
/// Messages that a conversation opens with.
pub const DETAIL_MESSAGES: usize = 50;
/// Rows of a page unless the caller asks for fewer or more (up to `PAGE_ROWS`).
pub const PAGE_DEFAULT: usize = 50;
/// Events of one page of the feed over HTTP.
pub const FEED_PAGE: usize = 500;
/// API tokens of one person.
pub const TOKENS: usize = 50;
/// Members of a team, agents in an access list.
pub const MEMBERS: usize = 500;
/// Origins of one web inbox.
pub const ORIGINS: usize = 50;
/// Keys of what was sent or made are remembered this long, milliseconds: as long as an offline device may hold it back.
pub const EDGE_KEYS_MS: i64 = 30 * 24 * 3_600_000;
/// Worker threads of the runtime: more do not help a hub that waits for the network.
pub const WORKERS: usize = 4;
/// Threads for blocking work (passwords, files).
pub const BLOCKING_THREADS: usize = 8;

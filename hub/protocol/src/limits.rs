//! Bounds on what a client may send, each with its unit. A client can check them before it sends; the hub always does.

/// Longest text of one message, characters.
pub const MESSAGE_TEXT_CHARS: usize = 10_000;
/// Most attachments on one message, files.
pub const MESSAGE_ATTACHMENTS: usize = 10;
/// Customers to whom one message may begin conversations: service, not marketing.
pub const START_RECIPIENTS: usize = 100;
/// Largest attachment, bytes.
pub const ATTACHMENT_BYTES: usize = 25 * 1024 * 1024;
/// Longest file name kept, characters.
pub const FILE_NAME_CHARS: usize = 200;
/// Largest frame that a client may send, bytes. A full message text in four-byte characters, escaped, fits.
pub const CLIENT_FRAME_BYTES: usize = 128 * 1024;
/// Largest REST body other than an upload, bytes.
pub const BODY_BYTES: usize = 256 * 1024;
/// Longest id that a client gives to what it sends, characters.
pub const CLIENT_ID_CHARS: usize = 64;
/// Longest name of a person, team, inbox or tag, characters.
pub const NAME_CHARS: usize = 120;
/// Longest subject, characters.
pub const SUBJECT_CHARS: usize = 300;
/// Longest URL kept as the source of a conversation, characters.
pub const URL_CHARS: usize = 2_000;
/// Most tags on one conversation.
pub const TAGS: usize = 50;
/// Most assignees of one conversation, agents.
pub const ASSIGNEES: usize = 10;
/// Most colleagues named in one note, agents.
pub const MENTIONS: usize = 20;
/// Longest time for which an answer is held before it goes out, seconds.
pub const HOLD_SECONDS: u32 = 30;
/// Most cards of one person that are merged, cards.
pub const MERGED_CONTACTS: usize = 50;
/// Most messages and notes that get another conversation at once.
pub const MOVED_MESSAGES: usize = 500;
/// Most conversations that are merged one into the next.
pub const MERGED_IN_A_ROW: usize = 20;
/// Most customers who are suggested as the same person, customers.
pub const SUGGESTIONS: usize = 5;
/// Most conversations that one request changes, conversations.
pub const BULK: usize = 500;
/// Most rows on one page of a list.
pub const PAGE_ROWS: usize = 100;
/// Of what a message answers so much is kept, characters.
pub const QUOTE_CHARS: usize = 300;
/// Preview of the last message in a conversation row, characters.
pub const PREVIEW_CHARS: usize = 140;
/// Shortest password, characters (NIST SP 800-63B, section 5.1.1.2 asks for at least 8).
pub const PASSWORD_MIN_CHARS: usize = 10;
/// Longest password, characters: argon2 has no need of more and a megabyte of it is an attack.
pub const PASSWORD_MAX_CHARS: usize = 200;
/// How far from now a conversation may be put off, milliseconds: five years.
pub const SNOOZE_MS: i64 = 5 * 366 * 24 * 3_600_000;
/// How long a typing signal lasts unless it is repeated, milliseconds.
pub const TYPING_TTL_MS: u32 = 5_000;
/// How often a client repeats its typing signal while keys are pressed, milliseconds.
pub const TYPING_REPEAT_MS: u32 = 2_500;
/// The hub answers a command by then, milliseconds, if only that it could not carry it out. A client that has waited a few
/// seconds longer takes the connection for dead; not earlier, or a slow store would have everybody connect anew.
pub const COMMAND_MS: u32 = 20_000;
/// How often the hub sends its heartbeat, milliseconds. Either side that hears nothing for two of them takes the
/// connection for dead, which keeps within 30 s; shorter would cost more than 50 kB/s for 11,000 idle sockets.
pub const HEARTBEAT_MS: u32 = 14_000;
/// Most parts of one message that are set in something.
pub const FORMATS: usize = 100;
/// Most buttons with one message.
pub const BUTTONS: usize = 100;
/// Longest text on a button, characters.
pub const BUTTON_CHARS: usize = 64;
/// Most bots of one deployment.
pub const BOTS: usize = 500;
/// Most bots of one inbox.
pub const BOTS_OF_INBOX: usize = 20;
/// Longest time for which a bot's silence may keep a customer from people, seconds.
pub const BOT_PATIENCE_SECONDS: u32 = 30;
/// So many answers of bots within an hour, none of a person among them, are a loop with another program where customers
/// are not seen to be people.
pub const BOT_ANSWERS_AN_HOUR: u32 = 60;
/// A day on the clock, minutes.
pub const MINUTES_OF_DAY: u32 = 24 * 60;
/// Most times at which an inbox is open on one day.
pub const SPANS_OF_DAY: usize = 6;
/// Most holidays of an inbox, days.
pub const HOLIDAYS: usize = 100;
/// Most attributes of a customer's card.
pub const ATTRIBUTES: usize = 50;
/// Longest name of an attribute, characters.
pub const ATTRIBUTE_NAME_CHARS: usize = 64;
/// Longest value of an attribute, characters.
pub const ATTRIBUTE_CHARS: usize = 1_000;
/// Most of all attributes of a card together, names and values, bytes: each change of a card is told with all of it.
pub const ATTRIBUTES_BYTES: usize = 16 * 1024;
/// Most other systems that say something of one customer.
pub const OUTSIDE_CARDS: usize = 10;
/// Most rows of what one of them says.
pub const OUTSIDE_CARD_ROWS: usize = 20;
/// Most items of one row's list.
pub const OUTSIDE_CARD_ITEMS: usize = 10;
/// Most values of one item.
pub const OUTSIDE_CARD_VALUES: usize = 3;
/// Longest text of it, characters.
pub const OUTSIDE_CARD_CHARS: usize = 300;
/// Most of what one system says of a customer, bytes of JSON.
pub const OUTSIDE_CARD_BYTES: usize = 16 * 1024;
/// Longest name of such a system, characters.
pub const OUTSIDE_SOURCE_CHARS: usize = 40;
/// Most tags of the list of all, and of those that have a colour.
pub const TAG_ROWS: usize = 1_000;
/// Most templates that are shared, by teams and by all together; and of one person's own.
pub const TEMPLATES: usize = 500;
/// Most views of one person's own.
pub const VIEWS: usize = 10;
/// Most views that are shared.
pub const SHARED_VIEWS: usize = 50;
/// Longest time after which what is put away is deleted forever, days.
pub const RETENTION_DAYS: u32 = 3_650;
/// The same as long as nobody has said anything else, days.
pub const RETENTION_DEFAULT_DAYS: u32 = 30;
/// Most lines of a bot's log that are shown.
pub const BOT_LOG_LINES: usize = 200;
/// Most files with one contact form.
pub const FORM_FILES: usize = 5;
/// Largest contact form with its files, bytes.
pub const FORM_BYTES: usize = 25 * 1024 * 1024;

/// Best of the scores by which a customer says how they found it; the worst is 1.
pub const RATING_MOST: u32 = 5;
/// Longest words with a rating, characters.
pub const RATING_CHARS: usize = 1_000;
/// Fields that a visitor is asked before their first message.
pub const BEFORE_FIELDS: usize = 8;
/// Choices of one of them.
pub const BEFORE_CHOICES: usize = 20;

/// Longest id of somebody who is signed in on a site, characters.
pub const USER_ID_CHARS: usize = 200;

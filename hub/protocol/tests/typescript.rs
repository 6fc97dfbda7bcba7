//! The pages' types are made from these; the committed text is proved fresh. `./dev generate` writes it anew.

use std::path::Path;

use switchboard_protocol::{
    agent, bots, bulk, channels, customers, error, forms, hours, limits, notifications, rest, tags, templates, views,
    visitor,
};
use ts_rs::{Config, TS};

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../widget/packages/protocol/src/generated.ts");

#[test]
#[expect(clippy::disallowed_methods, reason = "whether the text is written anew is for who runs the test to say")]
fn the_committed_typescript_is_what_the_types_say() {
    let fresh = typescript();
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(COMMITTED, &fresh).expect("the protocol package's folder can be written");
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(committed == fresh, "{COMMITTED} is stale: run ./dev generate");
}

fn typescript() -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = Config::new().with_out_dir(folder.path()).with_large_int("number");
    macro_rules! export {
        ($($root:ty),* $(,)?) => {$(<$root>::export_all(&config).expect("types can be written");)*};
    }
    export!(
        agent::AgentFrame,
        agent::AgentServerFrame,
        visitor::VisitorFrame,
        visitor::VisitorServerFrame,
        error::ErrorBody,
        rest::Folder,
        rest::Sort,
        rest::SetUp,
        rest::SignIn,
        rest::Me,
        rest::Sessions,
        rest::Tokens,
        rest::CreateToken,
        rest::CreatedToken,
        rest::InviteAgent,
        rest::Invitation,
        rest::AcceptInvitation,
        rest::PasswordLink,
        rest::ShowLink,
        rest::LinkShown,
        rest::SetPassword,
        rest::ChangeAgent,
        rest::ChangePassword,
        rest::SaveTeam,
        tags::TagList,
        tags::SaveTag,
        tags::RenameTag,
        tags::RemoveTag,
        tags::TagChanged,
        templates::SaveTemplate,
        templates::TemplateFiles,
        templates::TemplateVariable,
        templates::Templates,
        views::Views,
        views::SaveView,
        views::OrderViews,
        views::Retention,
        rest::CreateInbox,
        rest::ChangeInbox,
        rest::Access,
        bots::Bot,
        bots::CreateBot,
        bots::ChangeBot,
        bots::BotOrder,
        bots::BotWithToken,
        bots::Bots,
        bots::BotRules,
        bots::BlockBot,
        bots::BotConsole,
        bots::BotConsoleNow,
        hours::InboxHours,
        notifications::Notifications,
        notifications::ReadNotifications,
        notifications::NotificationChoices,
        bots::BotLog,
        channels::SaveChannel,
        channels::ChannelSetup,
        channels::ChannelTried,
        channels::HeldMessages,
        channels::ChannelCapabilities,
        forms::ContactForm,
        forms::ContactFormSetup,
        bulk::RemoveConversations,
        bulk::RemovedConversations,
        bulk::ChangeConversations,
        bulk::UndoConversations,
        bulk::ChangedConversations,
        rest::ConversationPage,
        rest::ConversationDetail,
        rest::MessagePage,
        rest::WriteMessage,
        rest::StartConversations,
        rest::StartedConversations,
        rest::SplitConversation,
        rest::MessageBody,
        rest::MarkRead,
        rest::Counts,
        rest::SearchPage,
        rest::ChangeContact,
        rest::ContactSuggestions,
        customers::ContactPage,
        customers::MakeContact,
        customers::SaveCard,
        customers::OutsideCards,
        rest::VisitorsHere,
        rest::Agents,
        rest::PendingInvitation,
        rest::InboxAgents,
        rest::InboxIdentity,
        rest::NewIdentitySecret,
        rest::RenewIdentitySecret,
        rest::Teams,
        rest::Inboxes,
        rest::OpenVisitorSession,
        rest::VisitorSession,
        rest::VisitorHistory,
        rest::Uploaded,
    );
    let types = std::fs::read_to_string(Path::new(folder.path()).join("generated.ts")).expect("one file for all types");
    format!("{types}\n{}", bounds())
}

/// The bounds of `limits.rs` that the pages check before they send.
fn bounds() -> String {
    macro_rules! bounds {
        ($($name:ident),* $(,)?) => { [$(format!("export const {} = {};\n", stringify!($name), limits::$name)),*].concat() };
    }
    bounds!(
        MESSAGE_TEXT_CHARS,
        MESSAGE_ATTACHMENTS,
        START_RECIPIENTS,
        ATTACHMENT_BYTES,
        CLIENT_FRAME_BYTES,
        NAME_CHARS,
        SUBJECT_CHARS,
        TAGS,
        BULK,
        VIEWS,
        RETENTION_DAYS,
        RETENTION_DEFAULT_DAYS,
        MINUTES_OF_DAY,
        SPANS_OF_DAY,
        HOLIDAYS,
        ATTRIBUTES,
        ATTRIBUTE_NAME_CHARS,
        ATTRIBUTE_CHARS,
        PAGE_ROWS,
        PASSWORD_MIN_CHARS,
        TYPING_TTL_MS,
        MENTIONS,
        HOLD_SECONDS,
        TYPING_REPEAT_MS,
        COMMAND_MS,
        HEARTBEAT_MS,
        RATING_MOST,
        RATING_CHARS,
        BEFORE_FIELDS,
        BEFORE_CHOICES,
    )
}

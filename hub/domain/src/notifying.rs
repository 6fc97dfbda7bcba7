//! How people of the team are told of what concerns them.

use switchboard_protocol::notifications::{NotificationChoice, NotificationKind};

/// What somebody gets who has chosen nothing: all that is about them. New conversations are everybody's, and who wants
/// to hear of each says so.
pub fn by_default(kind: NotificationKind) -> NotificationChoice {
    let about_them = match kind {
        NotificationKind::Assigned
        | NotificationKind::Mention
        | NotificationKind::Answered
        | NotificationKind::ReminderDue => true,
        NotificationKind::NewConversation => false,
    };
    NotificationChoice { kind, app: about_them, sound: about_them, desktop: about_them }
}

/// Whether somebody hears of it at all.
pub fn is_told(choice: NotificationChoice) -> bool {
    let NotificationChoice { kind: _, app, sound, desktop } = choice;
    app || sound || desktop
}

//! The methods that there are. Every other name is answered as Telegram answers one that it does not know.

/// A method of the Bot API, or one of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    GetMe,
    LogOut,
    Close,
    GetUpdates,
    SetWebhook,
    DeleteWebhook,
    GetWebhookInfo,
    SendMessage,
    SendLocation,
    SendVenue,
    SendContact,
    SendPhoto,
    SendDocument,
    SendVoice,
    SendAudio,
    SendVideo,
    SendAnimation,
    SendMediaGroup,
    GetFile,
    CopyMessage,
    ForwardMessage,
    EditMessageText,
    EditMessageCaption,
    EditMessageReplyMarkup,
    DeleteMessage,
    GetChat,
    SendChatAction,
    AnswerCallbackQuery,
    SetMyCommands,
    GetMyCommands,
    DeleteMyCommands,
    HandOver,
    AddNote,
    SetTags,
    SetPriority,
    SetAttribute,
    GetConversation,
}

/// How they are called. What is our own has our name before it, so that no method of Telegram's can ever mean it.
pub const TABLE: &[(&str, Method)] = &[
    ("getMe", Method::GetMe),
    ("logOut", Method::LogOut),
    ("close", Method::Close),
    ("getUpdates", Method::GetUpdates),
    ("setWebhook", Method::SetWebhook),
    ("deleteWebhook", Method::DeleteWebhook),
    ("getWebhookInfo", Method::GetWebhookInfo),
    ("sendMessage", Method::SendMessage),
    ("sendLocation", Method::SendLocation),
    ("sendVenue", Method::SendVenue),
    ("sendContact", Method::SendContact),
    ("sendPhoto", Method::SendPhoto),
    ("sendDocument", Method::SendDocument),
    ("sendVoice", Method::SendVoice),
    ("sendAudio", Method::SendAudio),
    ("sendVideo", Method::SendVideo),
    ("sendAnimation", Method::SendAnimation),
    ("sendMediaGroup", Method::SendMediaGroup),
    ("getFile", Method::GetFile),
    ("copyMessage", Method::CopyMessage),
    ("forwardMessage", Method::ForwardMessage),
    ("editMessageText", Method::EditMessageText),
    ("editMessageCaption", Method::EditMessageCaption),
    ("editMessageReplyMarkup", Method::EditMessageReplyMarkup),
    ("deleteMessage", Method::DeleteMessage),
    ("getChat", Method::GetChat),
    ("sendChatAction", Method::SendChatAction),
    ("answerCallbackQuery", Method::AnswerCallbackQuery),
    ("setMyCommands", Method::SetMyCommands),
    ("getMyCommands", Method::GetMyCommands),
    ("deleteMyCommands", Method::DeleteMyCommands),
    ("switchboard.handOver", Method::HandOver),
    ("switchboard.addNote", Method::AddNote),
    ("switchboard.setTags", Method::SetTags),
    ("switchboard.setPriority", Method::SetPriority),
    ("switchboard.setAttribute", Method::SetAttribute),
    ("switchboard.getConversation", Method::GetConversation),
];

impl Method {
    /// By its name in any case.
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, method)| *method)
    }

    pub fn name(self) -> &'static str {
        TABLE.iter().find(|(_, method)| *method == self).map_or("", |(name, _)| name)
    }

    /// The customer gets a message by it.
    pub fn sends(self) -> bool {
        matches!(
            self,
            Self::SendMessage
                | Self::SendLocation
                | Self::SendVenue
                | Self::SendContact
                | Self::SendPhoto
                | Self::SendDocument
                | Self::SendVoice
                | Self::SendAudio
                | Self::SendVideo
                | Self::SendAnimation
                | Self::SendMediaGroup
                | Self::CopyMessage
                | Self::ForwardMessage
        )
    }

    /// The conversation or its customer's card is another one after it: all who look at it hear so.
    pub fn changes(self) -> bool {
        matches!(
            self,
            Self::EditMessageText
                | Self::EditMessageCaption
                | Self::EditMessageReplyMarkup
                | Self::DeleteMessage
                | Self::HandOver
                | Self::AddNote
                | Self::SetTags
                | Self::SetPriority
                | Self::SetAttribute
        )
    }

    /// Called all day long, and of no interest to anybody while it goes well.
    pub fn is_routine(self) -> bool {
        matches!(
            self,
            Self::GetMe | Self::GetUpdates | Self::GetWebhookInfo | Self::GetMyCommands | Self::SendChatAction
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_case() {
        assert_eq!(Method::named("SENDmessage"), Some(Method::SendMessage));
        assert_eq!(Method::named("switchboard.handover"), Some(Method::HandOver));
        assert_eq!(Method::named("handOver"), None);
        assert_eq!(Method::named("sendDice"), None);
        for (name, method) in TABLE {
            assert_eq!(method.name(), *name);
        }
    }
}

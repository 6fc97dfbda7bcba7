//! The contact form of a mail inbox: what an admin decides about it. What a form is sent and answers is for web pages, and
//! stands in `docs/contact-form.md`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{closed, wire};

closed! {
    /// Whether a form asks for something.
    FormField { Off = "off", Optional = "optional", Required = "required", }

    /// In which language a form speaks where the page does not say.
    FormLanguage { En = "en", Nl = "nl", Fr = "fr", Nb = "nb", Ar = "ar", }
}

wire! {
/// A form on any site whose messages come into this inbox.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct ContactForm {
    /// Off: what is sent to it is refused.
    pub on: bool,
    /// Sites that may have it, as `https://shop.example`; none: any.
    #[serde(default)] #[ts(optional, as = "Option<Vec<String>>")]
    pub origins: Vec<String>,
    pub language: FormLanguage,
    pub name: FormField,
    pub subject: FormField,
    /// Files may be sent with it.
    pub files: bool,
    /// The sender gets a mail that says that the message is here, and nothing of the message.
    pub confirm: bool,
}

/// A contact form as an admin sees it.
#[derive(Eq)]
pub struct ContactFormSetup {
    pub form: ContactForm,
    /// The form on a page of the hub's own; pages of other sites send to it.
    pub address: String,
    /// HTML to be put into a page of one's own.
    pub snippet: String,
}
}

impl Default for ContactForm {
    fn default() -> Self {
        Self {
            on: false,
            origins: Vec::new(),
            language: FormLanguage::En,
            name: FormField::Optional,
            subject: FormField::Optional,
            files: false,
            confirm: true,
        }
    }
}

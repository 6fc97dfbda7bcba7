//! Templates: texts that are written once and sent often, with variables that the page fills in before anybody sends them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{Attachment, closed, wire};
use crate::{AttachmentId, TeamId, TemplateId, UnixMs};

closed! {
    /// What stands in a template as `{{customer.name}}` until it is used.
    TemplateVariable {
        CustomerName = "customer.name",
        CustomerFirstName = "customer.first_name",
        CustomerEmail = "customer.email",
        CustomerPhone = "customer.phone",
        /// Who uses it, as customers know them.
        AgentName = "agent.name",
        AgentFirstName = "agent.first_name",
        /// The number of the conversation, with the inbox's prefix.
        Case = "case",
        Subject = "subject",
        Inbox = "inbox",
        Team = "team",
    }
}

wire! {
/// Who sees a template.
#[derive(Eq, Copy)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum TemplateFor {
    /// Whoever made it.
    Personal,
    /// Those in the team, and owners and admins. None: the team was removed, and only the latter do.
    Team { team_id: Option<TeamId> },
    All,
}

#[derive(Eq)]
pub struct Template {
    pub id: TemplateId,
    pub name: String,
    pub text: String,
    /// The same with its formatting, for channels that carry it.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub html: Option<String>,
    #[serde(rename = "for")]
    pub whose: TemplateFor,
    pub attachments: Vec<Attachment>,
    pub changed_at: UnixMs,
    /// Whether the one who asks may change and remove it.
    pub mine_to_change: bool,
}

#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct SaveTemplate {
    pub name: String,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub html: Option<String>,
    #[serde(rename = "for")]
    pub whose: TemplateFor,
    /// Uploads of one's own, and of those that it has the ones that stay.
    #[serde(default)] #[ts(optional, as = "Option<Vec<AttachmentId>>")]
    pub attachments: Vec<AttachmentId>,
}

pub struct Templates { pub templates: Vec<Template> }

/// Files for a message or another template, as if they had just been sent up.
pub struct TemplateFiles { pub attachments: Vec<Attachment> }
}

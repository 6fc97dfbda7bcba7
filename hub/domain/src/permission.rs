//! What a role, narrowed by a token's scopes, may do. Read as `Permission::Manage.granted_to(role, scopes)`.

use switchboard_protocol::model::{Role, Scope};

/// Things that not everybody may do. Seeing is apart: see [`crate::Visibility`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Read what one's visibility shows.
    Read,
    /// Say what one has read, and whether one is here.
    Mark,
    /// Answer, note, assign, close.
    Answer,
    /// Make and change the templates of teams and of all.
    ShareTemplates,
    /// Agents, teams, inboxes, access.
    Manage,
    /// Make or unmake owners.
    ManageOwners,
}

impl Permission {
    /// `scopes` narrow a role and never widen it; a signed-in browser has all of them.
    pub fn granted_to(self, role: Role, scopes: &[Scope]) -> bool {
        let by_role = match self {
            Self::Read | Self::Mark => true,
            Self::Answer => !matches!(role, Role::ReadOnly),
            Self::ShareTemplates | Self::Manage => matches!(role, Role::Owner | Role::Admin),
            Self::ManageOwners => matches!(role, Role::Owner),
        };
        let needed = match self {
            Self::Read => Scope::Read,
            Self::Mark | Self::Answer | Self::ShareTemplates => Scope::Write,
            Self::Manage | Self::ManageOwners => Scope::Admin,
        };
        by_role && scopes.contains(&needed)
    }
}

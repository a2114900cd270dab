//! What Slack's answers are made of. What a type does not name is kept in its `extra`, and an unknown block, subtype or value is no error.

mod channel;
mod file;
mod message;
mod team;
mod ts;
mod user;
mod view;

pub use channel::{Channel, Topic};
pub use file::File;
pub use message::{Edited, Message, MessageMetadata, Reaction};
pub use team::{Bookmark, Pin, Team, Usergroup};
pub use ts::Ts;
pub use user::{Profile, User};
pub use view::View;

/// A type of an answer: each field may be missing, and others are kept. `Debug` shows none of them, since they are the tenant's data.
macro_rules! object {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$of])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$type>,)*
            /// What else Slack says.
            #[serde(flatten)]
            pub extra: orion_core::Fields,
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use object;

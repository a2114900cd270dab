//! Modals and home tabs.

use orion_core::Fields;

use super::object;

object! {
    /// A modal or a home tab, as Slack shows it now.
    View {
        /// Id, `V…`.
        id: String,
        /// The workspace.
        team_id: String,
        /// `modal` or `home`.
        #[serde(rename = "type")]
        kind: String,
        /// The app's own name for what it is.
        callback_id: String,
        /// The app's own name for this one.
        external_id: String,
        /// Changes with every change: an update that names an old one is refused.
        hash: String,
        /// The first of its stack.
        root_view_id: String,
        /// The one below it.
        previous_view_id: String,
        /// What the app put into it for itself.
        private_metadata: String,
        /// Its blocks.
        blocks: Vec<Fields>,
        /// What people entered: `values`, by block and action.
        state: Fields,
    }
}

//! Files.

use super::object;

object! {
    /// A file.
    File {
        /// Id, `F…`.
        id: String,
        /// Name.
        name: String,
        /// Title.
        title: String,
        /// Media type.
        mimetype: String,
        /// Slack's own type: `png`, `text`, …
        filetype: String,
        /// Who brought it.
        user: String,
        /// Bytes.
        size: u64,
        /// When it was brought, in seconds since 1970.
        created: i64,
        /// Where its bytes are, with the token.
        url_private: String,
        /// Where its bytes are, to be kept as a file.
        url_private_download: String,
        /// Its page in Slack.
        permalink: String,
        /// Channels it is shared in.
        channels: Vec<String>,
    }
}

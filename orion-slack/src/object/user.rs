//! People and bots.

use super::object;

object! {
    /// A person, a bot, or a guest of the workspace.
    User {
        /// Id, `U…` or `W…`.
        id: String,
        /// The workspace.
        team_id: String,
        /// The name without spaces, kept for older clients.
        name: String,
        /// Whether the account was deactivated.
        deleted: bool,
        /// The whole name.
        real_name: String,
        /// IANA time zone.
        tz: String,
        /// IETF language code, where asked for.
        locale: String,
        /// Whether they administer the workspace.
        is_admin: bool,
        /// Whether they own the workspace.
        is_owner: bool,
        /// Whether they are a guest.
        is_restricted: bool,
        /// Whether they are a guest of one channel.
        is_ultra_restricted: bool,
        /// Whether it is a bot.
        is_bot: bool,
        /// Whether it is an app acting as a person.
        is_app_user: bool,
        /// When it changed last, in seconds since 1970.
        updated: i64,
        /// What they say of themselves.
        profile: Profile,
    }
}

object! {
    /// What a person says of themselves.
    Profile {
        /// The name to show; may be empty.
        display_name: String,
        /// The whole name.
        real_name: String,
        /// Given name.
        first_name: String,
        /// Family name.
        last_name: String,
        /// Email address, with the scope `users:read.email`.
        email: String,
        /// Telephone number.
        phone: String,
        /// Position.
        title: String,
        /// Status in words.
        status_text: String,
        /// Status as an emoji.
        status_emoji: String,
        /// Address of a picture of 512 pixels.
        image_512: String,
        /// Id of the bot, if it is one.
        bot_id: String,
    }
}

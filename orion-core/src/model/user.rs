//! Users of the connected system itself.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Model, Phone, Ref, open_enum::open_enum};
use crate::Kind;

/// Someone who can sign in to the connected system, or a program that acts in it.
///
/// ```
/// use orion_core::{UnifiedUser, UserKind, UserStatus};
///
/// let user: UnifiedUser = serde_json::from_str(r#"{"username":"ada","kind":"person","status":"on_leave"}"#)?;
/// assert_eq!(user.kind, Some(UserKind::Person));
/// assert_eq!(user.status, Some(UserStatus::Other("on_leave".into())));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct UnifiedUser {
    /// A person, a guest, or a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<UserKind>,
    /// The name used to sign in or to be mentioned (Salesforce `Username`, Slack `name`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name to show (Salesforce `Name`, Slack `profile.display_name`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The whole name (Slack `profile.real_name`), where the source keeps it apart from the one to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone numbers, the one to use first in front.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
    /// Whether they can sign in now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<UserStatus>,
    /// What they may do, in the vendor's words (Salesforce `Profile.Name`, Slack `owner`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Whether they administer the system (Slack `is_admin`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<bool>,
    /// Position in the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_title: Option<String>,
    /// Part of the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The user they report to (Salesforce `ManagerId`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Ref>,
    /// The team, workspace or organization they belong to (Slack `team_id`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref>,
    /// Language, BCP 47 where the source has that (Slack `locale`, Salesforce `LanguageLocaleKey`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// IANA time zone, for instance `Europe/Berlin` (Slack `tz`, Salesforce `TimeZoneSidKey`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// When they last signed in (Salesforce `LastLoginDate`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_login_at: Option<DateTime<Utc>>,
}

impl UnifiedUser {
    /// A user of whom only the name to show is known.
    #[must_use]
    pub fn named(display_name: impl Into<String>) -> Self {
        Self { display_name: Some(display_name.into()), ..Self::default() }
    }
}

impl Model for UnifiedUser {
    const KIND: Kind = Kind::new("user");
}

open_enum! {
    /// A person or a program.
    UserKind {
        /// A person of the organization.
        Person = "person",
        /// A person from elsewhere with limited access.
        Guest = "guest",
        /// A program.
        Bot = "bot",
    }
}

open_enum! {
    /// Whether a user can sign in.
    UserStatus {
        /// They can.
        Active = "active",
        /// They were invited and have not come yet.
        Invited = "invited",
        /// They can not for now.
        Suspended = "suspended",
        /// They can no more (Salesforce `IsActive` false, Slack `deleted`).
        Deactivated = "deactivated",
    }
}

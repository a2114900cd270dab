//! `Read<UnifiedUser>`: everyone of the workspace.
//!
//! `users.list` knows no filter: a pass lists everyone, and who did not change since then is left out here. A deactivated account stays in the
//! list, and so is a change and no delete.

use chrono::{DateTime, Utc};
use orion_core::{
    Change, Cursor, Error, ErrorKind, Fields, Meta, Page, Phone, Query, Read, Record, Ref, Rejected, Result,
    Source, UnifiedUser, UserKind, UserStatus,
};
use serde_json::{Value, json, value::RawValue};

use crate::{NAME, Profile, Slack, User};

/// The one object that is read as users.
pub(crate) const USERS: &str = "users";

/// What of a user becomes a part of the model, or is kept beside it.
pub(crate) const FIELDS: [&str; 14] = [
    "id",
    "team_id",
    "name",
    "deleted",
    "real_name",
    "tz",
    "locale",
    "is_admin",
    "is_owner",
    "is_restricted",
    "is_bot",
    "is_app_user",
    "updated",
    "profile",
];

/// The most that is asked for at a time (docs, `users.list`: no more than 200 is advised).
const MOST: u32 = 200;

impl Read<UnifiedUser> for Slack {
    async fn read(&self, query: &Query) -> Result<Page<UnifiedUser>> {
        query.only(USERS)?;
        let limit = query.page_size.unwrap_or(MOST).clamp(1, MOST);
        let cursor = query.cursor.as_ref().map(Cursor::as_str);
        let args = json!({"limit": limit, "cursor": cursor, "include_locale": true});
        let (members, next) = self.page::<Box<RawValue>>("users.list", &args, "members").await?;
        let source = Source::new(NAME, USERS);
        let (mut changes, mut rejected) = (Vec::with_capacity(members.len()), Vec::new());
        for raw in members {
            match serde_json::from_str::<User>(raw.get()) {
                Ok(user) if user.id.as_deref().is_some_and(|id| !id.is_empty()) => {
                    let at = user.updated.and_then(|at| DateTime::from_timestamp(at, 0));
                    if falls_into(query, at) {
                        changes.push(Change::Upsert(record(user, Meta::of(&source, at, None))));
                    }
                }
                _ => rejected.push(misfit(&raw)),
            }
        }
        Ok(Page::new(changes, next.map(Cursor::new)).with_rejected(rejected))
    }
}

/// Whether a change of this time was asked for. One whose time is not known may have been.
fn falls_into(query: &Query, at: Option<DateTime<Utc>>) -> bool {
    at.is_none_or(|at| {
        query.since.is_none_or(|since| at >= since) && query.until.is_none_or(|until| at < until)
    })
}

/// serde's own message may quote a value, so it is not kept.
fn misfit(raw: &RawValue) -> Rejected {
    let reason = Error::new(ErrorKind::Malformed, "the member has no id, or another shape than documented");
    let id =
        serde_json::from_str::<Fields>(raw.get()).ok().and_then(|fields| fields.text("id").map(Into::into));
    Rejected::new(id, raw.get(), reason.during(NAME, "users.list"))
}

fn record(user: User, meta: Meta) -> Record<UnifiedUser> {
    let id = user.id.clone().unwrap_or_default();
    let profile = user.profile.clone().unwrap_or_default();
    let mut extra = user.extra.clone();
    if let Ok(value @ Value::Object(_)) = serde_json::to_value(&profile) {
        extra.insert("profile", value);
    }
    Record::new(id, model(user, profile)).with_meta(meta).with_extra(extra)
}

fn model(user: User, profile: Profile) -> UnifiedUser {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let full_name = given(profile.real_name).or_else(|| given(user.real_name));
    let is = |flag: Option<bool>| flag == Some(true);
    let mut unified = UnifiedUser::default();
    unified.kind = Some(if is(user.is_bot) {
        UserKind::Bot
    } else if is(user.is_restricted) || is(user.is_ultra_restricted) {
        UserKind::Guest
    } else {
        UserKind::Person
    });
    unified.username = given(user.name);
    unified.display_name = given(profile.display_name).or_else(|| full_name.clone());
    unified.full_name = full_name;
    unified.first_name = given(profile.first_name);
    unified.last_name = given(profile.last_name);
    unified.email = given(profile.email);
    unified.phones = given(profile.phone).map(Phone::new).into_iter().collect();
    unified.status = Some(if is(user.deleted) { UserStatus::Deactivated } else { UserStatus::Active });
    unified.roles = is(user.is_owner).then(|| "owner".to_owned()).into_iter().collect();
    unified.admin = user.is_admin;
    unified.job_title = given(profile.title);
    unified.team = given(user.team_id).map(Ref::new);
    unified.language = given(user.locale);
    unified.timezone = given(user.tz);
    unified.avatar_url = given(profile.image_512);
    unified
}

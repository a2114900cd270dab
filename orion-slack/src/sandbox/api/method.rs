//! The table of methods, and what a method is given.

use std::sync::Arc;

use orion_core::sandbox::Call;

use super::super::args::Args;
use super::super::limits::Tier;
use super::super::state::World;
use super::super::store::Store;
use super::super::store::channel::{Channel, Kind};
use super::super::store::refusal::{Outcome, Refusal};
use super::super::store::user::User;
use super::super::tokens::{Access, Class};
use super::{apps, auth, bookmarks, chat, conversations, files, groups, pins, reactions, users, views};

/// One method of the Web API. Tier, scopes and whether it takes JSON are as the reference pages had them in 2026-08.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) name: &'static str,
    pub(crate) tier: Tier,
    /// Any of them is enough. For conversations the kind of conversation decides further.
    bot: &'static [&'static str],
    user: &'static [&'static str],
    pub(crate) json: bool,
    pub(crate) open: bool,
    pub(crate) user_only: bool,
    pub(crate) for_app: bool,
    pub(crate) run: fn(&mut Ask<'_>) -> Outcome,
}

impl Method {
    /// A method that takes JSON and needs one of these scopes.
    pub(crate) const fn new(
        name: &'static str,
        tier: Tier,
        scopes: &'static [&'static str],
        run: fn(&mut Ask<'_>) -> Outcome,
    ) -> Self {
        let (bot, user) = (scopes, scopes);
        Self { name, tier, bot, user, json: true, open: false, user_only: false, for_app: false, run }
    }

    /// It reads query and form only.
    pub(crate) const fn form(mut self) -> Self {
        self.json = false;
        self
    }

    /// User tokens need other scopes.
    pub(crate) const fn by_user(mut self, scopes: &'static [&'static str]) -> Self {
        self.user = scopes;
        self
    }

    /// It needs no token.
    pub(crate) const fn open(mut self) -> Self {
        self.open = true;
        self
    }

    pub(crate) const fn user_only(mut self) -> Self {
        self.user_only = true;
        self
    }

    /// It needs the token of the app itself.
    pub(crate) const fn for_app(mut self) -> Self {
        self.for_app = true;
        self
    }

    pub(crate) fn scopes(&self, class: Class) -> &'static [&'static str] {
        match class {
            Class::Bot => self.bot,
            Class::User => self.user,
            Class::App => &[],
        }
    }
}

/// The method of that name.
pub(crate) fn find(name: &str) -> Option<&'static Method> {
    let areas: [&'static [Method]; 12] = [
        &auth::METHODS,
        &apps::METHODS,
        &bookmarks::METHODS,
        &chat::METHODS,
        &chat::scheduled::METHODS,
        &conversations::METHODS,
        &conversations::change::METHODS,
        &files::METHODS,
        &groups::METHODS,
        &pins::METHODS,
        &reactions::METHODS,
        &users::METHODS,
    ];
    areas.into_iter().chain([&views::METHODS[..]]).flatten().find(|method| method.name == name)
}

/// One call of a method.
pub(crate) struct Ask<'a> {
    pub(crate) world: &'a Arc<World>,
    pub(crate) store: &'a mut Store,
    pub(crate) args: &'a Args,
    pub(crate) access: Option<&'a Access>,
    pub(crate) call: &'a Call,
}

/// What is done to a conversation; each kind of conversation has its own scope for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Read,
    History,
    Manage,
    Join,
    Invite,
    Topic,
}

impl Ask<'_> {
    /// The member in whose name the call is made.
    pub(crate) fn me(&self) -> String {
        self.access.map(|access| access.grant.user.clone()).unwrap_or_default()
    }

    pub(crate) fn by_bot(&self) -> bool {
        self.access.is_some_and(|access| access.grant.class == Class::Bot)
    }

    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.access.is_some_and(|access| access.has_scope(scope))
    }

    pub(crate) fn team(&self) -> String {
        self.store.team.id.clone()
    }

    pub(crate) fn user(&self, name: &str) -> Result<&User, Refusal> {
        let id = self.args.required(name)?;
        self.store.user(&id).ok_or_else(|| "user_not_found".into())
    }

    /// The conversation that an argument names, if the caller may know it and has the scope for it.
    pub(crate) fn channel(&self, name: &str, verb: Verb) -> Result<&Channel, Refusal> {
        let id = self.args.required(name)?;
        let channel = self.store.channel(&id, &self.me())?;
        self.may(channel.kind, verb)?;
        Ok(channel)
    }

    /// Whether the token has the scope for that kind of conversation.
    pub(crate) fn may(&self, kind: Kind, verb: Verb) -> Result<(), Refusal> {
        let Some(access) = self.access else { return Err("not_authed".into()) };
        let family = kind.family();
        let manage = match kind {
            Kind::Public if access.grant.class == Class::Bot => "channels:manage".to_owned(),
            _ => format!("{family}:write"),
        };
        let wanted = match verb {
            Verb::Read => vec![format!("{family}:read")],
            Verb::History => vec![format!("{family}:history")],
            Verb::Manage => vec![manage],
            Verb::Join if access.grant.class == Class::Bot => vec!["channels:join".to_owned()],
            Verb::Join => vec!["channels:write".to_owned()],
            Verb::Invite => vec![manage, format!("{family}:write.invites")],
            Verb::Topic => vec![manage, format!("{family}:write.topic")],
        };
        if wanted.iter().any(|scope| access.has_scope(scope)) {
            return Ok(());
        }
        Err(access.lacks(wanted.first().map_or("", String::as_str)))
    }
}

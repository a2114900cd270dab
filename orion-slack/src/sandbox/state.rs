//! Everything a running sandbox holds.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use orion_core::sandbox::Common;

use super::events::Delivery;
use super::limits::Limits;
use super::respond::ResponseUrl;
use super::settings::{Identity, Settings};
use super::socket::Hub;
use super::store::Store;
use super::tokens::{Class, Grant, Tokens};

/// Faults that only this vendor has.
pub(crate) const KINDS: [&str; 8] = [
    "internal_error",
    "fatal_error",
    "ratelimited_body",
    "token_expired",
    "token_revoked",
    "invalid_cursor",
    "half_open",
    "duplicate_event",
];

/// The workspace, the app's credentials and what is under way.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) common: Common,
    pub(crate) settings: Settings,
    pub(crate) identity: Identity,
    pub(crate) hub: Hub,
    store: Mutex<Store>,
    tokens: Mutex<Tokens>,
    limits: Mutex<Limits>,
    responses: Mutex<HashMap<String, ResponseUrl>>,
    delivery: Mutex<Delivery>,
    base: OnceLock<String>,
    pub(crate) given: Given,
}

/// The tokens that are printed at start.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) bot: String,
    pub(crate) user: String,
    pub(crate) app: String,
}

impl World {
    pub(crate) fn new(mut settings: Settings) -> io::Result<Self> {
        settings.shared.kinds = &KINDS;
        settings.shared.drawn = &["internal_error", "ratelimited_body"];
        let common = Common::new(settings.shared.clone())?;
        let store = Store::seeded(settings.records, settings.seed, common.now());
        let mut tokens = Tokens::new(settings.seed);
        let [bot, user] = [store.app.bot_user.clone(), store.app.installer.clone()];
        let given = Given {
            bot: tokens.lasting(Grant {
                class: Class::Bot,
                user: bot.clone(),
                scopes: settings.bot_scopes.clone(),
            }),
            user: tokens.lasting(Grant { class: Class::User, user, scopes: settings.user_scopes.clone() }),
            app: tokens.lasting(Grant {
                class: Class::App,
                user: bot,
                scopes: vec!["connections:write".to_owned()],
            }),
        };
        Ok(Self {
            common,
            identity: Identity::new(settings.seed),
            hub: Hub::default(),
            store: Mutex::new(store),
            tokens: Mutex::new(tokens),
            limits: Mutex::default(),
            responses: Mutex::default(),
            delivery: Mutex::default(),
            base: OnceLock::new(),
            given,
            settings,
        })
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.common.now()
    }

    /// Where the sandbox listens, for addresses in what it sends by itself.
    pub(crate) fn base(&self) -> &str {
        self.base.get().map_or("", String::as_str)
    }

    pub(crate) fn listens_on(&self, base: &str) {
        self.base.get_or_init(|| base.to_owned());
    }

    /// Reads or changes the workspace, and sends off what happened in it.
    pub(crate) fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut Store) -> T) -> T {
        let (result, events) = {
            let mut store = locked(&self.store);
            store.now = self.now();
            let result = change(&mut store);
            (result, std::mem::take(&mut store.events))
        };
        self.send_off(events);
        result
    }

    /// Mints ids and the like; what happens by it is not told.
    pub(crate) fn quietly<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        let mut store = locked(&self.store);
        store.now = self.now();
        change(&mut store)
    }

    /// Reads the workspace.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Store) -> T) -> T {
        let mut store = locked(&self.store);
        store.now = self.now();
        read(&store)
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        locked(&self.tokens)
    }

    pub(crate) fn limits(&self) -> MutexGuard<'_, Limits> {
        locked(&self.limits)
    }

    pub(crate) fn responses(&self) -> MutexGuard<'_, HashMap<String, ResponseUrl>> {
        locked(&self.responses)
    }

    pub(crate) fn delivery(&self) -> MutexGuard<'_, Delivery> {
        locked(&self.delivery)
    }
}

/// Takes a lock. A panic while it was held leaves the data as usable as any other fault would.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

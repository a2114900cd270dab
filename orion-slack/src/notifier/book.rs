//! All incidents, and what they do to each other: room, storms, channels that refuse. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use orion_core::Error;

use super::{
    incident::{Action, Done, Incident, Next, SUSPENDED, Sending},
    notice::{Notice, Topic},
    render,
    rule::{Rule, Strategy},
};
use crate::poster::Content;

/// Over this time the new incidents of a channel are counted.
const STORM: TimeDelta = TimeDelta::minutes(1);

/// What the notifier was told to do.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) failure: Rule,
    pub(super) alert: Rule,
    pub(super) status: Rule,
    pub(super) digest: Rule,
    pub(super) fallback: Option<String>,
    /// Incidents a channel takes in a minute before they are told together.
    pub(super) storm: usize,
    /// The most incidents that are kept.
    pub(super) most: usize,
}

impl Rules {
    pub(super) fn of(&self, topic: Topic) -> &Rule {
        match topic {
            Topic::SyncFailure => &self.failure,
            Topic::ErrorAlert => &self.alert,
            Topic::Status => &self.status,
            Topic::Digest => &self.digest,
        }
    }
}

/// What to send.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) row: String,
    pub(super) sending: Sending,
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) thread: Option<String>,
    pub(super) place: Option<crate::poster::Place>,
    pub(super) broadcast: bool,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) struct Book {
    pub(super) rules: Rules,
    incidents: BTreeMap<String, Incident>,
    /// Those that changed and are not kept yet.
    pub(super) dirty: BTreeSet<String>,
    /// Those of which something is under way.
    busy: BTreeSet<String>,
    begun: HashMap<String, VecDeque<DateTime<Utc>>>,
    refusing: HashMap<String, DateTime<Utc>>,
}

impl Book {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            incidents: BTreeMap::new(),
            dirty: BTreeSet::new(),
            busy: BTreeSet::new(),
            begun: HashMap::new(),
            refusing: HashMap::new(),
        }
    }

    /// Takes up what an earlier process left.
    pub(super) fn adopt(&mut self, mut incident: Incident, now: DateTime<Utc>) {
        incident.revive(now);
        self.incidents.insert(incident.row.clone(), incident);
    }

    pub(super) fn get(&self, row: &str) -> Option<&Incident> {
        self.incidents.get(row)
    }

    /// Takes a notice, and returns the row and key of the incident that had to go for it.
    pub(super) fn take(&mut self, notice: &Notice, now: DateTime<Utc>) -> Option<(String, String)> {
        let row = super::row(notice.topic, &notice.key);
        let rule = self.rules.of(notice.topic).clone();
        let known = self.incidents.get(&row).filter(|one| !one.is_over(&rule, now));
        let dropped = match known {
            Some(_) => None,
            None if notice.resolved => return None,
            None => {
                self.incidents.insert(row.clone(), Incident::new(row.clone(), notice, &rule, now));
                self.make_room()
            }
        };
        if let Some(incident) = self.incidents.get_mut(&row) {
            incident.take(notice, &rule, now);
            let digest = incident.digest.clone();
            self.dirty.insert(row);
            self.touch(digest, now);
        }
        dropped
    }

    /// Drops the least severe of those that were not told yet, the oldest first.
    fn make_room(&mut self) -> Option<(String, String)> {
        // A digest makes room and takes none: there is one per channel.
        let own = || self.incidents.values().filter(|one| one.topic != Topic::Digest);
        if own().count() <= self.rules.most {
            return None;
        }
        let untold = |one: &&Incident| one.place.is_none() && one.sending.is_none();
        let least = own().filter(untold).min_by_key(|one| (one.severity, one.first));
        // Where all were told, the one that was quiet for longest goes: its message stays as it is.
        let least = least.or_else(|| {
            let idle = |one: &&Incident| one.sending.is_none() && !self.busy.contains(&one.row);
            own().filter(idle).min_by_key(|one| (one.is_open(), one.last))
        });
        let (row, key) = least.map(|one| (one.row.clone(), one.key.clone()))?;
        self.incidents.remove(&row);
        self.dirty.insert(row.clone());
        Some((row, key))
    }

    fn touch(&mut self, digest: Option<String>, now: DateTime<Utc>) {
        let Some(row) = digest else { return };
        let ended = self.members(&row).iter().all(|one| !one.is_open());
        if let Some(digest) = self.incidents.get_mut(&row) {
            digest.last = now;
            digest.phase =
                if ended { super::incident::Phase::Ended(now) } else { super::incident::Phase::Open };
            digest.touch(now);
            self.dirty.insert(row);
        }
    }

    fn members(&self, digest: &str) -> Vec<&Incident> {
        self.incidents.values().filter(|one| one.digest.as_deref() == Some(digest)).collect()
    }

    pub(super) fn acknowledge(&mut self, row: &str, by: &str, now: DateTime<Utc>) {
        if let Some(incident) = self.incidents.get_mut(row)
            && incident.acknowledged.is_none()
        {
            incident.acknowledged = Some(by.to_owned());
            incident.touch(now);
            self.dirty.insert(row.to_owned());
        }
    }

    /// Lets time pass, forgets what is over, and says what is to be sent now and when to look again.
    pub(super) fn due(&mut self, now: DateTime<Utc>) -> (Vec<String>, Option<DateTime<Utc>>) {
        let rows: Vec<String> = self.incidents.keys().cloned().collect();
        let (mut ready, mut wake) = (Vec::new(), None);
        for row in rows.into_iter().filter(|row| !self.busy.contains(row)).collect::<Vec<_>>() {
            let Some(incident) = self.incidents.get_mut(&row) else { continue };
            let rule = self.rules.of(incident.topic);
            let digest = incident.digest.clone();
            if incident.tick(rule, now) {
                self.dirty.insert(row.clone());
                self.touch(digest.clone(), now);
            }
            let Some(incident) = self.incidents.get(&row) else { continue };
            let rule = self.rules.of(incident.topic);
            // What a digest shows is part of it until it is over.
            if incident.is_over(rule, now)
                && digest.is_none_or(|digest| !self.incidents.contains_key(&digest))
            {
                self.incidents.remove(&row);
                self.dirty.insert(row);
                continue;
            }
            match incident.next(rule, now) {
                Next::Now(_) => ready.push(row),
                Next::At(at) => wake = Some(wake.map_or(at, |wake: DateTime<Utc>| wake.min(at))),
                Next::Nothing => {}
            }
        }
        (ready, wake)
    }

    /// Begins what is due of an incident: from now on it is under way. `None` if a storm's digest takes it up.
    pub(super) fn begin(&mut self, row: &str, now: DateTime<Utc>) -> Option<Order> {
        let incident = self.incidents.get(row)?;
        let Next::Now(action) = incident.next(self.rules.of(incident.topic), now) else { return None };
        let fresh = action == Action::Root && incident.sending.is_none();
        if fresh && self.avoid(row, now) {
            return None;
        }
        let incident = self.incidents.get_mut(row)?;
        let sending = incident.begin(action, now);
        self.dirty.insert(row.to_owned());
        self.busy.insert(row.to_owned());
        let incident = self.incidents.get(row)?;
        let root = incident.place.as_ref();
        let place = root.filter(|_| action == Action::Update).cloned();
        let mut order = Order {
            row: row.to_owned(),
            sending,
            id: incident.id(),
            channel: incident.channel.clone(),
            thread: None,
            place,
            broadcast: false,
            content: self.content(incident),
        };
        if let Some(reply) = incident.replies.first().filter(|_| action == Action::Reply) {
            order.id.clone_from(&reply.id);
            order.content = render::reply(&reply.text);
            order.broadcast = reply.broadcast;
            let thread = root.filter(|_| reply.channel.is_none());
            order.thread = thread.map(|place| place.ts.clone());
            let there = reply.channel.clone().or_else(|| root.map(|place| place.channel.clone()));
            order.channel = there.unwrap_or(order.channel);
        }
        Some(order)
    }

    fn content(&self, incident: &Incident) -> Content {
        match incident.topic {
            Topic::Digest => render::digest(incident, &self.members(&incident.row)),
            Topic::SyncFailure | Topic::ErrorAlert | Topic::Status => render::incident(incident),
        }
    }

    /// Sends an incident that has no message yet elsewhere: to the fallback, or into the digest of a storm, which returns true.
    fn avoid(&mut self, row: &str, now: DateTime<Utc>) -> bool {
        let Some(incident) = self.incidents.get_mut(row) else { return false };
        let refused = self.refusing.get(&incident.channel).is_some_and(|until| *until > now);
        if refused && let Some(fallback) = self.rules.fallback.as_ref().filter(|to| **to != incident.channel)
        {
            incident.rerouted = Some(std::mem::replace(&mut incident.channel, fallback.clone()));
        }
        // One that is tried again was counted when it was new.
        if matches!(incident.topic, Topic::Digest | Topic::Status) || incident.failures > 0 {
            return false;
        }
        let begun = self.begun.entry(incident.channel.clone()).or_default();
        begun.retain(|at| *at + STORM > now);
        begun.push_back(now);
        if begun.len() <= self.rules.storm {
            return false;
        }
        let (channel, severity) = (incident.channel.clone(), incident.severity);
        let digest = super::row(Topic::Digest, &channel);
        incident.digest = Some(digest.clone());
        self.dirty.insert(row.to_owned());
        let mut notice = Notice::status(channel.clone(), "Many incidents at once", "").to(channel);
        (notice.topic, notice.severity) = (Topic::Digest, severity);
        self.take(&notice, now);
        true
    }

    /// Ends what was under way. Returns whether it was sent elsewhere because its channel refuses.
    pub(super) fn settle(&mut self, row: &str, result: &Result<Done, Error>, now: DateTime<Utc>) -> bool {
        self.busy.remove(row);
        self.dirty.insert(row.to_owned());
        let Some(incident) = self.incidents.get_mut(row) else { return false };
        let result = match result {
            Ok(Done::At(place)) => Ok(Done::At(place.clone())),
            Ok(Done::Shown) => Ok(Done::Shown),
            Ok(Done::Absent) => Ok(Done::Absent),
            Err(error) => Err(error),
        };
        if !incident.settle(result, now) {
            return false;
        }
        let until = now + SUSPENDED;
        self.refusing.insert(incident.channel.clone(), until);
        let fallback = self.rules.fallback.as_ref().filter(|to| **to != incident.channel);
        let Some(fallback) = fallback else { return false };
        incident.rerouted = Some(std::mem::replace(&mut incident.channel, fallback.clone()));
        incident.afresh();
        incident.retry_at = None;
        incident.due = now;
        true
    }

    /// Gives up what was to be sent, as it could not be written down first.
    pub(super) fn unbegin(&mut self, row: &str, at: DateTime<Utc>) {
        self.busy.remove(row);
        if let Some(incident) = self.incidents.get_mut(row) {
            // It was not sent, so it is in doubt only if it was before.
            if let Some(sending) = &mut incident.sending {
                if sending.doubt { sending.until = at } else { incident.sending = None }
            }
            incident.retry_at = Some(at);
        }
    }

    /// Whether all that is to be told of an incident has been.
    pub(super) fn is_told(&self, row: &str) -> bool {
        self.incidents.get(row).is_none_or(|one| {
            let updates = self.rules.of(one.topic).strategy != Strategy::Thread;
            (one.shown >= one.want || (!updates && one.place.is_some())) && one.replies.is_empty()
        })
    }
}

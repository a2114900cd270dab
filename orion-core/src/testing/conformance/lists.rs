//! A subject whose vendor is the small one of lists.

use std::{fmt, sync::Arc};

use super::{Credentials, Env, Sample, Subject};
use crate::{Clock, Connector, Kind, Record, Result, http::Transport, testing::ListServer};

/// An adapter under test whose vendor is a [`ListServer`]: everything but its connector and its records follows.
///
/// Its objects are named like the server's lists.
pub struct OverLists<F> {
    server: ListServer,
    connect: F,
    samples: Vec<Samples>,
}

struct Samples {
    kind: Kind,
    make: Box<dyn Fn(u64) -> Sample + Send + Sync>,
    invalid: Sample,
}

impl<F: Fn(Env, String) -> Result<Connector> + Send + Sync> OverLists<F> {
    /// Tests what `connect` makes of a connection and the bearer token to use on it.
    pub fn new(server: ListServer, connect: F) -> Self {
        Self { server, connect, samples: Vec::new() }
    }

    /// Gives records to write of a model: `make` another for every number, and one that lacks a required field.
    #[must_use]
    pub fn samples<M: crate::Model>(
        mut self,
        make: impl Fn(u64) -> M + Send + Sync + 'static,
        invalid: M,
    ) -> Self {
        let make = move |number| super::sample(Record::new("", make(number)));
        let invalid = super::sample(Record::new("", invalid));
        self.samples.push(Samples { kind: M::KIND, make: Box::new(make), invalid });
        self
    }
}

impl<F: Fn(Env, String) -> Result<Connector> + Send + Sync> Subject for OverLists<F> {
    async fn connect(&self, env: Env) -> Result<Connector> {
        let token = match env.credentials {
            Credentials::Good => self.server.tokens().0.unwrap_or_default(),
            Credentials::Narrow => self.server.narrow().unwrap_or_default(),
            Credentials::Refused => "a-token-nobody-gave-out".to_owned(),
        };
        (self.connect)(env, token)
    }

    fn transport(&self) -> Option<Arc<dyn Transport>> {
        Some(Arc::new(self.server.clone()))
    }

    fn clock(&self) -> Clock {
        self.server.clock()
    }

    fn secrets(&self) -> Vec<String> {
        let (access, refresh) = self.server.tokens();
        access.into_iter().chain(refresh).collect()
    }

    fn credentials(&self) -> Vec<Credentials> {
        let refused = self.server.tokens().0.map(|_| Credentials::Refused);
        refused.into_iter().chain(self.server.narrow().map(|_| Credentials::Narrow)).collect()
    }

    fn sample(&self, kind: Kind, _: &str, number: u64) -> Option<Sample> {
        self.samples.iter().find(|samples| samples.kind == kind).map(|samples| (samples.make)(number))
    }

    fn invalid(&self, kind: Kind, _: &str) -> Option<Sample> {
        self.samples.iter().find(|samples| samples.kind == kind).map(|samples| samples.invalid.clone())
    }

    async fn touch(&self, object: &str, id: &str) -> Option<()> {
        self.server.touch(object, id).then_some(())
    }

    async fn remove(&self, object: &str, id: &str) -> Option<()> {
        self.server.delete(object, id);
        Some(())
    }

    async fn expire_tokens(&self) -> Option<()> {
        // Without a refresh token nothing can be renewed.
        self.server.tokens().1?;
        self.server.expire();
        Some(())
    }
}

impl<F> fmt::Debug for OverLists<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OverLists").field("server", &self.server).finish_non_exhaustive()
    }
}

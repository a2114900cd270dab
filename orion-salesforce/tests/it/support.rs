//! An org to try the connector on.

use std::time::Duration;

use orion_core::{
    AdapterExt, Change, Error, Model, Outcome, Query, Read, Record, UnifiedCustomer, Write, WriteOptions,
    Written, http::retry::Policy,
};
use orion_salesforce::{
    Auth, Config, Salesforce,
    sandbox::{Builder, LogEntry, Sandbox},
};
use serde_json::Value;
use url::Url;

/// A sandbox and a connection to it.
pub(crate) struct Org {
    pub(crate) sandbox: Sandbox,
    pub(crate) salesforce: Salesforce,
}

impl Org {
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder.records(20)).await
    }

    pub(crate) async fn with(set: impl FnOnce(Builder) -> Builder) -> Self {
        let sandbox = set(Sandbox::builder()).start().await.unwrap();
        let salesforce = connect(&sandbox);
        Self { sandbox, salesforce }
    }

    /// The rows a query finds, read past the API.
    pub(crate) fn rows(&self, soql: &str) -> Vec<Value> {
        self.sandbox.query(soql).unwrap()
    }

    pub(crate) fn row(&self, soql: &str) -> Value {
        let rows = self.rows(soql);
        assert_eq!(rows.len(), 1, "{soql}: {rows:?}");
        rows[0].clone()
    }

    /// The requests seen whose path contains this.
    pub(crate) fn requests(&self, path: &str) -> Vec<LogEntry> {
        self.sandbox.log().into_iter().filter(|entry| entry.path.contains(path)).collect()
    }

    pub(crate) async fn write<M: Model>(&self, options: &WriteOptions, records: &[Record<M>]) -> Vec<Outcome>
    where
        Salesforce: Write<M>,
    {
        let outcomes = self.salesforce.write(options, records).await.unwrap();
        assert_eq!(outcomes.len(), records.len(), "one outcome per input");
        outcomes
    }

    /// Writes records, all of which are to succeed.
    pub(crate) async fn written<M: Model>(
        &self,
        options: &WriteOptions,
        records: &[Record<M>],
    ) -> Vec<Written>
    where
        Salesforce: Write<M>,
    {
        self.write(options, records).await.into_iter().map(Result::unwrap).collect()
    }

    /// Every record of an object, none of which may be refused.
    pub(crate) async fn read<M: Model>(&self, query: Query) -> Vec<Change<M>>
    where
        Salesforce: Read<M>,
    {
        read(&self.salesforce, query).await
    }

    /// The record of this id.
    pub(crate) async fn find<M: Model>(&self, object: &str, id: &str) -> Record<M>
    where
        Salesforce: Read<M>,
    {
        let changes = self.read::<M>(Query::new().object(object)).await;
        let found = changes.into_iter().find(|change| change.id().as_str() == id);
        found.and_then(Change::into_record).unwrap_or_else(|| panic!("no {object} {id}"))
    }
}

pub(crate) async fn read<M: Model>(salesforce: &Salesforce, query: Query) -> Vec<Change<M>>
where
    Salesforce: Read<M>,
{
    use futures::TryStreamExt;
    salesforce.records(query).try_collect().await.unwrap()
}

pub(crate) fn base(sandbox: &Sandbox) -> Url {
    Url::parse(sandbox.base_url()).unwrap()
}

pub(crate) fn session(sandbox: &Sandbox) -> Config {
    let auth = Auth::AccessToken { access_token: sandbox.access_token().into(), instance_url: base(sandbox) };
    Config::new(base(sandbox), auth)
}

pub(crate) fn client_credentials(sandbox: &Sandbox) -> Config {
    let (client_id, client_secret) = (sandbox.client_id().into(), sandbox.client_secret().into());
    Config::new(base(sandbox), Auth::ClientCredentials { client_id, client_secret })
}

/// A connection that does not wait long between attempts.
pub(crate) fn connect(sandbox: &Sandbox) -> Salesforce {
    connected(client_credentials(sandbox))
}

pub(crate) fn connected(config: Config) -> Salesforce {
    Salesforce::builder(config, orion_core::http::Http::new().unwrap()).retry(quick()).build().unwrap()
}

pub(crate) fn quick() -> Policy {
    Policy::default().backoff(Duration::from_millis(2), Duration::from_millis(20))
}

/// A customer the host made.
pub(crate) fn customer(name: &str) -> Record<UnifiedCustomer> {
    let mut customer = UnifiedCustomer::default();
    customer.display_name = Some(name.to_owned());
    Record::new("", customer)
}

/// The code of a refusal.
pub(crate) fn code(error: &Error) -> &str {
    error.fault().map_or("", |fault| &*fault.code)
}

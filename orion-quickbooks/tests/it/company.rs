//! A company in the sandbox, and a connection to it.

use std::time::Duration;

use futures::TryStreamExt;
use orion_core::{
    AdapterExt, Change, Currency, Model, Money, Outcome, Query, Read, Record, Ref, UnifiedInvoice,
    UnifiedLineItem, Write, WriteOptions, Written,
    http::{Http, retry::Policy},
};
use orion_quickbooks::{
    Config, QuickBooks, Throttle,
    sandbox::{Builder, Limits, Sandbox},
};
use serde_json::Value;

pub(crate) struct Company {
    pub(crate) sandbox: Sandbox,
    pub(crate) quickbooks: QuickBooks,
}

impl Company {
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder.records(20)).await
    }

    pub(crate) async fn with(set: impl FnOnce(Builder) -> Builder) -> Self {
        let sandbox = set(Sandbox::builder().limits(Limits::NONE)).start().await.unwrap();
        let quickbooks = connect(&sandbox);
        Self { sandbox, quickbooks }
    }

    /// The rows a query finds, read past the API.
    pub(crate) fn rows(&self, statement: &str) -> Vec<Value> {
        let rows = self.sandbox.query(statement).unwrap();
        rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
    }

    /// The id of the first row of an entity.
    pub(crate) fn first(&self, entity: &str) -> String {
        let rows = self.rows(&format!("select * from {entity} maxresults 1"));
        rows[0]["Id"].as_str().unwrap().to_owned()
    }

    /// A customer who is invoiced in US dollars.
    pub(crate) fn customer(&self) -> String {
        let rows = self.rows("select * from Customer maxresults 1000");
        let usd = rows.iter().find(|row| row["CurrencyRef"]["value"] == "USD").unwrap();
        usd["Id"].as_str().unwrap().to_owned()
    }

    /// Every row of an entity.
    pub(crate) fn all(&self, entity: &str) -> Vec<Value> {
        let rows = self.sandbox.dump(entity).unwrap();
        rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
    }

    pub(crate) async fn read<M: Model>(&self, query: Query) -> Vec<Change<M>>
    where
        QuickBooks: Read<M>,
    {
        self.quickbooks.records(query).try_collect().await.unwrap()
    }

    pub(crate) async fn write<M: Model>(&self, options: &WriteOptions, records: &[Record<M>]) -> Vec<Outcome>
    where
        QuickBooks: Write<M>,
    {
        let outcomes = self.quickbooks.write(options, records).await.unwrap();
        assert_eq!(outcomes.len(), records.len(), "one outcome per input");
        outcomes
    }

    pub(crate) async fn written<M: Model>(
        &self,
        options: &WriteOptions,
        records: &[Record<M>],
    ) -> Vec<Written>
    where
        QuickBooks: Write<M>,
    {
        self.write(options, records).await.into_iter().map(Result::unwrap).collect()
    }

    /// An invoice of one line to the first customer.
    pub(crate) fn invoice(&self, amount: &str) -> Record<UnifiedInvoice> {
        let mut invoice = UnifiedInvoice::default();
        invoice.customer = Some(Ref::new(self.customer()));
        let mut line = UnifiedLineItem::default();
        line.item = Some(Ref::new(self.first("Item")));
        line.amount = Some(usd(amount));
        invoice.lines.push(line);
        Record::new("", invoice)
    }
}

pub(crate) fn usd(amount: &str) -> Money {
    Money::parse(amount, Currency::USD).unwrap()
}

/// A connection that keeps no limits and does not wait long between attempts.
pub(crate) fn connect(sandbox: &Sandbox) -> QuickBooks {
    let policy = Policy::default().backoff(Duration::from_millis(2), Duration::from_millis(20));
    QuickBooks::builder(Config::sandbox(sandbox), Http::new().unwrap())
        .throttle(Throttle::none())
        .retry(policy)
        .build()
        .unwrap()
}

//! A connector of the host's own: the Acme helpdesk, with tickets (the host's model, also written) and agents.
//!
//! `cargo run --example custom_adapter` serves Acme in process, reads it, and runs the conformance suite on the connector.
#![expect(clippy::print_stdout, reason = "a program shows its results")]
use chrono::{DateTime, SecondsFormat, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use http::{HeaderName, Method, header};
use orion::http::{ByJson, Client, Transport};
use orion::{
    Adapter, AdapterExt, AdapterId, Change, Clock, Connector, Cursor, Error, ErrorKind, Fields, Identity,
    Kind, Meta, Model, Object, Outcome, Page, Query, Read, Record, Registry, Resources, Result, Source,
    UnifiedUser, Write, WriteOp, WriteOptions, Written, auth::Fixed, observe::Observers, testing,
    testing::ListServer, testing::conformance,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{json, value::RawValue};
use std::{future::ready, sync::Arc};

#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
struct Ticket {
    subject: String,
    priority: Option<String>,
}
impl Model for Ticket {
    const KIND: Kind = Kind::new("ticket");
}

/// What Acme sends: pages of rows. A deleted row has no content.
#[derive(Deserialize)]
struct List {
    data: Vec<Box<RawValue>>,
    next: Option<String>,
}
#[derive(Deserialize)]
struct Row<C> {
    id: String,
    updated_at: DateTime<Utc>,
    version: Option<Box<str>>,
    deleted: Option<bool>,
    #[serde(flatten)]
    content: Option<C>,
    #[serde(flatten)]
    extra: Fields,
}
#[derive(Deserialize)]
struct Agent {
    name: String,
}
#[derive(Deserialize)]
struct Config {
    base_url: url::Url,
    token: String,
}

fn acme(config: Config, via: impl Transport, observers: Observers, clock: Clock) -> Result<Connector> {
    let authorize = Fixed::bearer(&config.token.into(), &config.base_url)?;
    let decode = ByJson::new("/error/code", "/error/message").field("/error/field").clock(clock.clone());
    let client = Client::builder("acme", config.base_url, via).authorize(Arc::new(authorize));
    Ok(Acme(client.decode(Arc::new(decode)).observers(observers).clock(clock).build()).connect())
}

struct Acme(Client);
impl Acme {
    async fn list<C: DeserializeOwned, M>(&self, of: &str, query: &Query, to: fn(C) -> M) -> Result<Page<M>> {
        query.only(of)?;
        let time = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        let call = self.0.get(of, "list").query_opt("after", query.cursor.as_ref().map(Cursor::as_str));
        let call = call.query_opt("limit", query.page_size.map(|size| size.to_string()).as_deref());
        let call = call.query_opt("deleted", query.deletes.then_some("true"));
        let call = call.query_opt("updated_since", time(query.since).as_deref());
        let page: List = call.query_opt("updated_before", time(query.until).as_deref()).json().await?;
        let source = Source::new("acme", of);
        Ok(Page::of_rows(&page.data, page.next.map(Cursor::new), |row: Row<C>| {
            if row.deleted == Some(true) {
                return Ok(Change::Delete { id: row.id.into(), at: Some(row.updated_at) });
            }
            let missing = || Error::new(ErrorKind::Malformed, "a row lacks a field that acme promises");
            let content = row.content.ok_or_else(missing)?;
            let meta = Meta::of(&source, Some(row.updated_at), row.version);
            Ok(Change::Upsert(Record::new(row.id, to(content)).with_meta(meta).with_extra(row.extra)))
        }))
    }

    async fn write_one(&self, op: &WriteOp, ticket: &Record<Ticket>) -> Outcome {
        let path = format!("tickets/{}", ticket.id);
        let (call, written): (_, fn(String) -> Written) = match op {
            WriteOp::Create => (self.0.post("tickets", "create"), Written::created),
            WriteOp::Update => (self.0.call(Method::PATCH, &path, "update"), Written::updated),
            _ => return Err(Error::new(ErrorKind::Unsupported, "acme lets nobody delete a ticket")),
        };
        let call = call.fresh_idempotency_key(HeaderName::from_static("idempotency-key"));
        let call = call.header_opt(header::IF_MATCH, ticket.meta.version.as_deref());
        let row: Row<Ticket> = call.json_body(&ticket.model).json().await?;
        Ok(written(row.id).version(row.version.unwrap_or_default()))
    }
}

#[async_trait::async_trait]
impl Adapter for Acme {
    fn id(&self) -> AdapterId {
        AdapterId::new("acme", "0.1.0")
    }
    fn resources(self: Arc<Self>) -> Resources {
        let object = |name: &str| Object::new(name).cursor("updated_at").with_deletes();
        let resources = Resources::of(self).reads::<Ticket>().writes::<Ticket>().reads::<UnifiedUser>();
        resources.objects::<Ticket>([object("tickets")]).objects::<UnifiedUser>([object("agents")]).build()
    }
    async fn check(&self) -> Result<Identity> {
        let me: Fields = self.0.get("me", "me").json().await?;
        Ok(Identity::new(me.text("account").unwrap_or_default()))
    }
}
impl Read<Ticket> for Acme {
    async fn read(&self, query: &Query) -> Result<Page<Ticket>> {
        self.list("tickets", query, |ticket: Ticket| ticket).await
    }
}
impl Read<UnifiedUser> for Acme {
    async fn read(&self, query: &Query) -> Result<Page<UnifiedUser>> {
        self.list("agents", query, |agent: Agent| UnifiedUser::named(agent.name)).await
    }
}
impl Write<Ticket> for Acme {
    async fn write(&self, options: &WriteOptions, tickets: &[Record<Ticket>]) -> Result<Vec<Outcome>> {
        Ok(stream::iter(tickets).then(|ticket| self.write_one(&options.op, ticket)).collect().await)
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (base_url, clock) = ("https://acme.test/".parse::<url::Url>()?, testing::clock());
    let server = ListServer::new(clock.clone()).list("tickets", &["subject"]).list("agents", &["name"]);
    let server = server.rows("tickets", 10, |n| json!({ "subject": format!("Printer {n} is out of ink") }));
    let server = server.rows("agents", 10, |n| json!({ "name": format!("Agent {n}") })).token("acme-token");
    let vendor = server.clone();
    let registry = Registry::new().register("acme", move |config| {
        ready(acme(config, vendor.clone(), Observers::none(), clock.clone()))
    });
    let desk = registry.build("acme", r#"{"base_url":"https://acme.test/","token":"acme-token"}"#).await?;
    let tickets: Vec<_> = desk.records::<Ticket>(Query::new()).try_collect().await?;
    let agents = desk.page_json(UnifiedUser::KIND, &Query::new()).await?;
    println!("read {} tickets typed and {} agents as JSON", tickets.len(), agents.changes.len());
    let subject = conformance::OverLists::new(server, |env, token| {
        acme(Config { base_url: base_url.clone(), token }, env.transport, env.observers, env.clock)
    });
    let ticket = |n| Ticket { subject: format!("Printer {n} is on fire"), priority: None };
    let report = conformance::run(&subject.samples(ticket, Ticket::default())).await;
    println!("{report}");
    if report.failed().count() == 0 { Ok(()) } else { Err("acme does not conform".into()) }
}

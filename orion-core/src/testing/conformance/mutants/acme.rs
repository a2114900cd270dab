//! An adapter of the small vendor of lists, with a defect if wanted.

mod bulk;
mod hoard;
mod path;
mod webhook;
mod wire;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use http::{HeaderName, Method, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Semaphore;

use self::{
    hoard::Hoard,
    wire::{List, Row},
};
use super::{
    super::{Credentials, Env, Sample, Subject, sample},
    Flaw,
};
use crate::{
    Adapter, AdapterExt, AdapterId, Change, Clock, Connector, Cursor, Delivery, Error, ErrorKind, Identity,
    Kind, Model, Object, Outcome, Page, Query, Read, Record, Resources, Result, Retry, UnifiedUser, Write,
    WriteOp, WriteOptions, Written,
    auth::MemoryTokenStore,
    http::{Call, Client, Transport},
    testing::{self, ListServer},
};

const PASSWORD: &str = "planted-refresh-token";

/// A model of the host's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Ticket {
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price: Option<crate::Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
}

impl Model for Ticket {
    const KIND: Kind = Kind::new("ticket");
}

/// A model whose schema says nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Vague(serde_json::Value);

impl JsonSchema for Vague {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Vague".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!(true)
    }
}

impl Model for Vague {
    const KIND: Kind = Kind::new("Vague thing");
}

/// The vendor and its adapter as a subject.
pub(super) struct Acme {
    server: ListServer,
    store: Arc<MemoryTokenStore>,
    shared: Mutex<Option<Client>>,
    flaw: Option<Flaw>,
}

impl Acme {
    pub(super) async fn new(flaw: Option<Flaw>) -> Self {
        let server = ListServer::new(testing::clock())
            .list("tickets", &["subject"])
            .list("agents", &["name"])
            .list("bots", &["name"])
            .token("planted-access-token")
            .refresh_token(PASSWORD)
            .narrow_token("narrow-access-token");
        let server = server
            .rows(
                "tickets",
                10,
                |number| json!({ "subject": format!("Ticket number {number}"), "state": "open" }),
            )
            .rows("agents", 10, |number| json!({ "name": format!("Agent {number}") }))
            .rows("bots", 10, |number| json!({ "name": format!("Bot {number}") }));
        server.delete("tickets", "4");
        Self { server, store: Arc::new(MemoryTokenStore::new()), shared: Mutex::default(), flaw }
    }
}

impl Subject for Acme {
    async fn connect(&self, env: Env) -> Result<Connector> {
        let client = path::client(self, &env).await?;
        let client = if self.flaw == Some(Flaw::SharesAClient) {
            self.shared.lock().unwrap().get_or_insert(client).clone()
        } else {
            client
        };
        let slots = Arc::new(Semaphore::new(2));
        let (last, hoard, clock) = (Mutex::default(), Hoard::default(), env.clock.clone());
        Ok(Desk { client, flaw: self.flaw, slots, last, hoard, clock }.connect())
    }

    fn transport(&self) -> Option<Arc<dyn Transport>> {
        Some(Arc::new(self.server.clone()))
    }

    fn secrets(&self) -> Vec<String> {
        vec![PASSWORD.to_owned(), webhook::KEY.to_owned()]
    }

    fn credentials(&self) -> Vec<Credentials> {
        vec![Credentials::Refused, Credentials::Narrow]
    }

    fn sample(&self, kind: Kind, _: &str, number: u64) -> Option<Sample> {
        let price = Some(crate::Decimal::new(i64::try_from(number).unwrap() * 100 + 10, 2));
        let ticket = Ticket { subject: format!("A new ticket, number {number}"), price, state: None };
        (kind == Ticket::KIND).then(|| sample(Record::new("", ticket)))
    }

    fn invalid(&self, kind: Kind, _: &str) -> Option<Sample> {
        (kind == Ticket::KIND).then(|| sample(Record::new("", Ticket::default())))
    }

    async fn touch(&self, object: &str, id: &str) -> Option<()> {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        self.server.put(object, json!({ "id": id, "name": "changed", "subject": "changed" }));
        Some(())
    }

    fn enumeration(&self, kind: Kind, _: &str) -> Option<&'static str> {
        (kind == Ticket::KIND).then_some("state")
    }

    async fn deliveries(&self, kind: Kind, now: DateTime<Utc>) -> Option<Vec<Delivery>> {
        (kind == Ticket::KIND).then(|| webhook::deliveries(&self.server, now))
    }

    fn signatures_last(&self) -> Option<std::time::Duration> {
        Some(webhook::GOOD_FOR)
    }

    async fn expire_tokens(&self) -> Option<()> {
        self.server.expire();
        Some(())
    }
}

struct Desk {
    client: Client,
    flaw: Option<Flaw>,
    slots: Arc<Semaphore>,
    /// What `MixesReads` gets wrong.
    last: Mutex<Option<String>>,
    hoard: Hoard,
    clock: Clock,
}

impl Desk {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn path(&self, list: &str, query: &Query) -> String {
        match &query.cursor {
            Some(cursor) if self.has(Flaw::FollowsForeignCursor) && cursor.as_str().contains("//") => {
                cursor.as_str().to_owned()
            }
            _ => format!("/{list}"),
        }
    }

    async fn list<R: Row>(&self, list: &str, query: &Query) -> Result<Page<R::Model>> {
        let path = self.path(list, query);
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let mut call =
            self.client.get(&path, "list").query_opt("after", query.cursor.as_ref().map(Cursor::as_str));
        call = call.query_opt("limit", query.page_size.map(|size| size.to_string()).as_deref());
        call = call.query_opt("updated_since", query.since.map(time).as_deref());
        call = call.query_opt("updated_before", query.until.map(time).as_deref());
        call = call.query_opt("deleted", query.deletes.then_some("true"));
        if path.contains("//") {
            call = call.anonymous().header(header::AUTHORIZATION, "Bearer planted-access-token");
        }
        if self.has(Flaw::HoardsPages) {
            return self.hoarded::<R>(list, query).await;
        }
        let page: List<R> = match self.answer(call).await {
            Err(error) if self.has(Flaw::SwallowsBadAnswers) && error.kind() == ErrorKind::Malformed => {
                List::empty()
            }
            answer => answer?,
        };
        page.into_page(if self.has(Flaw::WrongSource) { "stuff" } else { list })
    }

    /// Reads a page, in the way of the defect.
    async fn page<R: Row>(&self, list: &str, query: &Query) -> Result<Page<R::Model>> {
        if self.has(Flaw::LeaksASlot) {
            // Not given back if the read is dropped.
            self.slots.acquire().await.unwrap().forget();
        }
        let mut list = list.to_owned();
        if self.has(Flaw::MixesReads) && R::Model::KIND == UnifiedUser::KIND {
            *self.last.lock().unwrap() = Some(list);
            tokio::task::yield_now().await;
            list = self.last.lock().unwrap().clone().unwrap();
        }
        let mut page = self.list::<R>(&list, query).await;
        while self.has(Flaw::ReadsEverythingAtOnce) {
            let Ok(Some(next)) = page.as_mut().map(|page| page.next.take()) else { break };
            let more = self.list::<R>(&list, &query.clone().cursor(Some(next))).await?;
            page =
                page.map(|page| Page::new(page.changes.into_iter().chain(more.changes).collect(), more.next));
        }
        if self.has(Flaw::LeaksASlot) {
            self.slots.add_permits(1);
        }
        page
    }

    async fn answer<T: serde::de::DeserializeOwned + Send + 'static>(&self, call: Call<'_>) -> Result<T> {
        let body = call.bytes().await?;
        let answer =
            if self.has(Flaw::DeniesNewFields) && body.windows(12).any(|part| part == b"orionUnknown") {
                None
            } else {
                serde_json::from_slice(&body).ok()
            };
        answer.ok_or_else(|| {
            let said =
                if self.has(Flaw::PrintsTheAnswer) { String::from_utf8_lossy(&body) } else { "".into() };
            Error::new(ErrorKind::Malformed, format!("not the JSON expected: {said}")).during("acme", "list")
        })
    }

    fn object<'q>(&self, query: &'q Query, known: &'static [&'static str]) -> Result<&'q str> {
        let name = query.object.as_deref().unwrap_or(known[0]);
        if known.contains(&name) {
            Ok(name)
        } else {
            Err(Error::new(ErrorKind::Config, "there is no such object"))
        }
    }

    async fn write_one(&self, options: &WriteOptions, number: usize, record: &Record<Ticket>) -> Outcome {
        let path = format!("/tickets/{}", record.id);
        let body = json!({ "subject": record.model.subject, "price": record.model.price });
        let mut call = match options.op {
            WriteOp::Create => self.client.post("/tickets", "create").json_body(&body),
            _ if record.id.is_empty() => return Err(Error::new(ErrorKind::Config, "the record has no id")),
            WriteOp::Update => self.client.call(Method::PATCH, &path, "update").json_body(&body),
            WriteOp::Delete => self.client.call(Method::DELETE, &path, "delete"),
            _ => return Err(Error::new(ErrorKind::Unsupported, "there is no such write")),
        };
        if let Some(version) = &record.meta.version {
            call = call.header(header::IF_MATCH, version);
        }
        if self.has(Flaw::PostsAgain) {
            call = call.idempotent();
        } else if options.op == WriteOp::Create && number % 2 == 1 {
            let key = format!("{}-{number}", record.model.subject);
            call = call.idempotency_key(HeaderName::from_static("idempotency-key"), &key);
        }
        let answer = call.send().await;
        let answer = match answer {
            Err(error) if self.has(Flaw::LostAnswerIsCertain) => {
                Err(Error::new(error.kind(), "failed").with_retry(Retry::Never))
            }
            Err(error) if self.has(Flaw::PrintsTheRecord) => {
                Err(Error::new(error.kind(), format!("{} cannot be written", record.model.subject)))
            }
            answer => answer,
        }?;
        if options.op == WriteOp::Delete {
            return Ok(Written::updated(record.id.clone()));
        }
        let row: wire::TicketRow = answer.json().await?;
        let written =
            if options.op == WriteOp::Create { Written::created(row.id) } else { Written::updated(row.id) };
        Ok(written.version(row.version.unwrap_or_default()))
    }
}

#[async_trait]
impl Adapter for Desk {
    fn id(&self) -> AdapterId {
        AdapterId::new("acme", "1.0.0")
    }

    fn resources(self: Arc<Self>) -> Resources {
        let flaw = self.flaw;
        let users = ["agents", "bots"].map(|name| Object::new(name).cursor("updated_at"));
        let resources = Resources::of(self)
            .reads::<Ticket>()
            .writes::<Ticket>()
            .bulk::<Ticket>()
            .receives::<Ticket>()
            .objects::<Ticket>([Object::new("tickets").cursor("updated_at").with_deletes()])
            .reads::<UnifiedUser>()
            .objects::<UnifiedUser>(users);
        match flaw {
            Some(Flaw::SchemaOfNothing) => resources.reads::<Vague>().build(),
            Some(Flaw::OffersNothing) => resources.objects::<Vague>([Object::new("vague")]).build(),
            Some(Flaw::NamesAnObjectTwice) => resources.objects::<Ticket>([Object::new("tickets")]).build(),
            _ => resources.build(),
        }
    }

    async fn check(&self) -> Result<Identity> {
        #[derive(Deserialize)]
        struct Me {
            account: String,
            user: String,
        }
        let me: Me = self.client.get("/me", "me").json().await?;
        Ok(Identity::new(me.account).user(me.user))
    }
}

impl Read<Ticket> for Desk {
    async fn read(&self, query: &Query) -> Result<Page<Ticket>> {
        let mut page = self.page::<wire::TicketRow>(self.object(query, &["tickets"])?, query).await?;
        if self.has(Flaw::DropsUnknownValues) {
            let known = |state: &String| ["open", "closed"].contains(&state.as_str());
            for change in &mut page.changes {
                if let Change::Upsert(record) = change {
                    record.model.state = record.model.state.take().filter(known);
                }
            }
        }
        Ok(page)
    }
}

impl Read<UnifiedUser> for Desk {
    async fn read(&self, query: &Query) -> Result<Page<UnifiedUser>> {
        let object = self.object(query, &["agents", "bots"])?;
        let object = if self.has(Flaw::ReadsOneObjectForAll) { "agents" } else { object };
        self.page::<wire::UserRow>(object, query).await
    }
}

impl Read<Vague> for Desk {
    async fn read(&self, _: &Query) -> Result<Page<Vague>> {
        Ok(Page::new(Vec::new(), None))
    }
}

impl Write<Ticket> for Desk {
    async fn write(&self, options: &WriteOptions, records: &[Record<Ticket>]) -> Result<Vec<Outcome>> {
        if records.is_empty() && self.has(Flaw::CallsEmptyBatch) {
            self.client.post("/tickets", "create").send().await.ok();
        }
        let mut outcomes = Vec::new();
        for (number, record) in records.iter().enumerate() {
            let outcome = self.write_one(options, number, record).await;
            if self.has(Flaw::BatchFailsWhole) {
                outcomes.push(Ok(outcome?));
            } else {
                outcomes.push(outcome);
            }
        }
        Ok(outcomes)
    }
}

//! What the main job talks to: a Salesforce org and a QuickBooks company, simulated in process or real ones.

use std::sync::Arc;

use orion::{
    Error, ErrorKind, Result,
    http::Http,
    observe::Observers,
    quickbooks::{self, QuickBooks},
    salesforce::{self, Salesforce},
};
use serde_json::{Map, Value, json};

use super::Args;

/// Both.
pub(crate) struct Sources {
    org: Org,
    books: Option<Books>,
}

impl Sources {
    pub(crate) async fn start(args: &Args) -> Result<Self> {
        Ok(Self { org: Org::start(args).await?, books: Books::start(args).await? })
    }

    pub(crate) fn connect(
        &self,
        observers: &Observers,
    ) -> Result<(Arc<Salesforce>, Option<Arc<QuickBooks>>)> {
        let salesforce = self.org.connect(observers.clone())?;
        let quickbooks = self.books.as_ref().map(|books| books.connect(observers.clone())).transpose()?;
        Ok((Arc::new(salesforce), quickbooks.map(Arc::new)))
    }

    /// The org's address.
    pub(crate) fn org(&self) -> &str {
        match &self.org {
            Org::Sandbox(sandbox) => sandbox.base_url(),
            Org::Live => "the org",
        }
    }

    pub(crate) fn may_write(&self) -> bool {
        matches!(self.org, Org::Sandbox(_)) || env("SF_WRITE").is_ok_and(|value| value == "1")
    }

    /// Somebody else changes and deletes some records. Those who work in a real org do that themselves.
    pub(crate) fn change_some(&self) -> Result<()> {
        self.org.change_some()?;
        self.books.iter().try_for_each(Books::change_some)
    }
}

/// The org.
enum Org {
    Sandbox(Box<salesforce::sandbox::Sandbox>),
    Live,
}

impl Org {
    async fn start(args: &Args) -> Result<Self> {
        if args.live {
            return Ok(Self::Live);
        }
        let sandbox = salesforce::sandbox::Sandbox::builder().records(args.records).start().await;
        Ok(Self::Sandbox(Box::new(sandbox.map_err(no_listener)?)))
    }

    fn connect(&self, observers: Observers) -> Result<Salesforce> {
        let (login_url, client_id, client_secret) = match self {
            Self::Sandbox(sandbox) => (
                sandbox.base_url().to_owned(),
                sandbox.client_id().to_owned(),
                sandbox.client_secret().to_owned(),
            ),
            Self::Live => (env("SF_LOGIN_URL")?, env("SF_CLIENT_ID")?, env("SF_CLIENT_SECRET")?),
        };
        let login_url = url::Url::parse(&login_url).map_err(|source| {
            Error::new(ErrorKind::Config, "the login address is no URL").with_source(source)
        })?;
        let auth = salesforce::Auth::ClientCredentials { client_id, client_secret: client_secret.into() };
        let config = salesforce::Config::new(login_url, auth);
        Salesforce::builder(config, Http::new()?).observers(observers).build()
    }

    /// Changes one account and deletes one lead in a hundred.
    fn change_some(&self) -> Result<()> {
        let Self::Sandbox(sandbox) = self else { return Ok(()) };
        let ids = |object: &str| -> Result<Vec<String>> {
            let rows = sandbox.query(&format!("SELECT Id FROM {object}")).map_err(refused)?;
            Ok(rows.iter().filter_map(|row| row["Id"].as_str().map(str::to_owned)).collect())
        };
        for id in ids("Account")?.iter().skip(turn()).step_by(100) {
            let fields = Map::from_iter([("Description".to_owned(), json!("changed at the source"))]);
            sandbox.update("Account", id, &fields).map_err(refused)?;
        }
        for id in ids("Lead")?.iter().skip(turn()).step_by(100) {
            sandbox.delete("Lead", id).map_err(refused)?;
        }
        Ok(())
    }
}

/// The company whose books are kept.
enum Books {
    Sandbox(Box<quickbooks::sandbox::Sandbox>),
    Live,
}

impl Books {
    /// A fifth as many invoices as the org has accounts: QuickBooks answers ten requests a second. A real company only if one is named.
    async fn start(args: &Args) -> Result<Option<Self>> {
        if args.live {
            return Ok(env("QB_REALM_ID").is_ok().then_some(Self::Live));
        }
        let sandbox = quickbooks::sandbox::Sandbox::builder().records(args.records / 5).start().await;
        Ok(Some(Self::Sandbox(Box::new(sandbox.map_err(no_listener)?))))
    }

    fn connect(&self, observers: Observers) -> Result<QuickBooks> {
        let config = match self {
            Self::Sandbox(sandbox) => quickbooks::Config::sandbox(sandbox),
            Self::Live => {
                let auth = quickbooks::Auth::AccessToken { access_token: env("QB_ACCESS_TOKEN")?.into() };
                quickbooks::Config::new(env("QB_REALM_ID")?, auth)
            }
        };
        QuickBooks::builder(config, Http::new()?).observers(observers).build()
    }

    /// Writes a note on one invoice in a hundred, and deletes as many that are unpaid.
    fn change_some(&self) -> Result<()> {
        let Self::Sandbox(sandbox) = self else { return Ok(()) };
        let rows = sandbox.dump("Invoice").map_err(refused)?;
        let invoices = rows.iter().filter_map(|row| serde_json::from_str::<Value>(row).ok());
        let (unpaid, paid): (Vec<Value>, Vec<Value>) =
            invoices.partition(|invoice| invoice["LinkedTxn"].as_array().is_none_or(Vec::is_empty));
        for invoice in paid.iter().skip(turn()).step_by(100) {
            let body = json!({
                "Id": invoice["Id"], "SyncToken": invoice["SyncToken"], "sparse": true, "PrivateNote": "changed at the source",
            });
            sandbox.save("Invoice", &body).map_err(refused)?;
        }
        for id in unpaid.iter().skip(turn()).step_by(100).filter_map(|invoice| invoice["Id"].as_str()) {
            sandbox.delete("Invoice", id).map_err(refused)?;
        }
        Ok(())
    }
}

/// Others than last time, if this is not the first run.
fn turn() -> usize {
    let since_1970 = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    usize::try_from(since_1970.as_millis() % 100).unwrap_or(0)
}

fn no_listener(source: std::io::Error) -> Error {
    Error::new(ErrorKind::Transport, "the sandbox cannot listen on 127.0.0.1").with_source(source)
}

fn refused(refusal: impl std::fmt::Debug) -> Error {
    Error::new(ErrorKind::Rejected, format!("the sandbox refused a change: {refusal:?}"))
}

#[expect(clippy::disallowed_methods, reason = "an example is the host, which may read its environment")]
fn env(name: &str) -> Result<String> {
    std::env::var(name)
        .map_err(|_| Error::new(ErrorKind::Config, format!("--live needs {name} in the environment")))
}

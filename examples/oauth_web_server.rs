//! A web application whose customers connect their Salesforce org in a browser:
//!
//! ```text
//! cargo run --example oauth_web_server
//! ```
//!
//! `/connect` sends the person to Salesforce's consent page, `/callback` completes the login, and from then on the connection renews its
//! tokens by itself. The org is the simulator, and the program plays the browser too, so that it ends by itself.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{RawQuery, State};
use axum::{Router, response::Redirect, routing::get};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use orion::{
    Adapter, AdapterExt, Query, UnifiedCustomer,
    auth::{Pending, SqlTokenStore},
    http::{Http, Request, Transport},
    salesforce::{Auth, Config, Salesforce, sandbox::Sandbox},
};
use secrecy::ExposeSecret;
use url::Url;

#[derive(Clone)]
struct App {
    salesforce: Salesforce,
    /// The logins that were begun, by the cookie their browser got.
    begun: Arc<Mutex<HashMap<String, Pending>>>,
}

type Answer<T> = Result<T, (StatusCode, String)>;

fn refused(error: impl Error) -> (StatusCode, String) {
    (StatusCode::BAD_GATEWAY, error.to_string())
}

async fn connect(State(app): State<App>) -> Answer<([(header::HeaderName, String); 1], Redirect)> {
    let begun = app.salesforce.login().begin().map_err(refused)?;
    let cookie = format!("login={}", begun.pending.state().expose_secret());
    app.begun.lock().unwrap_or_else(PoisonError::into_inner).insert(cookie.clone(), begun.pending);
    let cookie = format!("{cookie}; HttpOnly; SameSite=Lax; Path=/callback; Max-Age=600");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(begun.authorize_url.as_str())))
}

async fn callback(app: State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer<String> {
    let cookie = headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
    let pending = app.begun.lock().unwrap_or_else(PoisonError::into_inner).remove(cookie);
    let pending = pending.ok_or((StatusCode::BAD_REQUEST, "this browser began no login".to_owned()))?;
    app.salesforce.login().complete(&pending, &query.unwrap_or_default()).await.map_err(refused)?;
    let org = app.salesforce.check().await.map_err(refused)?;
    Ok(format!("connected org {} as {}", org.account, org.name.unwrap_or_default()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().records(250).start().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let home: Url = format!("http://{}", listener.local_addr()?).parse()?;
    let auth = Auth::RefreshToken {
        client_id: sandbox.client_id().to_owned(),
        client_secret: Some(sandbox.client_secret().into()),
        refresh_token: None,
        redirect_url: Some(home.join("/callback")?),
    };
    let config = Config::new(sandbox.base_url().parse()?, auth).account("tenant-7");
    // A real application names a file or a Postgres, and gives the key that encrypts the tokens.
    let tokens = SqlTokenStore::open(":memory:", None).await?;
    let salesforce = Salesforce::builder(config, Http::new()?).tokens(Arc::new(tokens)).build()?;

    let app = App { salesforce: salesforce.clone(), begun: Arc::default() };
    let app = Router::new().route("/connect", get(connect)).route("/callback", get(callback)).with_state(app);
    tokio::select! {
        served = axum::serve(listener, app) => served?,
        page = browse(home.join("/connect")?) => println!("{}", page?),
    }
    let page = salesforce.page::<UnifiedCustomer>(&Query::new()).await?;
    println!("read {} of {} accounts", page.changes.len(), page.total.unwrap_or_default());
    Ok(())
}

/// Follows redirects with the cookie it was given, as a browser does.
async fn browse(mut url: Url) -> Result<String, Box<dyn Error>> {
    let (http, mut cookie) = (Http::new()?, HeaderValue::from_static(""));
    loop {
        let mut request = Request::new(Method::GET, url.clone(), "browse");
        request.headers.insert(header::COOKIE, cookie.clone());
        let response = http.send(request).await?;
        let Some(to) = response.header("location") else {
            return Ok(String::from_utf8(response.bytes().await?.to_vec())?);
        };
        url = url.join(to)?;
        if let Some(set) = response.header("set-cookie").and_then(|set| set.split(';').next()) {
            cookie = set.parse()?;
        }
    }
}

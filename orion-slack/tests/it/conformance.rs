//! The suite every adapter has to pass, over the sandbox.

use std::sync::Arc;

use orion_core::{
    AdapterExt, Clock, Connector, Result,
    http::{Http, Transport},
    testing::{
        self, Threaded,
        conformance::{self, Credentials, Env, Subject},
    },
};
use orion_slack::{Config, Slack, sandbox::Sandbox};
use tokio::runtime::Runtime;

/// The workspace, served in real time from a thread of its own: the suite's clock is paused.
struct Workspace {
    sandbox: Sandbox,
    wire: Threaded<Http>,
}

impl Subject for Workspace {
    async fn connect(&self, env: Env) -> Result<Connector> {
        let address = Config::sandbox(&self.sandbox).api_url;
        let token =
            if env.credentials == Credentials::Refused { "xoxb-wrong" } else { self.sandbox.bot_token() };
        let config = Config::token(token).api_url(address);
        let slack = Slack::builder(config, env.transport).observers(env.observers).clock(env.clock);
        Ok(slack.without_tiers().build()?.connect())
    }

    fn transport(&self) -> Option<Arc<dyn Transport>> {
        Some(Arc::new(self.wire.clone()))
    }

    fn clock(&self) -> Clock {
        Clock::following_tokio(self.sandbox.now())
    }

    fn page_size(&self) -> u32 {
        5
    }

    fn secrets(&self) -> Vec<String> {
        vec![self.sandbox.bot_token().to_owned(), self.sandbox.client_secret().to_owned()]
    }

    async fn touch(&self, _: &str, id: &str) -> Option<()> {
        self.sandbox.promote(id, "Ghostbuster")
    }

    fn credentials(&self) -> Vec<Credentials> {
        vec![Credentials::Refused]
    }
}

#[test]
fn the_connector_passes_the_conformance_suite() {
    let real_time = Runtime::new().unwrap();
    let sandbox = real_time.block_on(Sandbox::builder().records(24).limits(false).start()).unwrap();
    let wire = Threaded::new(Http::new().unwrap()).unwrap();
    let workspace = Workspace { sandbox, wire };
    testing::run(async move {
        let report = conformance::run(&workspace).await;
        println!("{report}");
        report.assert_passed();
    });
}

//! Cassettes: exchanges with a vendor, recorded once and replayed without a network.
//!
//! A [`Recorder`] wraps a transport and writes down what goes through it; a [`Replay`] answers from the file and holds the client to
//! the requests in it: the method, the path, the query, the body and the chosen headers, in the file's order for each path. What it was
//! not asked for, it reports.
//!
//! A cassette says where it comes from ([`Provenance`]). One that was recorded can show that a connector misreads its vendor; one written
//! from the documentation, or recorded from a simulator, shows only that the connector still does what it did.
//!
//! No secret gets into the file: see [`Redact`]. What was redacted matches anything, so a cassette replays with whatever credentials a test uses.
//!
//! ```
//! use std::sync::Arc;
//! use http::Method;
//! use orion_core::{http::Client, testing::{self, Script, cassette::{Cassette, Provenance, Recorder, Redact}}};
//!
//! testing::run(async {
//!     let base: url::Url = "https://acme.test/".parse().unwrap();
//!     let vendor = Script::new().on(Method::POST, "/items").reply(201, serde_json::json!({ "id": 7, "owner": "ada@acme.test" }));
//!     let recorder = Arc::new(Recorder::new(vendor, Provenance::recorded("Acme", "2026-11-24", "v3")).redact(Redact::new().field("owner")));
//!     let make = |client: Client| async move {
//!         client.post("/items", "item.create").json_body(&serde_json::json!({ "name": "anvil" })).send().await
//!     };
//!     make(Client::builder("acme", base.clone(), Arc::clone(&recorder)).build()).await.unwrap();
//!     let text = recorder.cassette().to_string();
//!     assert!(text.contains("anvil") && !text.contains("ada@acme.test"));
//!
//!     let replay = Cassette::parse(&text).unwrap().replay();
//!     make(Client::builder("acme", base, replay.clone()).build()).await.unwrap();
//!     replay.assert_done();
//! });
//! ```

mod compare;
mod format;
mod json;
mod recorder;
mod redact;
mod replay;
#[cfg(test)]
mod tests;

use std::{fmt, fs, path::Path};

use serde::{Deserialize, Serialize};

pub use recorder::Recorder;
pub use redact::Redact;
pub use replay::Replay;

use self::format::Interaction;
use crate::{Error, ErrorKind, Result};

/// The version of the format.
const VERSION: u32 = 1;

/// Where the exchanges in a cassette come from, and so what replaying them can prove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Provenance {
    /// Recorded from the vendor itself.
    #[serde(rename = "recorded")]
    Recorded {
        /// The vendor.
        vendor: String,
        /// When.
        date: String,
        /// The version of its API.
        api_version: String,
    },
    /// Recorded from a simulator.
    #[serde(rename = "sandbox")]
    Sandbox {
        /// The simulator.
        name: String,
        /// When.
        date: String,
        /// The version of the API it simulates.
        api_version: String,
    },
    /// Written from the vendor's documentation.
    #[serde(rename = "from vendor docs")]
    FromVendorDocs {
        /// The document: its title or address.
        document: String,
        /// Its date or version, or when it was read.
        date: String,
    },
}

impl Provenance {
    /// Recorded from the vendor itself.
    #[must_use]
    pub fn recorded(
        vendor: impl Into<String>,
        date: impl Into<String>,
        api_version: impl Into<String>,
    ) -> Self {
        Self::Recorded { vendor: vendor.into(), date: date.into(), api_version: api_version.into() }
    }

    /// Recorded from a simulator.
    #[must_use]
    pub fn sandbox(name: impl Into<String>, date: impl Into<String>, api_version: impl Into<String>) -> Self {
        Self::Sandbox { name: name.into(), date: date.into(), api_version: api_version.into() }
    }

    /// Written from the vendor's documentation.
    #[must_use]
    pub fn from_vendor_docs(document: impl Into<String>, date: impl Into<String>) -> Self {
        Self::FromVendorDocs { document: document.into(), date: date.into() }
    }
}

/// Recorded exchanges. Its `Display` is the file.
#[derive(Clone, Serialize, Deserialize)]
pub struct Cassette {
    cassette: u32,
    provenance: Provenance,
    interactions: Vec<Interaction>,
}

impl Cassette {
    fn new(provenance: Provenance, interactions: Vec<Interaction>) -> Self {
        Self { cassette: VERSION, provenance, interactions }
    }

    /// Reads a cassette.
    ///
    /// # Errors
    /// `Config` if the text is none, or one of a later version.
    pub fn parse(text: &str) -> Result<Self> {
        let cassette: Self = serde_json::from_str(text)
            .map_err(|source| Error::new(ErrorKind::Config, "the text is no cassette").with_source(source))?;
        if cassette.cassette != VERSION {
            let message = format!("the cassette has format {}, not {VERSION}", cassette.cassette);
            return Err(Error::new(ErrorKind::Config, message));
        }
        Ok(cassette)
    }

    /// Reads a cassette from a file.
    ///
    /// # Errors
    /// `Config` if the file cannot be read or is none.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let text = fs::read_to_string(&path).map_err(|source| {
            let message = format!("the cassette {} cannot be read: record it", path.as_ref().display());
            Error::new(ErrorKind::Config, message).with_source(source)
        })?;
        Self::parse(&text)
    }

    /// Writes the cassette to a file.
    ///
    /// # Errors
    /// `Config` if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        fs::write(&path, self.to_string()).map_err(|source| {
            let message = format!("the cassette {} cannot be written", path.as_ref().display());
            Error::new(ErrorKind::Config, message).with_source(source)
        })
    }

    /// Where the exchanges come from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// How many exchanges there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.interactions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.interactions.is_empty()
    }

    /// A transport that answers from the cassette.
    #[must_use]
    pub fn replay(self) -> Replay {
        Replay::new(self.interactions)
    }
}

impl fmt::Display for Cassette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        writeln!(f, "{}", json::laid_out(&text))
    }
}

/// Shows the requests' methods and paths.
impl fmt::Debug for Cassette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cassette")
            .field("provenance", &self.provenance)
            .field("interactions", &self.interactions)
            .finish_non_exhaustive()
    }
}

//! What is remembered of a stream between two batches.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{SourceSchema, State};
use crate::{Error, ErrorKind, Fields, Result};

/// The position of a stream, committed with each batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Checkpoint {
    /// Counts the commits of the stream: what a compare-and-swap compares. The first commit is 1.
    pub revision: u64,
    /// Where the stream stands.
    pub state: State,
    /// The source's fields as far as they were seen.
    pub schema: SourceSchema,
    /// Records read in the pass under way.
    pub read: u64,
    /// Records of the pass that came without an id, so that nothing can be concluded from what the pass did not meet.
    pub unidentified: u64,
    /// Records in the batch this was committed with.
    pub batch: u64,
}

/// The version this code writes.
const VERSION: u32 = 1;

type Migration = fn(Fields) -> Fields;

/// `MIGRATIONS[n]` turns version `n + 1` into version `n + 2`.
const MIGRATIONS: [Migration; VERSION as usize - 1] = [];

impl Checkpoint {
    /// The position of a stream that was never read.
    #[must_use]
    pub fn new(sweep: bool) -> Self {
        Self {
            revision: 0,
            state: State::new(sweep),
            schema: SourceSchema::default(),
            read: 0,
            unidentified: 0,
            batch: 0,
        }
    }

    /// Writes the checkpoint as JSON, with its version.
    ///
    /// # Errors
    /// None in practice: every part has a JSON form.
    pub fn encode(&self) -> Result<String> {
        #[derive(Serialize)]
        struct Versioned<'a> {
            version: u32,
            #[serde(flatten)]
            checkpoint: &'a Checkpoint,
        }
        serde_json::to_string(&Versioned { version: VERSION, checkpoint: self })
            .map_err(|source| unreadable("cannot be written").with_source(source))
    }

    /// Reads a checkpoint of this version or an earlier one.
    ///
    /// # Errors
    /// `Storage` if the text is no checkpoint, `Config` if a newer version of Orion wrote it.
    pub fn decode(text: &str) -> Result<Self> {
        let fields: Fields =
            serde_json::from_str(text).map_err(|source| unreadable("is damaged").with_source(source))?;
        let fields = migrate(fields, &MIGRATIONS)?;
        let object = fields.into_iter().map(|(name, value)| (name.as_ref().to_owned(), value));
        serde_json::from_value(Value::Object(object.collect()))
            .map_err(|source| unreadable("is damaged").with_source(source))
    }
}

fn migrate(mut fields: Fields, chain: &[Migration]) -> Result<Fields> {
    let version =
        fields.remove("version").as_ref().and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let newest = chain.len() + 1;
    match version {
        Some(version @ 1..) if version <= newest => {
            Ok(chain[version - 1..].iter().fold(fields, |fields, step| step(fields)))
        }
        Some(version) if version > newest => Err(Error::new(
            ErrorKind::Config,
            format!(
                "the stored checkpoint has version {version}, this Orion reads up to {newest}: upgrade it"
            ),
        )),
        _ => Err(unreadable("has no version")),
    }
}

fn unreadable(what: &str) -> Error {
    let advice = "delete the stream's checkpoint to read the stream from its start; the records stay";
    Error::new(ErrorKind::Storage, format!("the stored checkpoint {what}: {advice}"))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::Cursor;

    #[test]
    fn a_checkpoint_survives_its_text() {
        let mut checkpoint = Checkpoint::new(true);
        checkpoint.revision = 7;
        checkpoint.read = 2000;
        checkpoint.state = State::Incremental {
            since: DateTime::from_timestamp(1_700_000_000, 5).unwrap(),
            cursor: Some(Cursor::new("01g-2000")),
            started_at: None,
        };
        let text = checkpoint.encode().unwrap();
        assert!(text.starts_with(r#"{"version":1,"#), "{text}");
        assert_eq!(Checkpoint::decode(&text).unwrap(), checkpoint);
    }

    #[test]
    fn older_versions_are_migrated_step_by_step() {
        let chain: [Migration; 2] = [
            |mut fields| {
                let position = fields.remove("position").unwrap_or_default();
                fields.insert("cursor", position);
                fields
            },
            |mut fields| {
                fields.insert("third", true);
                fields
            },
        ];
        let read = |text| migrate(serde_json::from_str(text).unwrap(), &chain);
        let first = read(r#"{"version":1,"position":"p"}"#).unwrap();
        assert_eq!(serde_json::to_string(&first).unwrap(), r#"{"cursor":"p","third":true}"#);
        let second = read(r#"{"version":2,"cursor":"p"}"#).unwrap();
        assert_eq!(second, first);
        assert_eq!(read(r#"{"version":4}"#).unwrap_err().kind(), ErrorKind::Config);
    }

    #[test]
    fn a_text_that_is_no_checkpoint_is_a_storage_error_and_a_newer_one_a_config_error() {
        for text in ["", "{", "[]", "{}", r#"{"version":0}"#, r#"{"version":1}"#, r#"{"version":"1"}"#] {
            assert_eq!(Checkpoint::decode(text).unwrap_err().kind(), ErrorKind::Storage, "{text}");
        }
        assert_eq!(Checkpoint::decode(r#"{"version":2}"#).unwrap_err().kind(), ErrorKind::Config);
    }
}

//! Attachments: notes, and files with what describes them.

use std::sync::Arc;

use super::journal::Operation;
use super::json::{Json, Object};
use super::read::parse_id;
use super::{Company, Fault, check, entity};

/// A file as it was uploaded.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) content: Arc<[u8]>,
}

impl Company {
    /// Stores a file. `download` makes the address of its content from the id. Answers with the Attachable.
    ///
    /// # Errors
    /// 2010 for metadata the type does not have, 6000 for a link to what is not there (recorded).
    pub(crate) fn upload(
        &mut self,
        metadata: Option<&Json>,
        file: File,
        download: impl Fn(u64) -> String,
    ) -> Result<Json, Fault> {
        let kind = entity("Attachable").ok_or_else(|| Fault::unsupported("upload"))?;
        let mut given = match metadata {
            Some(metadata) => check::clean(kind.class, metadata)?,
            None => Object::new(),
        };
        self.check_attached(&given)?;
        let id = self.next(kind.sequence());
        for name in ["Id", "SyncToken", "MetaData", "sparse"] {
            given.remove(name);
        }
        let mut object = Object::new();
        given
            .iter()
            .filter(|(_, value)| **value != Json::Null)
            .for_each(|(name, value)| object.set(name.to_owned(), value.clone()));
        object.set_default("FileName", file.name.as_str());
        object.set_default("ContentType", file.content_type.as_str());
        object.set("Size", i64::try_from(file.content.len()).unwrap_or(i64::MAX));
        object.set("FileAccessUri", format!("/v3/company/{}/download/{id}", self.realm));
        object.set("TempDownloadUri", download(id));
        object.set("Id", id.to_string());
        self.stamp(&mut object, false);
        self.finish(kind, id, &mut object);
        self.files.insert(id, file);
        self.journal.note(kind.name, id, Operation::Create, self.now);
        Ok(self.raw(kind, id))
    }

    /// An uploaded file.
    ///
    /// # Errors
    /// 2030 for an id that is no number, 610 if there is no file.
    pub(crate) fn file(&self, id: &str) -> Result<&File, Fault> {
        self.files.get(&parse_id(id)?).ok_or_else(Fault::not_found)
    }

    /// What an attachment hangs on must be there. The sentence is recorded.
    pub(super) fn check_attached(&self, object: &Object) -> Result<(), Fault> {
        for attached in object.list("AttachableRef").iter().filter_map(|item| item.at("EntityRef")) {
            let part = |name: &str| attached.as_object().and_then(|part| part.text(name)).unwrap_or_default();
            let (kind, id) = (part("type"), part("value"));
            let row = entity(kind).zip(id.parse().ok()).and_then(|(kind, id)| self.table(kind).get(id));
            if row.is_none() {
                let what =
                    format!("The entity {kind} {id} that you are trying to link does not exist. {kind} {id}");
                return Err(Fault::business(what));
            }
        }
        Ok(())
    }
}

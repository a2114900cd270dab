//! Files on objects.

use bytes::Bytes;
use http::{Method, header};
use orion_core::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use url::Url;

use crate::{
    NAME, QuickBooks,
    adapter::new_request_id,
    entity::number,
    fault::Refusal,
    wire::{Members, answer},
};

/// A file to be kept, and what it belongs to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Upload {
    /// The file's name, as people see it.
    pub name: String,
    /// Its media type, `application/pdf` say.
    pub media_type: String,
    /// A remark.
    pub note: Option<String>,
    /// The objects it is attached to: `("Invoice", "130")`.
    pub attached_to: Vec<(String, String)>,
    /// Whether it goes along when such an object is sent by email.
    pub include_on_send: bool,
}

impl Upload {
    /// A file that belongs to nothing yet.
    #[must_use]
    pub fn new(name: impl Into<String>, media_type: impl Into<String>) -> Self {
        Self { name: name.into(), media_type: media_type.into(), ..Self::default() }
    }

    /// Attaches it to an object.
    #[must_use]
    pub fn attach_to(mut self, object: impl Into<String>, id: impl Into<String>) -> Self {
        self.attached_to.push((object.into(), id.into()));
        self
    }

    /// Adds a remark.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    fn metadata(&self) -> serde_json::Value {
        let attached = self.attached_to.iter().map(|(object, id)| {
            json!({ "EntityRef": { "type": object, "value": id }, "IncludeOnSend": self.include_on_send })
        });
        json!({
            "FileName": self.name,
            "ContentType": self.media_type,
            "Note": self.note,
            "AttachableRef": attached.collect::<Vec<_>>(),
        })
    }
}

/// A file that is kept (`Attachable`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Attachable {
    /// Its id.
    pub id: String,
    /// Its version.
    pub sync_token: Option<String>,
    /// The file's name.
    pub file_name: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
    /// Its size in bytes.
    pub size: Option<u64>,
}

impl QuickBooks {
    /// Keeps a file. It is not sent again if the answer is lost.
    ///
    /// # Errors
    /// `TooLarge` or `Rejected` for a file QuickBooks does not take; one that [`is_ambiguous`](Error::is_ambiguous) may have been kept.
    pub async fn upload(&self, upload: &Upload, content: Bytes) -> Result<Attachable> {
        const OPERATION: &str = "upload";
        let odd = |text: &str| text.contains(['"', '\r', '\n']);
        if odd(&upload.name) || odd(&upload.media_type) {
            let message = "the file's name or media type holds a quote or a line end";
            return Err(Error::new(ErrorKind::Config, message).during(NAME, OPERATION));
        }
        let boundary = new_request_id();
        let call = self.call(Method::POST, OPERATION, OPERATION).await?;
        let call = call.body("multipart/form-data", multipart(&boundary, upload, &content).into());
        let call = call.header(header::CONTENT_TYPE, &format!("multipart/form-data; boundary={boundary}"));
        let answer = answer(call, OPERATION).await?;
        let items: Vec<Box<RawValue>> = answer.read("AttachableResponse")?;
        let item = items.first().and_then(|item| Members::parse(item)).unwrap_or_default();
        if let Some(fault) = item.get("Fault") {
            let refusal: Refusal = serde_json::from_str(fault.get()).unwrap_or_default();
            return Err(refusal.into_item_error(0).during(NAME, OPERATION));
        }
        let kept = item.get("Attachable").and_then(|raw| serde_json::from_str(raw.get()).ok());
        kept.ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "the answer names no file")
                .with_ambiguous()
                .during(NAME, OPERATION)
        })
    }

    /// Fetches a file. QuickBooks names an address for it, on another host, which is asked without credentials.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn download(&self, id: &str) -> Result<Bytes> {
        const OPERATION: &str = "download";
        let call = self.call(Method::GET, &format!("download/{}", number(id)?), OPERATION).await?;
        let said = call.header(header::ACCEPT, "text/plain").bytes().await?;
        let url = std::str::from_utf8(&said).ok().and_then(|url| Url::parse(url.trim()).ok());
        let url = url.filter(|url| url.scheme() == self.inner().config.base().scheme()).ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "the answer is no address of a file").during(NAME, OPERATION)
        })?;
        self.client().get(url.as_str(), OPERATION).anonymous().bytes().await
    }
}

fn multipart(boundary: &str, upload: &Upload, content: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file_metadata_01\"; filename=\"metadata.json\"\r\n\
         Content-Type: application/json\r\n\r\n{}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file_content_01\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
        upload.metadata(),
        upload.name,
        upload.media_type
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    body
}

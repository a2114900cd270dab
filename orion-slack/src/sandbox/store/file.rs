//! Files and the places they are shared in.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::ts::Ts;

/// A file, from the announcement of its upload on.
#[derive(Debug, Clone, Default)]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) user: String,
    pub(crate) created: i64,
    pub(crate) length: usize,
    /// The secret of the upload URL.
    pub(crate) upload: String,
    pub(crate) bytes: Option<Bytes>,
    pub(crate) complete: bool,
    pub(crate) alt_text: Option<String>,
    pub(crate) snippet_type: Option<String>,
    pub(crate) shares: Vec<Share>,
}

/// One place that a file was shared in.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    pub(crate) channel: String,
    pub(crate) public: bool,
    pub(crate) ts: Ts,
    pub(crate) thread: Option<Ts>,
}

impl File {
    /// The file as the API shows it; its addresses are below `base`.
    pub(crate) fn rendered(&self, team: &str, base: &str) -> Value {
        let (mime, kind, pretty) = self.kind();
        let place = format!("{base}/files-pri/{team}-{}", self.id);
        let slug =
            url::form_urlencoded::byte_serialize(self.name.to_lowercase().as_bytes()).collect::<String>();
        let external = format!("{base}/files/{}/{}/{slug}", self.user, self.id);
        let mut file = json!({
            "id": self.id, "created": self.created, "timestamp": self.created, "name": self.name,
            "title": self.title, "mimetype": mime, "filetype": kind, "pretty_type": pretty, "user": self.user,
            "user_team": team, "editable": kind == "text", "size": self.size(), "mode": self.mode(kind),
            "is_external": false, "external_type": "", "is_public": self.shares.iter().any(|share| share.public),
            "public_url_shared": false, "display_as_bot": false, "username": "",
            "url_private": format!("{place}/{slug}"),
            "url_private_download": format!("{place}/download/{slug}"),
            "permalink": external, "media_display_type": "unknown",
            "channels": self.places(|share| share.public), "groups": self.places(|share| !share.public),
            "ims": [], "comments_count": 0, "has_rich_preview": false, "file_access": "visible",
            "shares": self.shown_shares(team),
        });
        if let (Some(text), Some(map)) = (&self.alt_text, file.as_object_mut()) {
            map.insert("alt_txt".to_owned(), text.as_str().into());
        }
        file
    }

    pub(crate) fn size(&self) -> usize {
        self.bytes.as_ref().map_or(self.length, Bytes::len)
    }

    fn mode(&self, kind: &str) -> &'static str {
        if self.snippet_type.is_some() || kind == "text" { "snippet" } else { "hosted" }
    }

    fn places(&self, chosen: impl Fn(&Share) -> bool) -> Vec<&str> {
        let mut places: Vec<&str> =
            self.shares.iter().filter(|share| chosen(share)).map(|share| share.channel.as_str()).collect();
        places.dedup();
        places
    }

    fn shown_shares(&self, team: &str) -> Value {
        let mut shares: Map<String, Value> = Map::new();
        for share in &self.shares {
            let kind = if share.public { "public" } else { "private" };
            let mut one = json!({
                "ts": share.ts.to_string(), "team_id": team, "reply_users": [], "reply_users_count": 0,
                "reply_count": 0, "share_user_id": self.user, "source": "UNKNOWN", "is_silent_share": false,
            });
            if let Some(thread) = share.thread {
                one["thread_ts"] = thread.to_string().into();
            }
            let channels = shares.entry(kind).or_insert_with(|| json!({}));
            match channels[&share.channel].as_array_mut() {
                Some(list) => list.push(one),
                None => channels[&share.channel] = json!([one]),
            }
        }
        Value::Object(shares)
    }

    /// Media type, the vendor's type and its name for people.
    fn kind(&self) -> (&'static str, &'static str, &'static str) {
        let ending = self.name.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
        match ending.as_str() {
            "txt" | "log" | "" => ("text/plain", "text", "Plain Text"),
            "csv" => ("text/csv", "csv", "CSV"),
            "json" => ("application/json", "json", "JSON"),
            "md" => ("text/markdown", "markdown", "Markdown (raw)"),
            "png" => ("image/png", "png", "PNG"),
            "jpg" | "jpeg" => ("image/jpeg", "jpg", "JPEG"),
            "gif" => ("image/gif", "gif", "GIF"),
            "pdf" => ("application/pdf", "pdf", "PDF"),
            "zip" => ("application/zip", "zip", "Zip"),
            _ => ("application/octet-stream", "binary", "Binary"),
        }
    }

    /// The media type, for downloads.
    pub(crate) fn media_type(&self) -> &'static str {
        self.kind().0
    }
}

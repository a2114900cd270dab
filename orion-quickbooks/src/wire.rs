//! Answers: their envelopes, taken apart without copying.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};
use orion_core::{
    Error, ErrorKind, Result,
    http::{Call, Response},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    NAME,
    fault::{Refusal, traced},
};

/// The members of a JSON object as they stand in the document.
#[derive(Clone, Default)]
pub(crate) struct Members<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    pub(crate) fn parse(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(have, _)| have == name).map(|(_, value)| *value)
    }

    /// The text of a member, if it is text.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        text(self.get(name)?)
    }
}

/// The text of a value, borrowed unless it has escapes.
pub(crate) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if quoted.contains('\\') {
        return serde_json::from_str::<String>(raw.get()).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(quoted))
}

/// A name, borrowed unless it has escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(32);
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// A complete answer.
pub(crate) struct Answer {
    headers: HeaderMap,
    status: StatusCode,
    operation: &'static str,
    pub(crate) body: Bytes,
}

/// The rows of a query's answer.
pub(crate) struct Rows<'a> {
    pub(crate) rows: Vec<&'a RawValue>,
    pub(crate) total: Option<u64>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "QueryResponse", borrow)]
    query: Option<Members<'a>>,
    #[serde(rename = "Fault", alias = "fault")]
    fault: Option<Refusal>,
}

/// Sends a call and reads its answer.
pub(crate) async fn answer(call: Call<'_>, operation: &'static str) -> Result<Answer> {
    let Response { headers, status, body, .. } = call.send().await?;
    let body = body.collect(usize::MAX, 0).await?;
    Ok(Answer { headers, status, operation, body })
}

impl Answer {
    /// An answer that is not what was promised. serde's message may quote a value, so it is not kept.
    fn malformed(&self, what: &str) -> Error {
        Error::new(ErrorKind::Malformed, format!("the answer {what}")).during(NAME, self.operation)
    }

    fn fault(&self, refusal: Refusal) -> Error {
        traced(refusal.into_item_error(self.status.as_u16()), &self.headers).during(NAME, self.operation)
    }

    pub(crate) fn members(&self) -> Result<Members<'_>> {
        let members: Members<'_> =
            serde_json::from_slice(&self.body).map_err(|_| self.malformed("is no JSON object"))?;
        let fault = members.get("Fault").or_else(|| members.get("fault"));
        if let Some(refusal) =
            fault.and_then(|fault| serde_json::from_str::<Option<Refusal>>(fault.get()).ok()?)
        {
            return Err(self.fault(refusal));
        }
        Ok(members)
    }

    /// One member: the object of a single read or write under its name, in any case.
    pub(crate) fn member(&self, name: &str) -> Result<&RawValue> {
        let members = self.members()?;
        let found =
            members.0.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
        found.ok_or_else(|| self.malformed(&format!("holds no `{name}`")))
    }

    /// One member as a type.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let member = self.member(name)?;
        serde_json::from_str(member.get()).map_err(|_| self.malformed("has another shape than documented"))
    }

    /// The rows of a query. A page without rows holds no member for them (recorded).
    pub(crate) fn rows(&self) -> Result<Rows<'_>> {
        let envelope: Envelope<'_> =
            serde_json::from_slice(&self.body).map_err(|_| self.malformed("is no JSON object"))?;
        if let Some(refusal) = envelope.fault {
            return Err(self.fault(refusal));
        }
        let query = envelope.query.ok_or_else(|| self.malformed("holds no `QueryResponse`"))?;
        rows(&query).ok_or_else(|| self.malformed("has another shape than documented"))
    }

    /// The server's clock when it answered.
    pub(crate) fn as_of(&self) -> Option<DateTime<Utc>> {
        let date = self.headers.get(http::header::DATE)?.to_str().ok()?;
        DateTime::parse_from_rfc2822(date).ok().map(|at| at.to_utc())
    }
}

/// The rows of one `QueryResponse`: its one member that is a list.
pub(crate) fn rows<'a>(query: &Members<'a>) -> Option<Rows<'a>> {
    let total = query.get("totalCount").and_then(|count| count.get().parse().ok());
    let list = query.0.iter().find(|(_, value)| value.get().starts_with('['));
    let rows = match list {
        Some((_, list)) => serde_json::from_str(list.get()).ok()?,
        None => Vec::new(),
    };
    Some(Rows { rows, total })
}

/// Reads a time: with an offset, with or without a colon in it, or with `Z`.
pub(crate) fn datetime(text: &str) -> Option<DateTime<Utc>> {
    let parsed = DateTime::parse_from_rfc3339(text);
    let parsed = parsed.or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z"));
    parsed.ok().map(|at| at.to_utc())
}

//! Several requests in one: Composite, with references between them, and sObject Tree.

use std::fmt;

use http::Method;
use orion_core::{Error, ErrorKind, Fault, RecordId, Result, Retry};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::{Salesforce, fault::Item, name::check_name};

/// The most requests of one call, and how many of them may be queries.
const MOST: usize = 25;
const MOST_QUERIES: usize = 5;

/// The most records of a tree, parents and children together.
const MOST_TREE: usize = 200;

/// Up to 25 requests sent as one. A later one may use the answer of an earlier: `@{reference.id}` in its path, query or body.
///
/// ```
/// # use orion_salesforce::{Config, Salesforce, sandbox::Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::builder().records(10).start().await?;
/// # let salesforce = Salesforce::new(Config::sandbox(&sandbox))?;
/// use orion_salesforce::Composite;
/// use serde_json::json;
///
/// let answers = salesforce
///     .composite(
///         Composite::new()
///             .all_or_none()
///             .create("Account", "acme", &json!({"Name": "Acme"}))
///             .create("Contact", "ada", &json!({"LastName": "Lovelace", "AccountId": "@{acme.id}"})),
///     )
///     .await?;
/// assert!(answers.iter().all(|answer| answer.outcome.is_ok()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
#[must_use = "a composite does nothing until it is sent"]
pub struct Composite {
    all_or_none: bool,
    requests: Vec<Subrequest>,
    mistake: Option<Error>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Subrequest {
    method: &'static str,
    url: String,
    reference_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
}

/// Shows neither the body nor the query.
impl fmt::Debug for Subrequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.url.split('?').next().unwrap_or_default();
        write!(f, "{}: {} {path}", self.reference_id, self.method)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    all_or_none: bool,
    composite_request: &'a [Subrequest],
}

/// The answer to one request of a composite.
#[non_exhaustive]
pub struct CompositeResult {
    /// The name it was given.
    pub reference: String,
    /// Its body on success, JSON; the decoded refusal otherwise.
    pub outcome: Result<Box<RawValue>>,
}

/// Shows whether it worked, and not what was answered.
impl fmt::Debug for CompositeResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = self.outcome.as_ref().map(|body| body.get().len());
        f.debug_struct("CompositeResult")
            .field("reference", &self.reference)
            .field("outcome", &outcome)
            .finish()
    }
}

impl Composite {
    /// Starts an empty composite: each request succeeds or fails on its own, but for those that refer to a failed one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Undoes everything if one request fails.
    pub fn all_or_none(mut self) -> Self {
        self.all_or_none = true;
        self
    }

    /// Adds a request. `path` is relative to the version, `sobjects/Account`; `reference` names its answer.
    pub fn request<B: Serialize + ?Sized>(
        mut self,
        method: &Method,
        path: &str,
        reference: &str,
        body: Option<&B>,
    ) -> Self {
        let method = match method.as_str() {
            "GET" => "GET",
            "POST" => "POST",
            "PATCH" => "PATCH",
            "PUT" => "PUT",
            "DELETE" => "DELETE",
            _ => return self.refuse("a composite takes GET, POST, PATCH, PUT and DELETE"),
        };
        let name = !reference.is_empty() && reference.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !name || self.requests.iter().any(|request| request.reference_id == reference) {
            return self.refuse("a reference consists of letters, digits and `_`, and stands once");
        }
        let Ok(body) = body.map(to_raw_value).transpose() else {
            return self.refuse("the body of a request does not serialise");
        };
        let request = Subrequest { method, url: path.to_owned(), reference_id: reference.to_owned(), body };
        self.requests.push(request);
        self
    }

    /// Adds a request that makes a record.
    pub fn create(self, object: &str, reference: &str, fields: &impl Serialize) -> Self {
        self.named(object).request(&Method::POST, &format!("sobjects/{object}"), reference, Some(fields))
    }

    /// Adds a request that changes a record; `id` may be a reference, `@{account.id}`.
    pub fn update(self, object: &str, id: &str, reference: &str, fields: &impl Serialize) -> Self {
        self.named(object).request(
            &Method::PATCH,
            &format!("sobjects/{object}/{id}"),
            reference,
            Some(fields),
        )
    }

    /// Adds a request that deletes a record.
    pub fn delete(self, object: &str, id: &str, reference: &str) -> Self {
        self.named(object).request::<()>(&Method::DELETE, &format!("sobjects/{object}/{id}"), reference, None)
    }

    /// Adds a query.
    pub fn query(self, soql: &str, reference: &str) -> Self {
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("q", soql).finish();
        // Salesforce looks for references in the address as it stands.
        let query = query.replace("%40%7B", "@{").replace("%7D", "}");
        self.request::<()>(&Method::GET, &format!("query?{query}"), reference, None)
    }

    fn named(mut self, object: &str) -> Self {
        if let Err(error) = check_name(object) {
            self.mistake.get_or_insert(error);
        }
        self
    }

    fn refuse(mut self, message: &'static str) -> Self {
        self.mistake.get_or_insert_with(|| Error::new(ErrorKind::Config, message));
        self
    }

    fn check(&mut self) -> Result<()> {
        let queries = self.requests.iter().filter(|request| request.url.starts_with("query")).count();
        match self.mistake.take() {
            Some(mistake) => Err(mistake),
            None if self.requests.is_empty() => {
                Err(Error::new(ErrorKind::Config, "a composite needs a request"))
            }
            None if self.requests.len() > MOST => {
                Err(Error::new(ErrorKind::Config, "a composite takes at most 25 requests"))
            }
            None if queries > MOST_QUERIES => {
                Err(Error::new(ErrorKind::Config, "a composite takes at most 5 queries"))
            }
            None => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    composite_response: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    body: Option<Box<RawValue>>,
    http_status_code: u16,
    reference_id: String,
}

impl Part {
    /// Takes the answer to a request out of all.
    fn of(parts: &mut Vec<Self>, request: &Subrequest) -> Result<Self> {
        let at =
            parts.iter().position(|part| part.reference_id == request.reference_id).ok_or_else(|| {
                let message = format!("the composite's answer says nothing of `{}`", request.reference_id);
                Error::new(ErrorKind::Malformed, message).with_ambiguous().during(crate::NAME, "composite")
            })?;
        Ok(parts.swap_remove(at))
    }

    fn into_result(self) -> Result<CompositeResult> {
        let body = match self.body {
            Some(body) => body,
            None => RawValue::from_string("null".to_owned())
                .map_err(|source| Error::new(ErrorKind::Malformed, "null is JSON").with_source(source))?,
        };
        let outcome = if (200..300).contains(&self.http_status_code) {
            Ok(body)
        } else {
            let items: Vec<Item> = serde_json::from_str(body.get()).unwrap_or_default();
            Err(items.into_iter().next().map_or_else(
                || {
                    Error::new(ErrorKind::Rejected, "the request failed without a reason")
                        .with_fault(Fault::new(self.http_status_code, "", ""))
                },
                |item| item.into_error(self.http_status_code, Retry::Now),
            ))
        };
        Ok(CompositeResult { reference: self.reference_id, outcome })
    }
}

/// Records with children, made in one call: all or none.
#[derive(Serialize)]
struct Tree<'a, T> {
    records: &'a [T],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Planted {
    results: Vec<PlantedRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlantedRecord {
    reference_id: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    errors: Vec<Item>,
}

impl Salesforce {
    /// Sends a composite and returns one result per request, in order.
    ///
    /// It is not repeated if its answer gets lost: it may have made records.
    ///
    /// # Errors
    /// `Config` for more than 25 requests or 5 queries; what the whole call reports. The refusal of one request is in its result.
    pub async fn composite(&self, mut composite: Composite) -> Result<Vec<CompositeResult>> {
        composite.check()?;
        let base = self.base();
        for request in &mut composite.requests {
            request.url.insert_str(0, base);
        }
        let envelope =
            Envelope { all_or_none: composite.all_or_none, composite_request: &composite.requests };
        let answer: Answer =
            self.call(Method::POST, "composite", "composite").json_body(&envelope).json().await?;
        let mut parts = answer.composite_response;
        composite.requests.iter().map(|request| Part::of(&mut parts, request)?.into_result()).collect()
    }

    /// Makes records with their children, all or none, and returns the id of each by its reference.
    ///
    /// `records` are of one object, each with `attributes: {type, referenceId}` and its children under the name of their
    /// relationship as `{records: […]}` (REST API Developer Guide, "sObject Tree").
    ///
    /// # Errors
    /// The first refusal; nothing was made then. One that [`is_ambiguous`](Error::is_ambiguous) may have been made.
    pub async fn create_tree<T: Serialize + Sync>(
        &self,
        object: &str,
        records: &[T],
    ) -> Result<Vec<(String, RecordId)>> {
        check_name(object)?;
        if records.len() > MOST_TREE {
            return Err(Error::new(ErrorKind::Config, "a tree takes at most 200 records, children included"));
        }
        let path = format!("composite/tree/{object}");
        let answer =
            self.call(Method::POST, &path, "tree").json_body(&Tree { records }).json::<Planted>().await?;
        answer.results.into_iter().map(PlantedRecord::into_id).collect()
    }
}

impl PlantedRecord {
    fn into_id(self) -> Result<(String, RecordId)> {
        match (self.id, self.errors.into_iter().next()) {
            (Some(id), None) => Ok((self.reference_id, id.into())),
            (_, Some(item)) => Err(item.into_error(400, Retry::Now)),
            (None, None) => {
                Err(Error::new(ErrorKind::Malformed, "a record of the tree has neither id nor error"))
            }
        }
    }
}

//! Single records by the vendor's own names.

use chrono::{DateTime, SecondsFormat, Utc};
use http::Method;
use orion_core::{Error, ErrorKind, RecordId, Result, Written};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Salesforce, fault::Item, name::check_name};

/// The records of one object, one call each. For many records there are [`Write`](orion_core::Write), which sends 200 at a time,
/// and [`Bulk`](orion_core::Bulk).
///
/// ```
/// # use orion_salesforce::{Config, Salesforce, sandbox::Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::builder().records(10).start().await?;
/// # let salesforce = Salesforce::new(Config::sandbox(&sandbox))?;
/// use serde_json::json;
///
/// let accounts = salesforce.sobject("Account");
/// let id = accounts.create(&json!({"Name": "Acme", "Industry": "Energy"})).await?;
/// accounts.update(id.as_str(), &json!({"Industry": null})).await?;
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct Account {
///     name: String,
///     industry: Option<String>,
/// }
/// let account: Account = accounts.retrieve(id.as_str(), &["Name", "Industry"]).await?;
/// assert_eq!((&*account.name, account.industry), ("Acme", None));
/// accounts.delete(id.as_str()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SObjectApi<'a> {
    salesforce: &'a Salesforce,
    object: Result<&'a str>,
}

/// The answer to a write of one record.
#[derive(Debug, Deserialize)]
pub(crate) struct Saved {
    #[serde(default)]
    id: Option<String>,
    success: bool,
    #[serde(default)]
    created: Option<bool>,
    #[serde(default)]
    errors: Vec<Item>,
}

impl Saved {
    /// The outcome for one input. `created` is what an answer that does not say means.
    pub(crate) fn into_outcome(self, created: bool) -> Result<Written> {
        let created = self.created.unwrap_or(created);
        match (self.success, self.id) {
            (true, Some(id)) if created => Ok(Written::created(id)),
            (true, Some(id)) => Ok(Written::updated(id)),
            (true, None) => Ok(Written::updated("")),
            (false, _) => Err(match self.errors.into_iter().next() {
                Some(item) => item.into_error(0, orion_core::Retry::Now),
                None => Error::new(ErrorKind::Rejected, "Salesforce refused the record without a reason"),
            }),
        }
    }
}

/// Records deleted, or changed, in a time.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deleted {
    deleted_records: Vec<DeletedRecord>,
}

#[derive(Debug, Deserialize)]
struct DeletedRecord {
    id: String,
}

impl Salesforce {
    /// The records of one object by the vendor's own names.
    #[must_use]
    pub fn sobject<'a>(&'a self, object: &'a str) -> SObjectApi<'a> {
        SObjectApi { salesforce: self, object: check_name(object).map(|()| object) }
    }
}

impl SObjectApi<'_> {
    fn path(&self, rest: &str) -> Result<String> {
        match &self.object {
            Ok(object) => Ok(format!("sobjects/{object}{rest}")),
            Err(error) => Err(error.clone()),
        }
    }

    /// Makes a record from `fields`, a struct or map of the vendor's names.
    ///
    /// # Errors
    /// What Salesforce refuses. One that [`is_ambiguous`](Error::is_ambiguous) may have been made: a create is not repeated.
    pub async fn create(&self, fields: &(impl Serialize + Sync)) -> Result<RecordId> {
        let call = self.salesforce.call(Method::POST, &self.path("")?, "create").json_body(fields);
        let saved: Saved = call.json().await?;
        saved.into_outcome(true).map(|written| written.id)
    }

    /// Reads a record. `fields` are the vendor's names; none reads them all.
    ///
    /// # Errors
    /// `NotFound` if there is none, `Malformed` if it does not fit `T`.
    pub async fn retrieve<T: DeserializeOwned>(&self, id: &str, fields: &[&str]) -> Result<T> {
        let path = self.path(&format!("/{}", segment(id)?))?;
        let fields = (!fields.is_empty()).then(|| fields.join(","));
        self.salesforce.get(&path, "retrieve").query_opt("fields", fields.as_deref()).json().await
    }

    /// Reads a record by an external id.
    ///
    /// # Errors
    /// `NotFound` if there is none, `Conflict` if there are several.
    pub async fn retrieve_by<T: DeserializeOwned>(&self, key: &str, value: &str) -> Result<T> {
        check_name(key)?;
        self.salesforce.get(&self.path(&format!("/{key}/{}", segment(value)?))?, "retrieve").json().await
    }

    /// Changes a record: what `fields` names, and nothing else.
    ///
    /// # Errors
    /// `NotFound` if there is none, else what Salesforce refuses.
    pub async fn update(&self, id: &str, fields: &(impl Serialize + Sync)) -> Result<()> {
        let path = self.path(&format!("/{}", segment(id)?))?;
        self.salesforce.call(Method::PATCH, &path, "update").json_body(fields).idempotent().send().await?;
        Ok(())
    }

    /// Makes a record, or changes the one whose external id `key` has this value.
    ///
    /// # Errors
    /// `Conflict` if several records have it, else what Salesforce refuses.
    pub async fn upsert(&self, key: &str, value: &str, fields: &(impl Serialize + Sync)) -> Result<Written> {
        check_name(key)?;
        let path = self.path(&format!("/{key}/{}", segment(value)?))?;
        let call = self.salesforce.call(Method::PATCH, &path, "upsert").json_body(fields).idempotent();
        let response = call.send().await?;
        // Before v46 an update answers 204 without a body.
        if response.status == http::StatusCode::NO_CONTENT {
            return Ok(Written::updated(""));
        }
        let created = response.status == http::StatusCode::CREATED;
        response.json::<Saved>().await?.into_outcome(created)
    }

    /// Deletes a record. One that is deleted already counts as done.
    ///
    /// # Errors
    /// `NotFound` if there never was one, else what Salesforce refuses.
    pub async fn delete(&self, id: &str) -> Result<()> {
        let path = self.path(&format!("/{}", segment(id)?))?;
        match self.salesforce.call(Method::DELETE, &path, "delete").send().await {
            Err(error) if error.fault().is_some_and(|fault| &*fault.code == "ENTITY_IS_DELETED") => Ok(()),
            other => other.map(drop),
        }
    }

    /// The ids of records deleted between two instants, for the 15 days that Salesforce keeps them.
    ///
    /// # Errors
    /// What Salesforce refuses.
    pub async fn deleted_between(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Vec<RecordId>> {
        let call = self.salesforce.get(&self.path("/deleted/")?, "deleted");
        let deleted: Deleted =
            call.query("start", &instant(start)).query("end", &instant(end)).json().await?;
        Ok(deleted.deleted_records.into_iter().map(|record| record.id.into()).collect())
    }

    /// The ids of records made or changed between two instants, for the last 30 days.
    ///
    /// # Errors
    /// What Salesforce refuses.
    pub async fn updated_between(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Vec<RecordId>> {
        #[derive(Deserialize)]
        struct Updated {
            ids: Vec<String>,
        }
        let call = self.salesforce.get(&self.path("/updated/")?, "updated");
        let updated: Updated =
            call.query("start", &instant(start)).query("end", &instant(end)).json().await?;
        Ok(updated.ids.into_iter().map(Into::into).collect())
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// A value as one segment of a path.
fn segment(value: &str) -> Result<String> {
    // These change the path, escaped or not (WHATWG URL, "double-dot path segment"), and so the request.
    if matches!(value, "" | "." | "..") {
        let message = "an id or external id that is empty, `.` or `..` cannot be part of an address; use `Write`, which sends it in the body";
        return Err(Error::new(ErrorKind::Config, message));
    }
    // `url` escapes a space in a form as `+`, which a path does not read back.
    Ok(url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20"))
}

//! What objects and fields an org has.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use orion_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::{
    Salesforce,
    object::{Children, HEADER, is_mapped},
    rows::{CellForm, Selected},
};

/// The description of one object. Only what integrations ask for is typed; see the REST API Developer Guide, "sObject Describe".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct Describe {
    /// API name.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// First three characters of the ids.
    pub key_prefix: Option<String>,
    /// Whether it was made in the org.
    pub custom: bool,
    /// Whether records can be made.
    pub createable: bool,
    /// Whether records can be changed.
    pub updateable: bool,
    /// Whether records can be deleted.
    pub deletable: bool,
    /// Whether it can be queried.
    pub queryable: bool,
    /// The fields the user may see.
    pub fields: Vec<FieldDescribe>,
    /// The relationships from other objects to this one.
    pub child_relationships: Vec<ChildRelationship>,
}

/// The description of one field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct FieldDescribe {
    /// API name.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// Salesforce's type: `string`, `picklist`, `reference`, `currency`, `address`, …
    #[serde(rename = "type")]
    pub field_type: String,
    /// Longest text, in characters; 0 for other types.
    pub length: u32,
    /// Whether it was made in the org.
    pub custom: bool,
    /// Whether it may be empty.
    pub nillable: bool,
    /// Whether a new record may set it.
    pub createable: bool,
    /// Whether it may be changed.
    pub updateable: bool,
    /// Whether it is computed.
    pub calculated: bool,
    /// Whether records can be upserted by it.
    pub external_id: bool,
    /// Whether no two records share a value.
    pub unique: bool,
    /// The objects it may point to.
    pub reference_to: Vec<String>,
    /// The name by which a query follows it.
    pub relationship_name: Option<String>,
    /// The choices of a picklist.
    pub picklist_values: Vec<Picklist>,
}

impl Describe {
    /// The field of this name, or the one behind a relationship of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&FieldDescribe> {
        let behind = |field: &&FieldDescribe| {
            field.relationship_name.as_deref().is_some_and(|relation| relation.eq_ignore_ascii_case(name))
        };
        let mut fields = self.fields.iter();
        fields.find(|field| field.name.eq_ignore_ascii_case(name)).or_else(|| self.fields.iter().find(behind))
    }
}

impl FieldDescribe {
    /// Whether a query can select it as one value. Compound fields repeat their parts and have no form in CSV.
    fn is_simple(&self) -> bool {
        !matches!(self.field_type.as_str(), "address" | "location" | "base64" | "complexvalue")
    }
}

impl FieldDescribe {
    /// How CSV writes it.
    fn cell(&self) -> CellForm {
        match self.field_type.as_str() {
            "boolean" | "int" | "long" | "double" | "currency" | "percent" => CellForm::Bare,
            "datetime" => CellForm::DateTime,
            _ => CellForm::Text,
        }
    }
}

/// A choice of a picklist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct Picklist {
    /// What is stored.
    pub value: String,
    /// What people see.
    pub label: Option<String>,
    /// Whether new records may use it.
    pub active: bool,
}

/// A relationship from another object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChildRelationship {
    /// The other object.
    #[serde(rename = "childSObject")]
    pub child_object: String,
    /// Its field that points here.
    pub field: String,
    /// The name of the relationship in a subquery; some have none.
    pub relationship_name: Option<String>,
}

/// An object in the list of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ObjectSummary {
    /// API name.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// First three characters of the ids.
    pub key_prefix: Option<String>,
    /// Whether it was made in the org.
    pub custom: bool,
    /// Whether it can be queried.
    pub queryable: bool,
    /// Whether records can be made.
    pub createable: bool,
}

/// The columns an object is read with, in order.
pub(crate) type Columns = Arc<[Selected]>;

/// Descriptions kept for the life of the connector; [`Salesforce::forget_describes`] drops them.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<Box<str>, Arc<Describe>>>);

impl Cache {
    fn get(&self, object: &str) -> Option<Arc<Describe>> {
        self.lock().get(&*object.to_ascii_lowercase()).map(Arc::clone)
    }

    fn put(&self, object: &str, describe: &Arc<Describe>) {
        self.lock().insert(object.to_ascii_lowercase().into(), Arc::clone(describe));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, Arc<Describe>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Salesforce {
    /// Describes an object. The answer is kept; see [`Salesforce::forget_describes`].
    ///
    /// ```
    /// # use orion_salesforce::{Config, Salesforce, sandbox::Sandbox};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::builder().records(10).start().await?;
    /// # let salesforce = Salesforce::new(Config::sandbox(&sandbox))?;
    /// let account = salesforce.describe("Account").await?;
    /// let custom: Vec<&str> = account.fields.iter().filter(|field| field.custom).map(|field| &*field.name).collect();
    /// assert!(custom.contains(&"External_Id__c"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NotFound` for an object that does not exist or is not visible.
    pub async fn describe(&self, object: &str) -> Result<Arc<Describe>> {
        if let Some(known) = self.inner().describes.get(object) {
            return Ok(known);
        }
        crate::name::check_name(object)?;
        let call = self.get(&format!("sobjects/{object}/describe"), "describe");
        let describe = call.json::<Describe>().await.map_err(|error| unknown(error, object))?;
        let describe = Arc::new(describe);
        self.inner().describes.put(object, &describe);
        Ok(describe)
    }

    /// Lists the org's objects.
    ///
    /// # Errors
    /// What the request reports.
    pub async fn objects(&self) -> Result<Vec<ObjectSummary>> {
        #[derive(Deserialize)]
        struct Global {
            sobjects: Vec<ObjectSummary>,
        }
        let global: Global = self.get("sobjects", "describe.global").json().await?;
        Ok(global.sobjects)
    }

    /// Drops the descriptions kept, so that fields made meanwhile are seen.
    pub fn forget_describes(&self) {
        self.inner().describes.lock().clear();
    }

    /// The columns to read an object with: those the host chose, or every simple field the user may see. The header comes first, then the
    /// currency, which decides how the amounts after it are read, then those of `first`.
    pub(crate) async fn columns(&self, object: &str, first: &[&str]) -> Result<Columns> {
        if let Some(chosen) = self.fields_of(object) {
            return self.chosen(object, chosen).await;
        }
        let describe = self.describe(object).await?;
        let simple: Vec<&str> = describe
            .fields
            .iter()
            .filter(|field| field.is_simple())
            .map(|field| field.name.as_str())
            .collect();
        let mut order: Vec<&str> = HEADER.to_vec();
        order.push(CURRENCY);
        order.extend(first);
        order.retain(|name| simple.contains(name));
        order.extend(&simple);
        let form = |name: &str| describe.find(name).map_or(CellForm::Text, FieldDescribe::cell);
        Ok(distinct(order.into_iter(), form))
    }

    /// What the child rows of `parent` are read with beside the fields of the table: those the host chose, or their custom fields. A host
    /// that chose the parent's fields alone wants no more of the children either.
    pub(crate) async fn child_columns<M>(&self, parent: &str, children: &Children<M>) -> Result<Columns> {
        let own = |name: &&str| children.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
        let text = |_: &str| CellForm::Text;
        if let Some(chosen) = self.fields_of(children.object) {
            return Ok(distinct(chosen.iter().map(String::as_str).filter(|name| !own(name)), text));
        }
        if self.fields_of(parent).is_some() {
            return Ok(Columns::default());
        }
        let describe = self.describe(children.object).await?;
        let custom = describe.fields.iter().filter(|field| field.custom && field.is_simple());
        Ok(distinct(custom.map(|field| field.name.as_str()), text))
    }

    /// The fields the host chose for an object.
    fn fields_of(&self, object: &str) -> Option<&[String]> {
        let mut fields = self.inner().config.fields.iter();
        fields.find(|(name, _)| name.eq_ignore_ascii_case(object)).map(|(_, chosen)| &**chosen)
    }

    /// The columns the host chose, after those of the header that the object has.
    async fn chosen(&self, object: &str, chosen: &[String]) -> Result<Columns> {
        // The objects with a file of their own have all of the header; a `User` for one is never deleted.
        let describe = if is_mapped(object) { None } else { Some(self.describe(object).await?) };
        let describe = describe.as_deref();
        let chosen = || chosen.iter().map(String::as_str);
        let currency = chosen().find(|name| name.eq_ignore_ascii_case(CURRENCY)).map(|_| CURRENCY);
        let header = HEADER.into_iter().filter(|name| describe.is_none_or(|it| it.find(name).is_some()));
        let form = |name: &str| match describe {
            Some(describe) => describe.find(name).map_or(CellForm::Text, FieldDescribe::cell),
            None if name == "IsDeleted" => CellForm::Bare,
            None => CellForm::Text,
        };
        Ok(distinct(header.chain(currency).chain(chosen()), form))
    }
}

/// Says of an object that was not found which it is.
fn unknown(error: Error, object: &str) -> Error {
    if error.kind() != ErrorKind::NotFound {
        return error;
    }
    let message = format!("there is no object `{object}` in the org, or the user may not see it");
    Error::new(ErrorKind::NotFound, message).with_source(error).during(crate::NAME, "describe")
}

/// The field of a record's currency, in orgs that have more than one.
pub(crate) const CURRENCY: &str = "CurrencyIsoCode";

/// The names in order, each once: Salesforce takes them in any case and refuses a repeated one.
fn distinct<'a>(names: impl Iterator<Item = &'a str>, cell: impl Fn(&str) -> CellForm) -> Columns {
    let mut all: Vec<Selected> = Vec::new();
    for name in names {
        if !all.iter().any(|have| have.name.eq_ignore_ascii_case(name)) {
            all.push(Selected { name: name.into(), cell: cell(name) });
        }
    }
    all.into()
}

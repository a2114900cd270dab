//! What objects and fields an org has.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use orion_core::Result;
use serde::{Deserialize, Serialize};

use crate::Salesforce;

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

impl FieldDescribe {
    /// Whether a query can select it as one value. Compound fields repeat their parts and have no form in CSV.
    fn is_simple(&self) -> bool {
        !matches!(self.field_type.as_str(), "address" | "location" | "base64" | "complexvalue")
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
pub(crate) type Columns = Arc<[Arc<str>]>;

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
    /// # Errors
    /// `NotFound` for an object that does not exist or is not visible.
    pub async fn describe(&self, object: &str) -> Result<Arc<Describe>> {
        if let Some(known) = self.inner().describes.get(object) {
            return Ok(known);
        }
        crate::name::check_name(object)?;
        let describe: Describe = self.get(&format!("sobjects/{object}/describe"), "describe").json().await?;
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

    /// The columns to read an object with: those the host chose, or every simple field the user may see, with those of
    /// `first` in front.
    pub(crate) async fn columns(&self, object: &str, first: &[&str]) -> Result<Columns> {
        let chosen = self.inner().config.fields.get(object);
        if let Some(chosen) = chosen {
            let header = crate::object::HEADER.iter().copied();
            let mut columns: Vec<Arc<str>> = header.map(Arc::from).collect();
            columns.extend(
                chosen
                    .iter()
                    .filter(|name| !crate::object::HEADER.contains(&name.as_str()))
                    .map(|name| Arc::from(name.as_str())),
            );
            return Ok(columns.into());
        }
        let describe = self.describe(object).await?;
        let simple =
            || describe.fields.iter().filter(|field| field.is_simple()).map(|field| field.name.as_str());
        let exists = |name: &&str| simple().any(|have| have == *name);
        let mut order: Vec<&str> = crate::object::HEADER.iter().copied().filter(exists).collect();
        // The currency decides how the amounts after it are read.
        order.extend(["CurrencyIsoCode"].iter().copied().filter(exists));
        order.extend(first.iter().copied().filter(exists));
        let rest: Vec<&str> = simple().filter(|name| !order.contains(name)).collect();
        order.extend(rest);
        Ok(order.into_iter().map(Arc::from).collect())
    }
}

//! Describe results in the REST API's shape (REST API guide v60, "sObject Describe"; SOAP guide,
//! `DescribeSObjectResult` and `Field` for what each member means).

use serde_json::{Value, json};

use super::Org;
use super::error::ApiError;
use super::schema::{Child, Field, Kind, Object, Schema};

impl Org {
    /// `sobjects/`: every object, without its fields.
    pub(crate) fn describe_global(&self, version: &str) -> Value {
        let objects: Vec<Value> = self.schema.objects.iter().map(|object| basic(object, version)).collect();
        json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})
    }

    /// What `describe_global` says of one object: `objectDescribe` of `sobjects/T`.
    pub(crate) fn describe_basic(&self, version: &str, object: &str) -> Result<Value, ApiError> {
        Ok(basic(self.object(object)?, version))
    }

    pub(crate) fn describe(&self, version: &str, object: &str) -> Result<Value, ApiError> {
        let object = self.object(object)?;
        let mut value = basic(object, version);
        if let Some(map) = value.as_object_mut() {
            let children: Vec<Value> = object.children.iter().map(|link| child(self.schema, link)).collect();
            let fields: Vec<Value> = object.fields.iter().map(field).collect();
            map.insert("childRelationships".to_owned(), children.into());
            map.insert("fields".to_owned(), fields.into());
            map.insert("recordTypeInfos".to_owned(), json!([master_record_type(object, version)]));
            map.insert("supportedScopes".to_owned(), scopes(object));
            for name in ["actionOverrides", "namedLayoutInfos"] {
                map.insert(name.to_owned(), json!([]));
            }
            for name in ["compactLayoutable", "searchLayoutable"] {
                map.insert(name.to_owned(), object.searchable.into());
            }
            for name in ["defaultImplementation", "extendedBy", "extendsInterfaces", "implementedBy"] {
                map.insert(name.to_owned(), Value::Null);
            }
            for name in ["implementsInterfaces", "listviewable", "lookupLayoutable", "networkScopeFieldName"]
            {
                map.insert(name.to_owned(), Value::Null);
            }
            map.insert("sobjectDescribeOption".to_owned(), "FULL".into());
        }
        Ok(value)
    }
}

fn basic(object: &Object, version: &str) -> Value {
    let base = format!("/services/data/{version}/sobjects/{}", object.name);
    let urls = json!({
        "rowTemplate": format!("{base}/{{ID}}"),
        "describe": format!("{base}/describe"),
        "layouts": format!("{base}/describe/layouts"),
        "compactLayouts": format!("{base}/describe/compactLayouts"),
        "sobject": base,
    });
    json!({
        "activateable": false,
        "associateEntityType": null,
        "associateParentEntity": null,
        "createable": object.createable,
        "custom": object.custom(),
        "customSetting": false,
        "deepCloneable": false,
        "deletable": object.deletable,
        "deprecatedAndHidden": false,
        "feedEnabled": object.searchable,
        "hasSubtypes": false,
        "isInterface": false,
        "isSubtype": false,
        "keyPrefix": object.prefix,
        "label": object.label,
        "labelPlural": object.plural,
        "layoutable": object.createable,
        "mergeable": matches!(&*object.name, "Account" | "Contact" | "Lead"),
        "mruEnabled": object.searchable,
        "name": object.name,
        "queryable": true,
        "replicateable": object.system.modstamp.is_some(),
        "retrieveable": true,
        "searchable": object.searchable,
        "triggerable": object.createable,
        "undeletable": object.deletable,
        "updateable": object.createable,
        "urls": urls,
    })
}

fn child(schema: &Schema, link: &Child) -> Value {
    let object = schema.objects.get(link.object);
    let field = object.and_then(|object| object.fields.get(link.field));
    json!({
        "cascadeDelete": link.cascade,
        "childSObject": object.map(|object| &object.name),
        "deprecatedAndHidden": false,
        "field": field.map(|field| &field.name),
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": link.name,
        "restrictedDelete": link.restrict,
    })
}

fn master_record_type(object: &Object, version: &str) -> Value {
    let layout =
        format!("/services/data/{version}/sobjects/{}/describe/layouts/012000000000000AAA", object.name);
    json!({
        "active": true,
        "available": true,
        "defaultRecordTypeMapping": true,
        "developerName": "Master",
        "master": true,
        "name": "Master",
        "recordTypeId": "012000000000000AAA",
        "urls": {"layout": layout},
    })
}

fn scopes(object: &Object) -> Value {
    let label = |name: &str| json!({"label": format!("{name} {}", object.plural.to_lowercase()), "name": "everything"});
    match object.system.owner {
        Some(_) => json!([
            label("All"),
            {"label": format!("My {}", object.plural.to_lowercase()), "name": "mine"},
        ]),
        None => json!([label("All")]),
    }
}

fn field(field: &Field) -> Value {
    let mut value = flags(field);
    if let Some(map) = value.as_object_mut() {
        map.extend(shape(field).as_object().cloned().unwrap_or_default());
    }
    value
}

/// What may be done with the field.
fn flags(field: &Field) -> Value {
    json!({
        "aggregatable": field.aggregatable(),
        "aiPredictionField": false,
        "autoNumber": &*field.name == "CaseNumber",
        "calculated": false,
        "cascadeDelete": field.reference.as_ref().is_some_and(|reference| reference.cascade),
        "caseSensitive": false,
        "createable": field.createable,
        "custom": field.custom(),
        "defaultedOnCreate": field.defaulted,
        "dependentPicklist": false,
        "deprecatedAndHidden": false,
        "displayLocationInDecimal": false,
        "encrypted": false,
        "externalId": field.external_id,
        "filterable": field.filterable,
        "formulaTreatNullNumberAsZero": false,
        "groupable": field.groupable(),
        "highScaleNumber": false,
        "htmlFormatted": false,
        "idLookup": field.id_lookup,
        "nameField": field.name_field,
        "namePointing": field.reference.as_ref().is_some_and(|reference| reference.to.len() > 1),
        "nillable": field.nillable,
        "permissionable": field.createable && field.nillable,
        "polymorphicForeignKey": field.reference.as_ref().is_some_and(|reference| reference.to.len() > 1),
        "queryByDistance": field.kind == Kind::Address,
        "restrictedDelete": field.reference.as_ref().is_some_and(|reference| reference.restrict),
        "restrictedPicklist": field.restricted,
        "searchPrefilterable": field.kind == Kind::Reference,
        "sortable": field.sortable(),
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": false,
    })
}

/// What the field holds.
fn shape(field: &Field) -> Value {
    let reference = field.reference.as_ref();
    let text = field.kind.is_text() || matches!(field.kind, Kind::Id | Kind::Reference);
    let whole = field.kind == Kind::Int;
    let picklist = |value: &str| {
        let default = field.default.as_deref() == Some(value);
        json!({"active": true, "defaultValue": default, "label": value, "validFor": null, "value": value})
    };
    json!({
        "byteLength": if text { field.length * 3 } else { 0 },
        "calculatedFormula": null,
        "compoundFieldName": field.compound,
        "controllerName": null,
        "defaultValue": (field.kind == Kind::Boolean).then_some(false),
        "defaultValueFormula": null,
        "digits": if whole { field.precision } else { 0 },
        "extraTypeInfo": extra_type(field),
        "filteredLookupInfo": null,
        "inlineHelpText": null,
        "label": field.label,
        "length": field.length,
        "mask": null,
        "maskType": null,
        "name": field.name,
        "picklistValues": field.values.iter().map(|value| picklist(value)).collect::<Vec<_>>(),
        "precision": if whole { 0 } else { field.precision },
        "referenceTargetField": null,
        "referenceTo": reference.map_or(&[][..], |reference| &reference.to),
        "relationshipName": reference.map(|reference| &reference.relationship),
        "relationshipOrder": null,
        "scale": field.scale,
        "soapType": soap_type(field.kind),
        "type": field.kind.name(),
    })
}

/// Names of people have parts; text areas are plain (describe's `extraTypeInfo`).
fn extra_type(field: &Field) -> Option<&'static str> {
    match (field.kind, field.compound.as_deref()) {
        (Kind::TextArea, _) => Some("plaintextarea"),
        (_, Some("Name")) => Some("personname"),
        _ => None,
    }
}

fn soap_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Reference => "tns:ID",
        Kind::Boolean => "xsd:boolean",
        Kind::Int => "xsd:int",
        Kind::Currency | Kind::Double | Kind::Percent => "xsd:double",
        Kind::Date => "xsd:date",
        Kind::DateTime => "xsd:dateTime",
        Kind::Address => "urn:address",
        _ => "xsd:string",
    }
}

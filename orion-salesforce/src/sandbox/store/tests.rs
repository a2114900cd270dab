//! The rules of writing, on an empty org.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{ApiError, Org, Upserted};

fn now() -> DateTime<Utc> {
    "2024-06-11T17:02:44.750Z".parse().unwrap()
}

fn org() -> Org {
    Org::empty(now())
}

fn short(id: &str) -> &str {
    id.get(..15).unwrap()
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better with `json!` as the argument")]
fn insert(org: &mut Org, object: &str, fields: Value) -> String {
    org.insert(object, &map(&fields)).unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better with `json!` as the argument")]
fn refusal(org: &mut Org, object: &str, fields: Value) -> ApiError {
    org.insert(object, &map(&fields)).unwrap_err()
}

fn field(org: &Org, object: &str, id: &str, field: &str) -> Value {
    org.get("v60.0", object, id, Some(&[field.to_owned()])).unwrap()[field].clone()
}

#[test]
fn a_new_row_has_an_18_character_id_and_its_audit_fields() {
    let mut org = org();
    let id = insert(&mut org, "account", json!({"name": "Acme", "AnnualRevenue": 1500.4}));
    assert_eq!((id.len(), id.starts_with("001")), (18, true));
    let row = org.get("v60.0", "Account", short(&id), None).unwrap();
    assert_eq!(row["attributes"]["url"], format!("/services/data/v60.0/sobjects/Account/{id}"));
    assert_eq!(row["AnnualRevenue"], json!(1500.0));
    for stamp in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
        assert_eq!(row[stamp], "2024-06-11T17:02:44.000+0000");
    }
    assert_eq!(row["OwnerId"], org.user_id());
    assert_eq!((&row["IsDeleted"], &row["BillingAddress"]), (&json!(false), &Value::Null));
}

type Refusal = (&'static str, Value, &'static str, Vec<&'static str>);

fn assert_refused(org: &mut Org, cases: impl IntoIterator<Item = Refusal>) {
    for (object, fields, code, named) in cases {
        let error = refusal(org, object, fields.clone());
        let named: Vec<String> = named.into_iter().map(str::to_owned).collect();
        assert_eq!((error.code, error.fields), (code, named), "{fields}");
    }
}

#[test]
fn refusals_carry_salesforces_codes_and_fields() {
    let mut org = org();
    insert(&mut org, "Account", json!({"Name": "Acme", "External_Id__c": "A-1"}));
    let long = "x".repeat(256);
    let cases = [
        ("Nope", json!({}), "NOT_FOUND", vec![]),
        ("Account", json!({"Nmae": "x"}), "INVALID_FIELD", vec![]),
        ("Account", json!({"Phone": "1"}), "REQUIRED_FIELD_MISSING", vec!["Name"]),
        ("Lead", json!({}), "REQUIRED_FIELD_MISSING", vec!["LastName", "Company"]),
        (
            "Account",
            json!({"Name": "x", "CreatedDate": "2024-01-01T00:00:00Z"}),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            vec!["CreatedDate"],
        ),
        ("Account", json!({"Name": long}), "STRING_TOO_LONG", vec!["Name"]),
        ("Contact", json!({"LastName": "x", "Email": "a@b"}), "INVALID_EMAIL_ADDRESS", vec!["Email"]),
        ("Account", json!({"Name": "x", "External_Id__c": "a-1"}), "DUPLICATE_VALUE", vec![]),
        (
            "Account",
            json!({"Name": "x", "Loyalty_Tier__c": "Tin"}),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            vec!["Loyalty_Tier__c"],
        ),
        (
            "Account",
            json!({"Name": "x", "Credit_Limit__c": 1e17}),
            "NUMBER_OUTSIDE_VALID_RANGE",
            vec!["Credit_Limit__c"],
        ),
        ("Account", json!({"Name": ["x"]}), "JSON_PARSER_ERROR", vec![]),
        ("Account", json!({"Name": "x", "NumberOfEmployees": true}), "JSON_PARSER_ERROR", vec![]),
        ("Lead", json!({"LastName": "x", "Company": "y", "DoNotCall": "maybe"}), "JSON_PARSER_ERROR", vec![]),
        ("Account", json!({"Name": "x", "Renewal_Date__c": "11/06/2024"}), "JSON_PARSER_ERROR", vec![]),
        ("Account", json!({"Name": "x", "NumberOfEmployees": "many"}), "JSON_PARSER_ERROR", vec![]),
        ("Account", json!({"Name": "x", "Id": "001000000000001"}), "INVALID_FIELD", vec![]),
        ("Profile", json!({"Name": "x"}), "INVALID_TYPE_FOR_OPERATION", vec![]),
    ];
    assert_refused(&mut org, cases);
}

#[test]
fn references_are_refused_unless_they_name_a_row() {
    let cases = [
        ("Contact", json!({"LastName": "x", "AccountId": "nonsense"}), "MALFORMED_ID", vec!["AccountId"]),
        (
            "Contact",
            json!({"LastName": "x", "AccountId": "003000000000001"}),
            "MALFORMED_ID",
            vec!["AccountId"],
        ),
        (
            "Contact",
            json!({"LastName": "x", "AccountId": "001000000000001"}),
            "INVALID_CROSS_REFERENCE_KEY",
            vec!["AccountId"],
        ),
        ("Contact", json!({"LastName": "x", "Account": {"External_Id__c": "none"}}), "INVALID_FIELD", vec![]),
        ("Contact", json!({"LastName": "x", "Account": {"Phone": "1"}}), "INVALID_FIELD", vec![]),
    ];
    assert_refused(&mut org(), cases);
}

#[test]
fn messages_read_as_salesforces_do() {
    let mut org = org();
    let id = insert(&mut org, "Account", json!({"Name": "Acme", "External_Id__c": "A-1"}));
    let error = refusal(&mut org, "Account", json!({"Name": "x", "External_Id__c": "A-1"}));
    let short = short(&id);
    assert_eq!(
        error.message,
        format!("duplicate value found: External_Id__c duplicates value on record with id: {short}")
    );
    let error = refusal(&mut org, "Account", json!({}));
    assert_eq!(error.message, "Required fields are missing: [Name]");
    let error = refusal(&mut org, "Account", json!({"Name": "x", "AnnualRevenue": "N0100"}));
    assert!(
        error
            .message
            .starts_with("Cannot deserialize instance of currency from VALUE_STRING value N0100 or request")
    );
}

#[test]
fn texts_are_trimmed_and_empty_ones_are_null() {
    let mut org = org();
    let id =
        insert(&mut org, "Account", json!({"Name": "  Acme  ", "Phone": " ", "Description": "two\nlines"}));
    assert_eq!(field(&org, "Account", &id, "Name"), "Acme");
    assert_eq!(field(&org, "Account", &id, "Phone"), Value::Null);
    assert_eq!(field(&org, "Account", &id, "Description"), "two\nlines");
}

#[test]
fn scalars_are_taken_as_text_and_texts_as_what_they_read_as() {
    let mut org = org();
    let fields = json!({"Name": 5, "BillingPostalCode": 94105, "AnnualRevenue": "1.2e3", "Renewal_Date__c": "2024-06-11T00:00:00Z"});
    let id = insert(&mut org, "Account", fields);
    assert_eq!(field(&org, "Account", &id, "BillingPostalCode"), "94105");
    assert_eq!(field(&org, "Account", &id, "AnnualRevenue"), json!(1200.0));
    assert_eq!(field(&org, "Account", &id, "Renewal_Date__c"), "2024-06-11");
    let error = org.check_texts("Account", &map(&json!({"Name": "x", "AnnualRevenue": "abc"}))).unwrap_err();
    assert_eq!(
        (error.code, error.message.as_str()),
        ("INVALID_TYPE_ON_FIELD_IN_RECORD", "AnnualRevenue: value not of required type: abc")
    );
}

#[test]
fn an_update_moves_the_modification_stamps_only() {
    let mut org = org();
    let id = insert(&mut org, "Account", json!({"Name": "Acme"}));
    org.set_now(now() + TimeDelta::seconds(90));
    org.update("Account", &id, &map(&json!({"Phone": "1", "Owner": {"Id": null}, "Parent": null})))
        .unwrap_err();
    org.update("Account", &id, &map(&json!({"Phone": "1"}))).unwrap();
    assert_eq!(field(&org, "Account", &id, "CreatedDate"), "2024-06-11T17:02:44.000+0000");
    assert_eq!(field(&org, "Account", &id, "SystemModstamp"), "2024-06-11T17:04:14.000+0000");
    let error = org.update("Account", &id, &map(&json!({"Name": null}))).unwrap_err();
    assert_eq!(error.code, "REQUIRED_FIELD_MISSING");
}

#[test]
fn upserts_create_update_or_answer_several() {
    let mut org = org();
    let fields = map(&json!({"Name": "Acme"}));
    let Upserted::Created(id) = org.upsert("Account", "external_id__c", "K 1", &fields).unwrap() else {
        panic!()
    };
    assert_eq!(field(&org, "Account", &id, "External_Id__c"), "K 1");
    assert_eq!(
        org.upsert("Account", "External_Id__c", "k 1", &Map::new()).unwrap(),
        Upserted::Updated(id.clone())
    );
    assert_eq!(org.upsert("Account", "Id", &id, &fields).unwrap(), Upserted::Updated(id));
    for name in ["one", "two"] {
        insert(&mut org, "Widget__c", json!({"Name": name, "Batch_Code__c": "B"}));
    }
    let Upserted::Multiple(ids) = org.upsert("Widget__c", "Batch_Code__c", "B", &Map::new()).unwrap() else {
        panic!()
    };
    assert_eq!(ids.len(), 2);
    assert_eq!(org.find_external("Widget__c", "Batch_Code__c", "b").unwrap(), ids);
    let error = org.upsert("Account", "Phone", "1", &fields).unwrap_err();
    assert_eq!((error.status, error.in_collection().code), (404, "INVALID_FIELD"));
    let error =
        org.upsert("Account", "External_Id__c", "1", &map(&json!({"External_Id__c": "1"}))).unwrap_err();
    assert_eq!(error.message, "The External_Id__c field should not be specified in the sobject data.");
}

#[test]
fn a_parent_can_be_named_by_its_external_id() {
    let mut org = org();
    let account = insert(&mut org, "Account", json!({"Name": "Acme", "External_Id__c": "A-1"}));
    let contact =
        insert(&mut org, "Contact", json!({"LastName": "Doe", "Account": {"External_Id__c": "A-1"}}));
    assert_eq!(field(&org, "Contact", &contact, "AccountId"), account);
}

#[test]
fn deleting_an_account_takes_its_contacts_opportunities_and_lines() {
    let mut org = org();
    let account = insert(&mut org, "Account", json!({"Name": "Acme"}));
    let contact = insert(&mut org, "Contact", json!({"LastName": "Doe", "AccountId": account}));
    let opportunity = insert(
        &mut org,
        "Opportunity",
        json!({"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2024-09-30", "AccountId": account}),
    );
    org.set_now(now() + TimeDelta::seconds(10));
    org.delete("Account", &account).unwrap();
    for (object, id) in [("Account", &account), ("Contact", &contact), ("Opportunity", &opportunity)] {
        assert_eq!(org.get("v60.0", object, id, None).unwrap_err().code, "ENTITY_IS_DELETED");
        let deleted = org.deleted_since(object, now(), now() + TimeDelta::minutes(1)).unwrap();
        assert_eq!(deleted, [(id.clone(), "2024-06-11T17:02:54Z".parse().unwrap())]);
    }
    assert_eq!(org.delete("Account", &account).unwrap_err().code, "ENTITY_IS_DELETED");
    let error = refusal(&mut org, "Contact", json!({"LastName": "x", "AccountId": account}));
    assert_eq!(error.code, "ENTITY_IS_DELETED");
    assert!(org.updated_since("Account", now(), now() + TimeDelta::minutes(1)).unwrap().is_empty());
}

#[test]
fn a_lookup_to_a_deleted_row_is_cleared() {
    let mut org = org();
    let parent = insert(&mut org, "Account", json!({"Name": "Parent"}));
    let child = insert(&mut org, "Account", json!({"Name": "Child", "ParentId": parent}));
    org.set_now(now() + TimeDelta::seconds(10));
    org.begin();
    org.delete("Account", &parent).unwrap();
    assert_eq!(field(&org, "Account", &child, "ParentId"), Value::Null);
    assert_eq!(field(&org, "Account", &child, "SystemModstamp"), "2024-06-11T17:02:54.000+0000");
    org.rollback();
    assert_eq!(field(&org, "Account", &child, "ParentId"), parent);
}

#[test]
fn a_row_others_need_is_not_deleted() {
    let mut org = org();
    let contact = insert(&mut org, "Contact", json!({"FirstName": "Josh", "LastName": "Davis"}));
    insert(&mut org, "Case", json!({"ContactId": contact}));
    let error = org.delete("Contact", &contact).unwrap_err();
    assert_eq!(error.code, "DELETE_FAILED");
    assert_eq!(
        error.message,
        "Your attempt to delete Josh Davis could not be completed because it is associated with the following cases.: 00001001\n"
    );
}

#[test]
fn an_opportunity_follows_its_stage_and_its_lines() {
    let mut org = org();
    let product = insert(&mut org, "Product2", json!({"Name": "Router", "ProductCode": "R-1"}));
    let book = insert(&mut org, "Pricebook2", json!({"Name": "Standard"}));
    let entry = insert(
        &mut org,
        "PricebookEntry",
        json!({"Pricebook2Id": book, "Product2Id": product, "UnitPrice": "99.99"}),
    );
    let deal =
        json!({"Name": "Deal", "StageName": "Negotiation/Review", "CloseDate": "2024-09-30", "Amount": 10});
    let id = insert(&mut org, "Opportunity", deal);
    assert_eq!(field(&org, "Opportunity", &id, "ExpectedRevenue"), json!(9.0));
    assert_eq!(field(&org, "Opportunity", &id, "Fiscal"), "2024 3");
    let line = json!({"OpportunityId": id, "PricebookEntryId": entry, "Quantity": 3, "UnitPrice": 33.335});
    let line = insert(&mut org, "OpportunityLineItem", line);
    assert_eq!(field(&org, "OpportunityLineItem", &line, "TotalPrice"), json!(100.02));
    assert_eq!(field(&org, "OpportunityLineItem", &line, "Name"), "Deal Router");
    let other = json!({"OpportunityId": id, "Product2Id": product, "Quantity": 3, "TotalPrice": 10});
    let other = insert(&mut org, "OpportunityLineItem", other);
    assert_eq!(field(&org, "OpportunityLineItem", &other, "UnitPrice"), json!(3.33));
    assert_eq!(field(&org, "Opportunity", &id, "Amount"), json!(110.02));
    org.update("Opportunity", &id, &map(&json!({"Amount": 1, "StageName": "Closed Won"}))).unwrap();
    let row = org.get("v60.0", "Opportunity", &id, None).unwrap();
    assert_eq!((&row["Amount"], &row["ExpectedRevenue"]), (&json!(110.02), &json!(110.02)));
    assert_eq!((&row["IsWon"], &row["ForecastCategory"]), (&json!(true), &json!("Closed")));
    org.delete("OpportunityLineItem", &line).unwrap();
    assert_eq!(field(&org, "Opportunity", &id, "Amount"), json!(10.0));
    assert_eq!(field(&org, "Opportunity", &id, "HasOpportunityLineItem"), json!(true));
}

#[test]
fn a_rollback_leaves_the_org_as_it_was() {
    let mut org = org();
    let kept = insert(&mut org, "Account", json!({"Name": "Kept", "External_Id__c": "K"}));
    org.begin();
    let gone = insert(&mut org, "Account", json!({"Name": "Gone", "External_Id__c": "G"}));
    org.begin();
    org.update("Account", &kept, &map(&json!({"Name": "Changed", "External_Id__c": "C"}))).unwrap();
    org.commit();
    org.delete("Account", &kept).unwrap();
    org.rollback();
    assert_eq!(field(&org, "Account", &kept, "Name"), "Kept");
    assert_eq!(org.get("v60.0", "Account", &gone, None).unwrap_err().code, "NOT_FOUND");
    assert_eq!(org.find_external("Account", "External_Id__c", "K").unwrap(), [kept]);
    insert(&mut org, "Account", json!({"Name": "Again", "External_Id__c": "G"}));
}

#[test]
fn an_inner_rollback_keeps_the_outer_changes() {
    let mut org = org();
    org.begin();
    let id = insert(&mut org, "Account", json!({"Name": "Outer"}));
    org.begin();
    org.update("Account", &id, &map(&json!({"Name": "Inner"}))).unwrap();
    org.rollback();
    org.commit();
    assert_eq!(field(&org, "Account", &id, "Name"), "Outer");
}

#[test]
fn describe_has_the_shape_clients_read() {
    let org = org();
    let account = org.describe("v60.0", "account").unwrap();
    assert_eq!((&account["name"], &account["keyPrefix"]), (&json!("Account"), &json!("001")));
    let fields = account["fields"].as_array().unwrap();
    let by_name = |name: &str| fields.iter().find(|field| field["name"] == name).unwrap();
    let external = by_name("External_Id__c");
    for flag in ["externalId", "idLookup", "unique", "custom", "createable", "nillable"] {
        assert_eq!(external[flag], true, "{flag}");
    }
    assert_eq!(by_name("ParentId")["referenceTo"], json!(["Account"]));
    assert_eq!(by_name("ParentId")["relationshipName"], "Parent");
    assert_eq!(by_name("BillingCity")["compoundFieldName"], "BillingAddress");
    assert_eq!(by_name("Rating")["picklistValues"][0]["value"], "Hot");
    let children = account["childRelationships"].as_array().unwrap();
    assert!(
        children
            .iter()
            .any(|child| child["relationshipName"] == "Contacts" && child["cascadeDelete"] == true)
    );
    assert_eq!(org.describe("v60.0", "Nope").unwrap_err().status, 404);
    let global = org.describe_global("v60.0");
    assert!(global["sobjects"].as_array().unwrap().iter().any(|object| object["name"] == "Widget__c"));
}

use super::{Kind, schema};

#[test]
fn every_object_has_an_id_and_a_name_and_resolvable_compounds() {
    for object in &schema().objects {
        assert_eq!(object.fields[0].kind, Kind::Id, "{}", object.name);
        // Salesforce's own junction of opportunities and contacts has no name.
        assert!(
            object.name_field().is_some() || &*object.name == "OpportunityContactRole",
            "{}",
            object.name
        );
        assert_eq!(object.prefix.len(), 3, "{}", object.name);
        for field in &object.fields {
            if let Some(compound) = &field.compound {
                assert!(object.field(compound).is_some(), "{}.{}", object.name, field.name);
            }
            if let Some(reference) = &field.reference {
                assert!(!reference.relationship.is_empty(), "{}.{}", object.name, field.name);
            }
        }
    }
}

#[test]
fn names_are_found_in_any_case() {
    let account = schema().object("aCCount").unwrap();
    assert_eq!(&*account.name, "Account");
    assert_eq!(&*account.field("billingstate").unwrap().label, "Billing State/Province");
    assert_eq!(&*account.relationship("PARENT").unwrap().name, "ParentId");
    assert!(account.child("contacts").unwrap().cascade);
    assert_eq!(account.field("AnnualRevenue").unwrap().precision, 18);
}

#[test]
fn flags_read_as_salesforce_describes_them() {
    let opportunity = schema().object("Opportunity").unwrap();
    let stage = opportunity.field("StageName").unwrap();
    assert!(stage.required() && stage.values.len() == 10 && !stage.restricted);
    let line = schema().object("OpportunityLineItem").unwrap();
    let parent = line.field("OpportunityId").unwrap();
    assert!(parent.required() && !parent.updateable && parent.indexed());
    let external = schema().object("Account").unwrap().field("External_Id__c").unwrap();
    assert!(external.external_id && external.unique && external.custom() && external.id_lookup);
    let status = schema().object("Lead").unwrap().field("Status").unwrap();
    assert_eq!(status.default.as_deref(), Some("Open - Not Contacted"));
}

//! Product2, and every object without a file of its own: a name and fields.

use std::borrow::Cow;

use orion_core::CustomObject;

use super::{Field, SObject, text};

pub(super) const OBJECT: SObject<CustomObject> = of(Cow::Borrowed("Product2"));

const FIELDS: &[Field<CustomObject>] = &[text!("Name", name)];

/// Any object. Its fields are those its describe lists.
pub(super) fn any(name: &str) -> SObject<CustomObject> {
    of(Cow::Owned(name.to_owned()))
}

const fn of(name: Cow<'static, str>) -> SObject<CustomObject> {
    SObject {
        name,
        init: |_| (),
        fields: Cow::Borrowed(FIELDS),
        key: None,
        required: &[],
        children: None,
        child_columns: None,
        rest: |record, fields| {
            record.model.object = record.meta.source.object.to_string();
            record.model.fields = fields;
        },
        loose: |object| Some(&object.fields),
    }
}

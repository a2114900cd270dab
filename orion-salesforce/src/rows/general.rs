//! Any page, read by serde_json.

use std::fmt;

use orion_core::Model;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Layout, Rows, row::Reading};
use crate::value::Value;

pub(super) fn page<M: Model + Default>(body: &str, layout: &Layout<M>) -> serde_json::Result<Rows<M>> {
    let mut rows = Rows::default();
    let mut json = serde_json::Deserializer::from_str(body);
    Page(layout, &mut rows).deserialize(&mut json)?;
    json.end()?;
    Ok(rows)
}

/// What reads an object or array of the page into `Rows`.
macro_rules! seed {
    ($name:ident, $method:ident) => {
        struct $name<'a, M: 'static>(&'a Layout<M>, &'a mut Rows<M>);

        impl<'de, M: Model + Default> DeserializeSeed<'de> for $name<'_, M> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.$method(self)
            }
        }
    };
}

seed!(Page, deserialize_map);
seed!(Records, deserialize_seq);
seed!(Row, deserialize_map);

impl<'de, M: Model + Default> Visitor<'de> for Page<'_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a query's answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                "totalSize" => self.1.expect(map.next_value()?),
                "nextRecordsUrl" => self.1.next = map.next_value()?,
                "records" => map.next_value_seed(Records(self.0, self.1))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl<'de, M: Model + Default> Visitor<'de> for Records<'_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Row(self.0, &mut *self.1))?.is_some() {}
        Ok(())
    }
}

impl<'de, M: Model + Default> Visitor<'de> for Row<'_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut reading = Reading::begin(self.0, self.1);
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            reading.named(self.1, &name, Value::from(map.next_value::<&RawValue>()?));
        }
        reading.end(self.1);
        Ok(())
    }
}

//! Term: when documents fall due.

use orion_core::CustomObject;

use super::{Entity, account};

pub(super) const OBJECT: Entity<CustomObject> = account::named("Term");

//! Class: what sales and costs are counted under.

use orion_core::CustomObject;

use super::{Entity, account};

pub(super) const OBJECT: Entity<CustomObject> = account::named("Class");

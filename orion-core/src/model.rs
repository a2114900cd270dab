//! The unified models.

use std::fmt::Debug;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::Kind;

/// A record shape that adapters read and write.
///
/// A host's own type is as good as one of Orion's: derive serde and [`JsonSchema`] and name its kind.
///
/// ```
/// use orion_core::{Kind, Model};
///
/// #[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
/// struct Ticket {
///     subject: String,
/// }
///
/// impl Model for Ticket {
///     const KIND: Kind = Kind::new("ticket");
/// }
/// ```
pub trait Model: Clone + Debug + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The model's name.
    const KIND: Kind;
}

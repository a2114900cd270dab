//! The core of Orion.

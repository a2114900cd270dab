//! Observer events as samples, and the sinks that keep them.

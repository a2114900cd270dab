//! Credentials, through the public interface and the real request path.

#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod renewing;
mod vendor;

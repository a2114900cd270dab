//! The built-in steps of the request path.

mod auth;
mod limit;
mod observe;
mod retry;

pub(super) use auth::Authorized;
pub(super) use limit::Limited;
pub use limit::Limits;
pub(super) use observe::Observed;
pub(super) use retry::Retrying;

use http::StatusCode;

use super::Response;

/// Whether the caller gets the answer rather than an error: 2xx, and 304 to a conditional request.
fn is_success(response: &Response) -> bool {
    response.status.is_success() || response.status == StatusCode::NOT_MODIFIED
}

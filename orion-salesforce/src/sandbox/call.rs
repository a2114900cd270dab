//! What this vendor reads from a request beside what any vendor does.

use http::Method;
use serde::de::DeserializeOwned;

pub(crate) use orion_core::sandbox::Call;

use super::store::ApiError;

/// The JSON body.
pub(crate) fn json<T: DeserializeOwned>(call: &Call) -> Result<T, ApiError> {
    let media = call.media_type();
    if !media.is_empty() && media != "application/json" {
        // The wording of this message is unverified.
        let message = format!("HTTP media type '{media}' is not supported. Use application/json");
        return Err(ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    serde_json::from_slice(&call.body).map_err(|cause| {
        let message = if call.body.is_empty() {
            "The HTTP entity body is required, but this request has no entity body.".to_owned()
        } else {
            // Salesforce words this like its Java parser does; the part after the position is unverified.
            format!("{cause} at [line:{}, column:{}]", cause.line(), cause.column())
        };
        ApiError::new(400, "JSON_PARSER_ERROR", message)
    })
}

/// `POST …?_HttpMethod=PATCH` is a PATCH (Salesforce docs, REST API guide, for clients without PATCH).
pub(crate) fn overridden(call: &Call) -> Option<Method> {
    let named = call.param("_HttpMethod").filter(|_| call.method == Method::POST)?;
    named.to_ascii_uppercase().parse().ok()
}

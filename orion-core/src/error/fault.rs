//! A vendor's refusal, decoded.

/// What the vendor said when it refused a request.
///
/// The message is the vendor's own text, cut at 512 characters. Vendors quote record values in it, so neither
/// `Debug` nor an error's `Display` shows it; only [`Fault::message`] does.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// HTTP status, or 0 for an item of a batch that has none.
    pub status: u16,
    /// The vendor's code, for instance `INVALID_FIELD`.
    pub code: Box<str>,
    /// The fields the vendor names.
    pub fields: Vec<Box<str>>,
    /// The vendor's id of the request, for its support.
    pub request_id: Option<Box<str>>,
    message: Box<str>,
}

const MESSAGE_LIMIT: usize = 512;

impl Fault {
    /// Builds a fault from what the vendor sent.
    #[must_use]
    pub fn new(status: u16, code: impl Into<Box<str>>, message: &str) -> Self {
        Self {
            status,
            code: code.into(),
            fields: Vec::new(),
            request_id: None,
            message: message.chars().take(MESSAGE_LIMIT).collect::<String>().into_boxed_str(),
        }
    }

    /// Names the fields at fault.
    #[must_use]
    pub fn with_fields(mut self, fields: impl IntoIterator<Item = impl Into<Box<str>>>) -> Self {
        self.fields = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Attaches the vendor's id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<Box<str>>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// The vendor's own text. It may quote data of the request: show it to the account's owner, do not log it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl std::fmt::Debug for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fault")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("fields", &self.fields)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

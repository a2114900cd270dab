//! Query failures, with the excerpt and caret Salesforce puts in front of them.

use crate::sandbox::store::ApiError;

/// A failure at a byte of the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    /// Where the caret goes; none for failures that name no place.
    pub(super) at: Option<usize>,
    pub(super) message: String,
}

pub(super) type Result<T> = std::result::Result<T, Fault>;

const APPEND: &str = "Please reference your WSDL or the describe call for the appropriate names.";

impl Fault {
    pub(super) fn malformed(at: usize, message: impl Into<String>) -> Self {
        Self { code: "MALFORMED_QUERY", at: Some(at), message: message.into() }
    }

    pub(super) fn plain(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, at: None, message: message.into() }
    }

    pub(super) fn field(at: usize, message: impl Into<String>) -> Self {
        Self { code: "INVALID_FIELD", at: Some(at), message: message.into() }
    }

    pub(super) fn no_column(at: usize, name: &str, entity: &str) -> Self {
        let hint = "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.";
        Self::field(at, format!("No such column '{name}' on entity '{entity}'. {hint} {APPEND}"))
    }

    pub(super) fn no_parent(at: usize, name: &str) -> Self {
        Self::field(
            at,
            format!("Didn't understand relationship '{name}' in field path. {} {APPEND}", custom()),
        )
    }

    pub(super) fn no_child(at: usize, name: &str) -> Self {
        let message = format!(
            "Didn't understand relationship '{name}' in FROM part of query call. {} {APPEND}",
            custom()
        );
        Self { code: "INVALID_TYPE", at: Some(at), message }
    }

    pub(super) fn no_object(at: usize, name: &str) -> Self {
        let mut message = format!("sObject type '{name}' is not supported.");
        if name.contains("__") {
            let hint = "If you are attempting to use a custom object, be sure to append the '__c' after the entity name.";
            message = format!("{message} {hint} {APPEND}");
        }
        Self { code: "INVALID_TYPE", at: Some(at), message }
    }

    /// The error as the query resource answers it.
    pub(super) fn into_api(self, query: &str) -> ApiError {
        let message = match self.at {
            Some(at) => format!("{}{}", pointer(query, at), self.message),
            None => self.message,
        };
        ApiError::new(400, self.code, message)
    }
}

fn custom() -> &'static str {
    "If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name."
}

/// How many characters of the query are shown on each side, before rounding out to a separator. Public error reports
/// fit this; the vendor documents no number.
const CONTEXT: usize = 30;

/// `\n<excerpt>\n<caret>\nERROR at Row:r:Column:c\n`.
fn pointer(query: &str, at: usize) -> String {
    let (before, after) = query.split_at_checked(at).unwrap_or((query, ""));
    let row = before.matches('\n').count() + 1;
    let line_before = before.rsplit('\n').next().unwrap_or_default();
    let line_after = after.split('\n').next().unwrap_or_default();
    let left: Vec<char> = line_before.chars().collect();
    let right: Vec<char> = line_after.chars().collect();
    let separator = |c: &&char| c.is_whitespace() || **c == ',';
    let mut start = left.len().saturating_sub(CONTEXT);
    while start > 0 && left.get(start - 1).as_ref().is_some_and(|c| !separator(c)) {
        start -= 1;
    }
    let mut end = right.len().min(CONTEXT);
    while right.get(end).as_ref().is_some_and(|c| !separator(c)) {
        end += 1;
    }
    let shown: String = left.iter().skip(start).chain(right.iter().take(end)).collect();
    let caret = " ".repeat(left.len() - start);
    format!("\n{shown}\n{caret}^\nERROR at Row:{row}:Column:{}\n", left.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn a_short_query_is_shown_whole() {
        let shown = pointer("SELECT Nmae FROM Account", 7);
        assert_eq!(shown, "\nSELECT Nmae FROM Account\n       ^\nERROR at Row:1:Column:8\n");
    }

    #[test]
    fn a_long_query_is_cut_at_separators_around_the_place() {
        let query = "SELECT Id, Account.Name, Account.Phone, Account.Rating, Account.RecordTypeId, Account.ShippingCity, Account.Fax FROM Contact";
        let at = query.find("Account.RecordTypeId").unwrap();
        let shown = pointer(query, at);
        let excerpt = shown.lines().nth(1).unwrap();
        assert_eq!(excerpt, "Account.Phone, Account.Rating, Account.RecordTypeId, Account.ShippingCity");
        assert_eq!(shown.lines().nth(2).unwrap().len(), 32);
    }

    #[test]
    fn rows_are_counted() {
        let shown = pointer("SELECT Id\nFROM é, Nope", 19);
        assert!(shown.ends_with("ERROR at Row:2:Column:9\n"), "{shown}");
    }
}

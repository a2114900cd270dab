//! Names that go into a path.

use orion_core::{Error, ErrorKind, Result};

/// Refuses what cannot be the name of an object or a field, before it becomes part of an address.
///
/// # Errors
/// `Config`, naming what was refused.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if letters && name.len() <= 255 && name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Ok(());
    }
    let shown: String = name.chars().take(80).collect();
    Err(Error::new(
        ErrorKind::Config,
        format!("{shown:?} is not the name of an object or a field of Salesforce"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_pass() {
        for name in ["Account", "External_Id__c", "ns__Widget__c"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "1a", "Account/describe", "Account?q=", "Account Id", "Zoë", "__c", "../limits"] {
            assert_eq!(check_name(name).unwrap_err().kind(), ErrorKind::Config, "{name}");
        }
    }
}

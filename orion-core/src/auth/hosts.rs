//! Where credentials may go.

use url::Url;

use crate::{Error, ErrorKind, Result, http::Request};

/// The hosts an account's credentials may be sent to: the connector's own, and the one the vendor assigned to the account.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    base: Url,
}

impl Hosts {
    pub(crate) fn new(base: &Url) -> Self {
        Self { base: base.clone() }
    }

    /// Points a relative request at the account's host, and refuses any other host than the two.
    pub(crate) fn admit(&self, request: &mut Request, instance: Option<&Url>) -> Result<()> {
        if request.relative
            && let Some(instance) = instance
        {
            return relocate(&mut request.url, instance);
        }
        // A relative request is looked at too: `//host/path` is one to the eye, and resolves to another host.
        let target = request.url.origin();
        if std::iter::once(&self.base).chain(instance).any(|host| host.origin() == target) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Malformed,
            "a link to another host was followed; credentials are sent to the account's own host only",
        ))
    }
}

fn relocate(url: &mut Url, instance: &Url) -> Result<()> {
    let moved = url.set_scheme(instance.scheme()).is_ok()
        && url.set_host(instance.host_str()).is_ok()
        && url.set_port(instance.port()).is_ok();
    if moved {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Malformed, "the host the vendor assigned to the account is not usable"))
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn admit(path: &str, instance: Option<&str>) -> Result<String> {
        let base = Url::parse("https://login.acme.test/").unwrap();
        let mut request = Request::new(Method::GET, base.join(path).unwrap(), "get");
        request.relative = Url::parse(path).is_err();
        let instance = instance.map(|url| Url::parse(url).unwrap());
        Hosts::new(&base).admit(&mut request, instance.as_ref()).map(|()| request.url.to_string())
    }

    #[test]
    fn a_relative_request_goes_to_the_host_of_the_account() {
        assert_eq!(admit("/a?b=c", None).unwrap(), "https://login.acme.test/a?b=c");
        assert_eq!(admit("/a?b=c", Some("https://eu1.acme.test")).unwrap(), "https://eu1.acme.test/a?b=c");
        assert_eq!(admit("/a", Some("http://127.0.0.1:8080")).unwrap(), "http://127.0.0.1:8080/a");
    }

    #[test]
    fn an_absolute_request_goes_to_a_known_host_or_nowhere() {
        let instance = Some("https://eu1.acme.test");
        assert!(admit("https://login.acme.test/a", instance).is_ok());
        assert!(admit("https://eu1.acme.test/a", instance).is_ok());
        for foreign in ["https://evil.test/a", "http://eu1.acme.test/a", "https://eu1.acme.test:444/a"] {
            let error = admit(foreign, instance).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{foreign}");
            assert!(error.to_string().contains("another host"), "{error}");
        }
    }

    #[test]
    fn a_path_that_resolves_to_another_host_is_refused_or_moved() {
        for hidden in ["//evil.test/a", "\\\\evil.test/a"] {
            assert_eq!(admit(hidden, None).unwrap_err().kind(), ErrorKind::Malformed, "{hidden}");
            assert_eq!(admit(hidden, Some("https://eu1.acme.test")).unwrap(), "https://eu1.acme.test/a");
        }
    }
}

//! The SOAP login.

use crate::support::{Answer, Org, send};

async fn login(org: &Org, kind: &str, username: &str, password: &str) -> Answer {
    let url = format!("{}/services/Soap/{kind}/59.0", org.sandbox.base_url());
    let urn = if kind == "u" { "partner" } else { "enterprise" };
    let body = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
        <e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>
        <n1:login xmlns:n1="urn:{urn}.soap.sforce.com"><n1:username>{username}</n1:username>
        <n1:password><![CDATA[{password}]]></n1:password></n1:login></e:Body></e:Envelope>"#
    );
    send(org.http.post(url).header("content-type", "text/xml").header("soapaction", "login").body(body)).await
}

fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {xml}"));
    rest.split_once("</").unwrap().0
}

#[tokio::test]
async fn a_login_answers_a_session_that_works() {
    let org = Org::start().await;
    let password = format!("{}{}", org.sandbox.password(), org.sandbox.security_token());
    for kind in ["u", "c"] {
        let answer = login(&org, kind, org.sandbox.username(), &password).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.header("content-type").starts_with("text/xml"));
        let server = format!("{}/services/Soap/{kind}/59.0/", org.sandbox.base_url());
        assert!(element(&answer.text, "serverUrl").starts_with(&server));
        assert_eq!(element(&answer.text, "organizationId"), org.sandbox.org_id());
        assert_eq!(element(&answer.text, "passwordExpired"), "false");
        let session = element(&answer.text, "sessionId");
        let limits = format!("{}/services/data/v59.0/limits/", org.sandbox.base_url());
        assert_eq!(send(org.http.get(&limits).bearer_auth(session)).await.status, 200);
    }
}

#[tokio::test]
async fn a_wrong_password_is_a_typed_fault() {
    let org = Org::start().await;
    let answer = login(&org, "u", org.sandbox.username(), "a<&>\"'b").await;
    assert_eq!(answer.status, 500);
    assert_eq!(element(&answer.text, "sf:exceptionCode"), "INVALID_LOGIN");
    assert!(element(&answer.text, "sf:exceptionMessage").starts_with("Invalid username, password"));
    assert!(element(&answer.text, "faultstring").starts_with("INVALID_LOGIN: "));
    let strict = Org::with(|builder| builder.records(1).trusted_network(false)).await;
    let bare = login(&strict, "u", strict.sandbox.username(), strict.sandbox.password()).await;
    assert_eq!(element(&bare.text, "sf:exceptionCode"), "LOGIN_MUST_USE_SECURITY_TOKEN");
    let url = format!("{}/services/Soap/u/59.0", org.sandbox.base_url());
    let broken = send(org.http.post(url).body("<not-xml")).await;
    assert_eq!((broken.status.as_u16(), element(&broken.text, "faultcode")), (500, "soapenv:Client"));
}

#[tokio::test]
async fn logout_ends_the_session_once() {
    let org = Org::start().await;
    let url = format!("{}/services/Soap/u/59.0", org.sandbox.base_url());
    let body = format!(
        r#"<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header>
        <SessionHeader xmlns="urn:partner.soap.sforce.com"><sessionId>{}</sessionId></SessionHeader></se:Header>
        <se:Body><logout xmlns="urn:partner.soap.sforce.com"/></se:Body></se:Envelope>"#,
        org.token
    );
    let post = || send(org.http.post(&url).header("content-type", "text/xml").body(body.clone()));
    assert_eq!(post().await.status, 200);
    assert_eq!(org.get("limits").await.status, 401);
    let again = post().await;
    assert_eq!(
        (again.status.as_u16(), element(&again.text, "sf:exceptionCode")),
        (500, "INVALID_SESSION_ID")
    );
}

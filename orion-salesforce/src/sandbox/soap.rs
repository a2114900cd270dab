//! The SOAP stub: `login` and `logout` of the partner and the enterprise API.

use http::{Method, StatusCode};
use roxmltree::{Document, Node};

use super::call::Call;
use super::reply::Reply;
use super::state::World;

const XML: &str = "text/xml;charset=UTF-8";
const LOGIN_FAILED: &str = "Invalid username, password, security token; or user locked out.";

/// Serves `/services/Soap/{u|c}/NN.N`.
pub(crate) fn serve(world: &World, call: &Call, kind: &str, version: &str) -> Reply {
    let (namespace, faults) = match kind {
        "u" => ("urn:partner.soap.sforce.com", "urn:fault.partner.soap.sforce.com"),
        "c" => ("urn:enterprise.soap.sforce.com", "urn:fault.enterprise.soap.sforce.com"),
        _ => return Reply::empty(StatusCode::NOT_FOUND),
    };
    if call.method != Method::POST {
        return Reply::empty(StatusCode::METHOD_NOT_ALLOWED).with("allow", "POST");
    }
    let answer = std::str::from_utf8(&call.body)
        .map_err(|_| Fault::xml("the request is not UTF-8"))
        .and_then(|text| Document::parse(text).map_err(|error| Fault::xml(&error.to_string())))
        .and_then(|document| operation(world, call, &document, kind, version));
    match answer {
        Ok(body) => envelope(StatusCode::OK, &format!(r#"xmlns="{namespace}""#), &body),
        Err(fault) => {
            envelope(StatusCode::INTERNAL_SERVER_ERROR, &format!(r#"xmlns:sf="{faults}""#), &fault.body())
        }
    }
}

struct Fault {
    code: &'static str,
    message: String,
    /// Whether it carries a typed `detail`.
    detail: Option<&'static str>,
}

impl Fault {
    fn new(code: &'static str, message: &str, detail: &'static str) -> Self {
        Self { code, message: message.to_owned(), detail: Some(detail) }
    }

    fn xml(message: &str) -> Self {
        Self { code: "soapenv:Client", message: message.to_owned(), detail: None }
    }

    fn body(&self) -> String {
        let message = escape(&self.message);
        let Some(detail) = self.detail else {
            return format!(
                "<soapenv:Fault><faultcode>{}</faultcode><faultstring>{message}</faultstring></soapenv:Fault>",
                self.code
            );
        };
        let code = self.code;
        format!(
            "<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>\
             <detail><sf:{detail} xsi:type=\"sf:{detail}\"><sf:exceptionCode>{code}</sf:exceptionCode>\
             <sf:exceptionMessage>{message}</sf:exceptionMessage></sf:{detail}></detail></soapenv:Fault>"
        )
    }
}

fn operation(
    world: &World,
    call: &Call,
    document: &Document<'_>,
    kind: &str,
    version: &str,
) -> Result<String, Fault> {
    let body = find(document.root(), "Body").ok_or_else(|| Fault::xml("no soap body"))?;
    let Some(operation) = body.children().find(Node::is_element) else {
        return Err(Fault::xml("no operation in the soap body"));
    };
    match operation.tag_name().name() {
        "login" => login(world, call, operation, &format!("{kind}/{version}")),
        "logout" => {
            let token = find(document.root(), "sessionId").and_then(|node| node.text()).unwrap_or_default();
            if !world.auth().revoke(token.trim()) {
                let message = "Invalid Session ID found in SessionHeader: Illegal Session";
                return Err(Fault::new("INVALID_SESSION_ID", message, "UnexpectedErrorFault"));
            }
            Ok("<logoutResponse/>".to_owned())
        }
        other => {
            let message = format!("No operation available for request {other}");
            Err(Fault::xml(&message))
        }
    }
}

fn login(world: &World, call: &Call, login: Node<'_, '_>, service: &str) -> Result<String, Fault> {
    let text = |name| find(login, name).and_then(|node| node.text()).unwrap_or_default();
    let (username, password) = (text("username"), text("password"));
    if username.is_empty() || password.is_empty() {
        return Err(Fault::new("INVALID_LOGIN", LOGIN_FAILED, "LoginFault"));
    }
    if !world.knows(username, password) {
        let own = username.eq_ignore_ascii_case(&world.identity.username);
        if own && password == world.identity.password {
            let message = format!(
                "{LOGIN_FAILED} Are you at a new location? When accessing Salesforce--either via a desktop client \
                 or the API--from outside of your company's trusted networks, you must add a security token to \
                 your password to log in."
            );
            return Err(Fault::new("LOGIN_MUST_USE_SECURITY_TOKEN", &message, "LoginFault"));
        }
        return Err(Fault::new("INVALID_LOGIN", LOGIN_FAILED, "LoginFault"));
    }
    let session = world.auth().open(world.now(), "full", None);
    Ok(result(world, call, service, &session))
}

fn result(world: &World, call: &Call, service: &str, session: &str) -> String {
    let who = &world.identity;
    let short: String = who.org_id.chars().take(15).collect();
    let metadata = service.replacen(['u', 'c'], "m", 1);
    let seconds = world.settings.session_timeout.as_secs();
    format!(
        "<loginResponse><result><metadataServerUrl>{base}/services/Soap/{metadata}/{short}</metadataServerUrl>\
         <passwordExpired>false</passwordExpired><sandbox>false</sandbox>\
         <serverUrl>{base}/services/Soap/{service}/{short}</serverUrl>\
         <sessionId>{session}</sessionId><userId>{user}</userId><userInfo>\
         <accessibilityMode>false</accessibilityMode><chatterExternal>false</chatterExternal>\
         <currencySymbol>$</currencySymbol><orgDefaultCurrencyIsoCode>USD</orgDefaultCurrencyIsoCode>\
         <orgHasPersonAccounts>false</orgHasPersonAccounts><organizationId>{org}</organizationId>\
         <organizationMultiCurrency>false</organizationMultiCurrency>\
         <organizationName>Orion Sandbox</organizationName><profileId>00e000000000001AAA</profileId>\
         <roleId xsi:nil=\"true\"/><sessionSecondsValid>{seconds}</sessionSecondsValid>\
         <userDefaultCurrencyIsoCode xsi:nil=\"true\"/><userEmail>{email}</userEmail>\
         <userFullName>{name}</userFullName><userId>{user}</userId><userLanguage>en_US</userLanguage>\
         <userLocale>en_US</userLocale><userName>{username}</userName><userTimeZone>Etc/UTC</userTimeZone>\
         <userType>Standard</userType><userUiSkin>Theme3</userUiSkin></userInfo></result></loginResponse>",
        base = escape(&call.base),
        user = who.user_id,
        org = who.org_id,
        email = escape(&who.email),
        name = escape(&who.name),
        username = escape(&who.username),
    )
}

fn find<'a, 'input>(within: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    within.descendants().find(|node| node.is_element() && node.tag_name().name() == name)
}

fn envelope(status: StatusCode, namespaces: &str, body: &str) -> Reply {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" {namespaces} \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    );
    Reply::new(status, XML, xml)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            other => out.push(other),
        }
    }
    out
}

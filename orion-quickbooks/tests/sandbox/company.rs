//! The accounting API's routes and envelopes. What the company does with a row is tested beside it.

use serde_json::{Value, json};

use crate::support::{Books, sent, with_query};

fn invoice() -> Value {
    json!({
        "CustomerRef": { "value": "1" },
        "Line": [{ "Amount": 12.5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": { "ItemRef": { "value": "1" } } }],
    })
}

/// Creates an invoice and answers it.
async fn made(books: &Books) -> Value {
    let answer = books.post("invoice", &invoice()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["Invoice"].clone()
}

#[tokio::test]
async fn an_invoice_lives_through_all_of_its_operations() {
    let books = Books::start().await;
    let new = made(&books).await;
    let (id, token) = (new["Id"].as_str().unwrap(), &new["SyncToken"]);
    assert_eq!((token, &new["Balance"]), (&json!("0"), &json!(12.5)));
    let read = books.get(&format!("invoice/{id}?minorversion=75")).await.json();
    assert_eq!(read["Invoice"], new);
    assert!(read["time"].as_str().unwrap().contains('T'));
    let sparse = json!({ "Id": id, "SyncToken": "0", "sparse": true, "PrivateNote": "x" });
    let updated = books.post("Invoice?operation=update", &sparse).await.json();
    assert_eq!(
        (&updated["Invoice"]["SyncToken"], &updated["Invoice"]["Balance"]),
        (&json!("1"), &json!(12.5))
    );
    assert_eq!(books.post("invoice", &sparse).await.refusal(), (400, "5010".to_owned()));
    let send = format!("invoice/{id}/send?sendTo=a%40example.com");
    let sent = books.post(&send, &Value::Null).await.json();
    assert_eq!(sent["Invoice"]["EmailStatus"], "EmailSent");
    let key = |token: &str| json!({ "Id": id, "SyncToken": token });
    let voided = books.post("invoice?operation=void", &key("2")).await.json();
    assert_eq!((&voided["Invoice"]["TotalAmt"], &voided["Invoice"]["SyncToken"]), (&json!(0), &json!("3")));
    let deleted = books.post("invoice?operation=delete", &key("3")).await.json();
    assert_eq!((&deleted["Invoice"]["status"], &deleted["Invoice"]["Id"]), (&json!("Deleted"), &json!(id)));
    assert_eq!(books.get(&format!("invoice/{id}")).await.refusal(), (400, "610".to_owned()));
}

#[tokio::test]
async fn a_payment_is_voided_by_an_update_that_includes_it() {
    let books = Books::start().await;
    let payment = json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 30 });
    let new = books.post("payment", &payment).await.json()["Payment"].clone();
    let body = json!({ "Id": new["Id"], "SyncToken": new["SyncToken"], "sparse": true });
    let voided = books.post("payment?operation=update&include=void", &body).await.json();
    assert_eq!(voided["Payment"]["TotalAmt"], 0);
}

#[tokio::test]
async fn a_request_id_has_one_effect_and_one_answer() {
    let books = Books::start().await;
    let before = books.sandbox.row_count("Invoice");
    let body = invoice();
    let posts = (0..20).map(|_| books.post("invoice?requestid=one", &body));
    let answers: Vec<Value> = futures::future::join_all(posts).await.iter().map(|one| one.json()).collect();
    assert!(answers.iter().all(|one| *one == answers[0]));
    assert_eq!(books.sandbox.row_count("Invoice"), before + 1);
    assert_ne!(
        books.post("invoice?requestid=two", &invoice()).await.json()["Invoice"],
        answers[0]["Invoice"]
    );
    let refused = books.post("invoice?requestid=three", &json!({})).await;
    assert_eq!(refused.refusal(), (400, "2020".to_owned()));
    assert_eq!(books.post("invoice?requestid=three", &invoice()).await.status, 200);
    let long = format!("invoice?requestid={}", "x".repeat(51));
    assert_eq!(books.post(&long, &invoice()).await.status, 400);
}

#[tokio::test]
async fn a_write_that_was_cut_is_found_by_its_request_id() {
    use orion_quickbooks::sandbox::{Fault, FaultKind};
    let books = Books::start().await;
    let before = books.sandbox.row_count("Invoice");
    books.sandbox.inject(Fault::new(FaultKind::DropAfterCommit).count(1));
    let request = books.request("POST", "invoice?requestid=a").header("content-type", "application/json");
    assert!(sent(request, invoice().to_string()).await.is_err());
    assert_eq!(books.sandbox.row_count("Invoice"), before + 1);
    assert_eq!(books.post("invoice?requestid=a", &invoice()).await.status, 200);
    assert_eq!(books.sandbox.row_count("Invoice"), before + 1);
}

#[tokio::test]
async fn a_query_comes_by_get_or_post() {
    let books = Books::start().await;
    let statement = "select * from Customer order by Id maxresults 2";
    let by_get = books.query(statement).await;
    assert_eq!((&by_get["maxResults"], by_get["Customer"].as_array().map(Vec::len)), (&json!(2), Some(2)));
    for media in ["application/text", "text/plain"] {
        let request = books.request("POST", "query?minorversion=75").header("content-type", media);
        assert_eq!(sent(request, statement).await.unwrap().json()["QueryResponse"], by_get);
    }
    let wrong = with_query("query", &[("query", "select * from Custmoer")]);
    assert_eq!(books.get(&wrong).await.refusal(), (400, "4001".to_owned()));
}

#[tokio::test]
async fn batches_and_changes_are_answered_item_by_item() {
    let books = Books::start().await;
    books.sandbox.advance(std::time::Duration::from_secs(5));
    let since = books.sandbox.now().to_rfc3339();
    let items = json!({ "BatchItemRequest": [
        { "bId": "1", "operation": "create", "Invoice": invoice() },
        { "bId": "2", "Query": "select count(*) from Invoice" },
        { "bId": "3", "operation": "create", "Invoice": {} },
    ]});
    let answer = books.post("batch", &items).await.json();
    let answers = answer["BatchItemResponse"].as_array().unwrap();
    assert_eq!(answers[1]["QueryResponse"]["totalCount"], 40);
    assert_eq!(answers[2]["Fault"]["Error"][0]["code"], "2020");
    let cdc = with_query("cdc", &[("entities", "Invoice,Bill"), ("changedSince", &since)]);
    let changed = books.get(&cdc).await.json()["CDCResponse"][0]["QueryResponse"].clone();
    assert_eq!(
        (changed[0]["Invoice"][0]["Id"].clone(), &changed[1]),
        (answers[0]["Invoice"]["Id"].clone(), &json!({}))
    );
}

#[tokio::test]
async fn singletons_rates_and_tax_codes_have_routes_of_their_own() {
    let books = Books::start().await;
    let realm = books.sandbox.realm_id();
    assert_eq!(books.get(&format!("companyinfo/{realm}")).await.json()["CompanyInfo"]["Id"], "1");
    assert!(books.get("preferences").await.json()["Preferences"].is_object());
    let rate = json!({ "SourceCurrencyCode": "EUR", "Rate": 1.25, "AsOfDate": "2026-01-02" });
    assert_eq!(books.post("exchangerate", &rate).await.status, 200);
    let read = books.get("exchangerate?sourcecurrencycode=EUR&asofdate=2026-01-02").await.json();
    assert_eq!(read["ExchangeRate"]["Rate"], 1.25);
    let code = json!({ "TaxCode": "VAT", "TaxRateDetails": [{ "TaxRateName": "V", "RateValue": "20", "TaxAgencyId": "1" }] });
    assert_eq!(books.post("taxservice/taxcode", &code).await.json()["TaxCode"], "VAT");
}

#[tokio::test]
async fn what_there_is_not_is_refused_in_the_services_envelope() {
    let books = Books::start().await;
    for path in ["nosuch/1", "customer/1/pdf", "reports/NoSuchReport"] {
        assert_eq!(books.get(path).await.refusal(), (400, "500".to_owned()), "{path}");
    }
    assert_eq!(books.post("nosuch", &json!({})).await.refusal(), (400, "500".to_owned()));
    assert_eq!(
        books.post("invoice?operation=frobnicate", &invoice()).await.refusal(),
        (400, "500".to_owned())
    );
    let request = books.request("POST", "invoice");
    assert_eq!(sent(request, "{").await.unwrap().refusal(), (400, "2010".to_owned()));
}

#[tokio::test]
async fn rows_can_be_changed_past_the_api() {
    let books = Books::start().await;
    let id = books.sandbox.save("Customer", &json!({ "DisplayName": "Past" })).unwrap();
    assert_eq!(books.get(&format!("customer/{id}")).await.json()["Customer"]["DisplayName"], "Past");
    let invoice = made(&books).await["Id"].as_str().unwrap().to_owned();
    books.sandbox.delete("Invoice", &invoice).unwrap();
    assert!(books.sandbox.row("Invoice", &invoice).unwrap_err().to_string().starts_with("610 "));
    assert_eq!(books.sandbox.dump("Customer").unwrap().len(), books.sandbox.row_count("Customer"));
    let truth = books.get("/_sandbox/truth?object=Invoice").await.json();
    assert_eq!((&truth["count"], truth["rows"].as_array().map(Vec::len)), (&json!(40), Some(40)));
}

#[tokio::test]
async fn an_invoice_that_is_paid_online_shows_its_link_if_asked() {
    let books = Books::start().await;
    let mut body = invoice();
    body["AllowOnlineCreditCardPayment"] = json!(true);
    body["BillEmail"] = json!({ "Address": "a@example.com" });
    let new = books.post("invoice", &body).await.json()["Invoice"].clone();
    let id = new["Id"].as_str().unwrap();
    let read = books.get(&format!("invoice/{id}?include=invoiceLink")).await.json();
    assert!(read["Invoice"]["InvoiceLink"].as_str().unwrap().starts_with("https://"));
    assert!(books.get(&format!("invoice/{id}")).await.json()["Invoice"].get("InvoiceLink").is_none());
}

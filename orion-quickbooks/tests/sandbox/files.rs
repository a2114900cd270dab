//! PDF and attachments.

use serde_json::json;

use crate::support::{Books, sent};

#[tokio::test]
async fn an_invoice_is_printed() {
    let books = Books::start().await;
    let id = books.query("select * from Invoice maxresults 1").await["Invoice"][0]["Id"].clone();
    let pdf = books.get(&format!("invoice/{}/pdf", id.as_str().unwrap())).await;
    assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
    assert!(pdf.bytes.starts_with(b"%PDF-1.4"));
    assert_eq!(books.get("invoice/99999/pdf").await.refusal(), (400, "610".to_owned()));
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_uploaded() {
    let books = Books::start().await;
    let about = json!({ "AttachableRef": [{ "EntityRef": { "type": "Customer", "value": "1" } }] });
    let body = format!(
        "--B\r\nContent-Disposition: form-data; name=\"file_metadata_01\"\r\nContent-Type: application/json\r\n\r\n\
         {about}\r\n--B\r\nContent-Disposition: form-data; name=\"file_content_01\"; filename=\"a.csv\"\r\n\
         Content-Type: text/csv\r\n\r\na,b\n1,2\n\r\n--B--\r\n"
    );
    let request = books.request("POST", "upload").header("content-type", "multipart/form-data; boundary=B");
    let stored = sent(request, body).await.unwrap().json()["AttachableResponse"][0]["Attachable"].clone();
    assert_eq!((&stored["FileName"], &stored["Size"]), (&json!("a.csv"), &json!(8)));
    let address = books.get(&format!("download/{}", stored["Id"].as_str().unwrap())).await.text();
    assert_eq!(stored["TempDownloadUri"], address.as_str());
    let file = sent(http::Request::get(address), "").await.unwrap();
    assert_eq!((file.text().as_str(), file.header("content-type")), ("a,b\n1,2\n", "text/csv"));
    let plain = books.request("POST", "upload").header("content-type", "text/plain");
    assert_eq!(sent(plain, "x").await.unwrap().refusal(), (400, "1050".to_owned()));
}

//! Batches: up to 30 operations in one call, each with a result of its own.

use orion_core::{Error, ErrorKind, Result, Retry};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    NAME, QuickBooks,
    fault::Refusal,
    limits::BATCH,
    ql::Statement,
    wire::{Members, answer},
};

/// The most operations of one call (Intuit docs, "Batch operations", 2023).
const CHUNK: usize = 30;

/// What one item of a batch does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Operation {
    /// Makes an object.
    Create,
    /// Changes one.
    Update,
    /// Deletes one.
    Delete,
}

/// One write of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) operation: Operation,
    pub(crate) entity: Box<str>,
    pub(crate) body: Box<str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    batch_item_request: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Answers(Vec<Box<RawValue>>);

impl QuickBooks {
    /// Runs several queries at once, 30 in a call, and returns the rows of each. They do not count as calls of their own.
    ///
    /// # Errors
    /// What a call reports. What one query reports is its result.
    pub async fn query_batch<T: serde::de::DeserializeOwned>(
        &self,
        statements: &[Statement],
    ) -> Vec<Result<Vec<T>>> {
        let items: Vec<String> = statements
            .iter()
            .enumerate()
            .map(|(at, statement)| {
                let text = serde_json::Value::from(statement.as_str());
                format!(r#"{{"bId":"{at}","Query":{text}}}"#)
            })
            .collect();
        let answers = self.send_raw(&items, "QueryResponse").await;
        let rows = |answer: Result<Box<RawValue>>| {
            let answer = answer?;
            let found = Members::parse(&answer).and_then(|members| {
                let rows = crate::wire::rows(&members)?.rows;
                rows.into_iter().map(|row| serde_json::from_str(row.get()).ok()).collect()
            });
            found.ok_or_else(|| malformed("a row does not fit the type asked for"))
        };
        answers.into_iter().map(rows).collect()
    }

    /// Sends writes and returns what each answers: one by itself, several in batches.
    pub(crate) async fn send_items(&self, items: &[Item]) -> Vec<Result<Box<RawValue>>> {
        if let [one] = items {
            return vec![self.send_one(one).await];
        }
        let raw: Vec<String> = items
            .iter()
            .enumerate()
            .map(|(at, item)| {
                let Item { operation, entity, body } = item;
                let operation = serde_json::to_string(operation).unwrap_or_default();
                format!(r#"{{"bId":"{at}","operation":{operation},"{entity}":{body}}}"#)
            })
            .collect();
        self.send_raw(&raw, "").await
    }

    async fn send_one(&self, item: &Item) -> Result<Box<RawValue>> {
        let operation = match item.operation {
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Delete => "delete",
        };
        let call = self.post(&item.entity.to_ascii_lowercase(), operation, None).await?;
        let deletes = (item.operation == Operation::Delete).then_some("delete");
        let call =
            call.query_opt("operation", deletes).body("application/json", item.body.to_string().into());
        Ok(answer(call, operation).await?.member(&item.entity)?.to_owned())
    }

    /// Sends the items, and returns for each the member called `name`, or the one that is its object.
    async fn send_raw(&self, items: &[String], name: &str) -> Vec<Result<Box<RawValue>>> {
        let mut all = Vec::with_capacity(items.len());
        for (number, chunk) in items.chunks(CHUNK).enumerate() {
            let sent = self.send_chunk(chunk).await;
            for at in 0..chunk.len() {
                let id = (number * CHUNK + at).to_string();
                all.push(match &sent {
                    Ok(answers) => find(&answers.0, &id, name),
                    Err(error) => Err(error.echo()),
                });
            }
        }
        all
    }

    async fn send_chunk(&self, items: &[String]) -> Result<Answers> {
        let raw = items.iter().map(|item| serde_json::from_str::<&RawValue>(item));
        let batch_item_request =
            raw.collect::<Result<_, _>>().map_err(|_| malformed("a record is no JSON"))?;
        let call = self.post("batch", BATCH, None).await?.json_body(&Body { batch_item_request });
        answer(call, BATCH).await?.read("BatchItemResponse")
    }
}

fn malformed(message: &'static str) -> Error {
    Error::new(ErrorKind::Malformed, message).during(NAME, BATCH)
}

/// The answer to one item.
fn find(answers: &[Box<RawValue>], id: &str, name: &str) -> Result<Box<RawValue>> {
    for answer in answers {
        let Some(members) = Members::parse(answer) else { continue };
        if members.text("bId").as_deref() != Some(id) {
            continue;
        }
        if let Some(fault) = members.get("Fault") {
            let refusal: Refusal = serde_json::from_str(fault.get()).unwrap_or_default();
            return Err(refusal.into_item_error(0).during(NAME, BATCH));
        }
        let own = |member: &str| if name.is_empty() { member != "bId" } else { member == name };
        if let Some((_, value)) = members.0.iter().find(|(member, _)| own(member)) {
            return Ok((*value).to_owned());
        }
    }
    let error = malformed("QuickBooks did not answer an item of a batch").with_ambiguous();
    Err(error.with_retry(Retry::Never))
}

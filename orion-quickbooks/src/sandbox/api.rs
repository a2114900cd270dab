//! The accounting API: routes below `/v3/company/{realm}`.

mod files;
mod pdf;

use http::{Method, StatusCode};
use orion_core::sandbox::{Call, Reply};

use super::refusal;
use super::replay::{LONGEST, once};
use super::state::World;
use super::store::{Company, Fault, Json, Object, stamp_millis};

pub(crate) use files::file;

/// What a route answers; a fault becomes the service's envelope.
type Outcome = Result<Reply, Fault>;

/// Serves one request whose token is checked.
pub(crate) fn serve(world: &World, call: &Call, tail: &[&str]) -> Reply {
    let mut company = world.company();
    if call.reads() {
        let outcome = read(&mut company, call, tail);
        return outcome.unwrap_or_else(|fault| refusal::service(&fault, world.now()));
    }
    let id = call.param("requestid");
    if id.is_some_and(|id| id.len() > LONGEST) {
        // The code is unverified.
        let fault =
            Fault::new("2050", "Invalid String", "String is either too short or too long").on("requestid");
        return refusal::service(&fault, world.now());
    }
    let before = company.position();
    let reply = once(&mut world.replays(), id, || {
        let outcome = write(&mut company, call, tail);
        outcome.unwrap_or_else(|fault| refusal::service(&fault, world.now()))
    });
    if company.position() != before {
        world.news.notify_waiters();
    }
    reply
}

fn read(company: &mut Company, call: &Call, tail: &[&str]) -> Outcome {
    match tail {
        ["query"] => query(company, call.param("query").unwrap_or_default()),
        ["cdc"] => {
            let (entities, since) = (call.param("entities"), call.param("changedSince"));
            let found = company.changed(entities.unwrap_or_default(), since.unwrap_or_default())?;
            Ok(enveloped(company, "CDCResponse", found))
        }
        ["reports", name] => {
            let report = company.report(name, |parameter| call.param(parameter))?;
            Ok(Reply::new(StatusCode::OK, Reply::JSON, report.to_string()))
        }
        ["download", id] => files::address(company, call, id),
        ["exchangerate"] => {
            let source =
                call.param("sourcecurrencycode").ok_or_else(|| Fault::required("sourcecurrencycode"))?;
            let rate = company.exchange_rate(source, call.param("asofdate"))?;
            Ok(enveloped(company, "ExchangeRate", rate))
        }
        [name @ ("preferences" | "companyinfo")] => row(company, call, name, "1"),
        [entity, id] => row(company, call, entity, id),
        [entity, id, "pdf"] => pdf::serve(company, entity, id),
        _ => Err(unsupported(call)),
    }
}

fn write(company: &mut Company, call: &Call, tail: &[&str]) -> Outcome {
    if call.method != Method::POST {
        return Err(unsupported(call));
    }
    match tail {
        ["query"] => query(company, &text(call)?),
        ["batch"] => {
            let answer = company.batch(&body(call)?)?;
            let answer = answer.into_object().unwrap_or_default();
            Ok(object(&answer.with("time", stamp_millis(company.now()))))
        }
        ["upload"] => files::upload(company, call),
        ["taxservice", "taxcode"] => {
            let answer = company.make_tax_code(&body(call)?)?;
            Ok(Reply::new(StatusCode::OK, Reply::JSON, answer.to_string()))
        }
        [entity, id, "send"] => {
            let sent = company.send(entity, id, call.param("sendTo"))?;
            Ok(enveloped(company, key(call, entity)?, sent))
        }
        [entity] => save(company, call, entity),
        _ => Err(unsupported(call)),
    }
}

/// A create, an update, a void or a delete, as `operation` and `include` say.
fn save(company: &mut Company, call: &Call, entity: &str) -> Outcome {
    let key = key(call, entity)?;
    let body = body(call)?;
    let operation = call.param("operation").unwrap_or("update");
    let row = match operation {
        "delete" => company.delete(entity, &body)?,
        "void" => company.void(entity, &body)?,
        "update" | "create" if includes(call, "void") => company.void(entity, &body)?,
        "update" | "create" => company.save(entity, &body)?,
        other => return Err(Fault::unsupported(other)),
    };
    Ok(enveloped(company, key, row))
}

fn row(company: &mut Company, call: &Call, entity: &str, id: &str) -> Outcome {
    let key = key(call, entity)?;
    let row = match key {
        "Invoice" if includes(call, "invoiceLink") => company.invoice_with_link(id)?,
        _ => company.read(entity, id)?,
    };
    Ok(enveloped(company, key, row))
}

fn query(company: &mut Company, statement: &str) -> Outcome {
    let found = company.query(statement)?;
    Ok(enveloped(company, "QueryResponse", found))
}

/// Whether `include` lists it.
fn includes(call: &Call, what: &str) -> bool {
    call.param("include").is_some_and(|list| list.split(',').any(|one| one.trim() == what))
}

/// The property that an entity's row is answered under.
fn key(call: &Call, entity: &str) -> Result<&'static str, Fault> {
    Company::key(entity).ok_or_else(|| unsupported(call))
}

fn unsupported(call: &Call) -> Fault {
    Fault::unsupported(format_args!("{} {}", call.method, call.path))
}

fn text(call: &Call) -> Result<String, Fault> {
    String::from_utf8(call.body.to_vec()).map_err(Fault::unreadable)
}

fn body(call: &Call) -> Result<Json, Fault> {
    Json::parse(&text(call)?).map_err(Fault::unreadable)
}

fn enveloped(company: &Company, key: &'static str, content: Json) -> Reply {
    object(&Object::new().with(key, content).with("time", stamp_millis(company.now())))
}

fn object(content: &Object) -> Reply {
    Reply::new(StatusCode::OK, Reply::JSON, content.to_string())
}

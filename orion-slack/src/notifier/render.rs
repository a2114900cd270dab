//! An incident as people see it.

use serde_json::{Value, json};

use super::{
    incident::{Incident, Phase},
    notice::{Severity, Topic},
};
use crate::poster::{Content, clip, date, escape, shortened};

/// What the button is told by.
pub(super) const ACKNOWLEDGE: &str = "orion.acknowledge";

/// A section's text may have 3,000 characters (docs, "Section block").
const SECTION: usize = 2_900;

/// How many incidents a digest names.
const NAMED: usize = 5;

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": clip(text, SECTION) } })
}

fn mark(incident: &Incident) -> &'static str {
    match (incident.phase, incident.topic, incident.severity) {
        (Phase::Ended(_), _, _) => ":white_check_mark:",
        (_, Topic::Status, _) => ":information_source:",
        (_, _, Severity::Critical) => ":rotating_light:",
        (_, _, Severity::Error) => ":red_circle:",
        (_, _, Severity::Warning) => ":warning:",
        (_, _, Severity::Info) => ":information_source:",
    }
}

fn content(head: &str, body: &str, foot: &[String], button: Option<Value>) -> Content {
    let body = if body.is_empty() { head.to_owned() } else { format!("{head}\n{body}") };
    let mut blocks = vec![section(&body)];
    if !foot.is_empty() {
        let foot = clip(&foot.join(" · "), SECTION);
        blocks.push(json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": foot }] }));
    }
    blocks.extend(button);
    Content { text: clip(head, SECTION), blocks }
}

pub(super) fn incident(incident: &Incident) -> Content {
    let ended = matches!(incident.phase, Phase::Ended(_));
    let state = if ended { "Resolved: " } else { "" };
    let head = format!("{} {state}*{}*", mark(incident), shortened(&incident.title, 300));
    let mut foot = Vec::new();
    if incident.topic != Topic::Status {
        if incident.count > 1 {
            foot.push(format!("{} times since {}", incident.count, date(incident.first)));
        }
        foot.push(format!("last {}", date(incident.last)));
        if incident.flaps > 1 {
            foot.push(format!("came back {} times", incident.flaps));
        }
        foot.extend(incident.acknowledged.as_ref().map(|by| format!("acknowledged by <@{}>", escape(by))));
    }
    foot.extend(incident.rerouted.as_ref().map(|from| format!("not deliverable to {}", shortened(from, 80))));
    let asks = incident.topic != Topic::Status && !ended && incident.acknowledged.is_none();
    let button = asks.then(|| {
        json!({ "type": "actions", "block_id": "orion.incident", "elements": [
            { "type": "button", "action_id": ACKNOWLEDGE, "value": incident.row,
              "text": { "type": "plain_text", "text": "Acknowledge" } } ] })
    });
    content(&head, &shortened(&incident.text, 2_000), &foot, button)
}

/// Many incidents in one message.
pub(super) fn digest(digest: &Incident, members: &[&Incident]) -> Content {
    let open = members.iter().filter(|one| one.is_open()).count();
    let head = match open {
        0 => format!(":white_check_mark: Resolved: *{} incidents at once*", members.len()),
        _ => format!(":rotating_light: *{} incidents at once*, {open} of them open", members.len()),
    };
    let mut worst: Vec<&&Incident> = members.iter().collect();
    worst.sort_by_key(|one| (!one.is_open(), std::cmp::Reverse((one.severity, one.count)), one.first));
    let line = |one: &&&Incident| format!("{} {} ({})", mark(one), shortened(&one.title, 200), one.count);
    let mut lines: Vec<String> = worst.iter().take(NAMED).map(line).collect();
    if let Some(more) = members.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.push(format!("and {more} more"));
    }
    content(&head, &lines.join("\n"), &[format!("last {}", date(digest.last))], None)
}

pub(super) fn reply(text: &str) -> Content {
    Content { text: clip(text, SECTION), blocks: vec![section(text)] }
}

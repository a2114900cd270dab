//! A request as people see it.

use serde_json::{Value, json};

use super::{
    policy::Choice,
    request::{Outcome, Reasons, Vote},
    state::{Reply, Run, State},
};
use crate::poster::{Content, clip, date, escape, shortened};

/// What the buttons and the modal are told by.
pub(crate) const APPROVE: &str = "orion.approve";
pub(crate) const REJECT: &str = "orion.reject";
pub(crate) const REASON: &str = "orion.reason";

/// A section's text may have 3,000 characters (docs, "Section block").
const SECTION: usize = 2_900;

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": clip(text, SECTION) } })
}

fn context(text: &str) -> Value {
    json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": clip(text, SECTION) }] })
}

pub(crate) fn content(state: &State) -> Content {
    let subject = shortened(&state.subject, 500);
    let mut body = format!("*{subject}*");
    for (label, value) in &state.details {
        body.push_str(&format!("\n*{}:* {}", shortened(label, 100), shortened(value, 500)));
    }
    let mut blocks = vec![section(&body)];
    if !state.votes.is_empty() {
        let votes: Vec<String> = state.votes.iter().map(line).collect();
        blocks.push(section(&votes.join("\n")));
    }
    let text = match &state.decision {
        Some(_) => {
            let verdict = verdict(state);
            blocks.push(section(&verdict));
            format!("{verdict}: {subject}")
        }
        None => {
            blocks.push(buttons(state));
            format!("Approval wanted: {subject}")
        }
    };
    blocks.push(context(&foot(state)));
    Content { text: clip(&text, SECTION), blocks }
}

fn line(vote: &Vote) -> String {
    let mark = match vote.choice {
        Choice::Approve => "✓ approved by",
        Choice::Reject => "✗ rejected by",
    };
    let reason = vote.reason.as_deref().map(|reason| format!(": {}", shortened(reason, 300)));
    format!("{mark} <@{}> {}{}", escape(&vote.user), date(vote.at), reason.unwrap_or_default())
}

fn verdict(state: &State) -> String {
    let outcome = match state.decision.as_ref().map(|decision| decision.outcome) {
        Some(Outcome::Approved) => "Approved",
        Some(Outcome::Rejected) => "Rejected",
        Some(Outcome::Expired) => "Expired, nobody decided in time",
        None => "Open",
    };
    let approved = state.decision.as_ref().is_some_and(super::Decision::is_approved);
    let effect = match state.effect.as_ref().filter(|_| approved).map(|effect| &effect.state) {
        None => String::new(),
        Some(Run::Waiting) => ", executing".to_owned(),
        Some(Run::Done) => ", done".to_owned(),
        Some(Run::Failed(why)) => format!(", failed: {}", shortened(why, 300)),
    };
    format!("{outcome}{effect}")
}

fn buttons(state: &State) -> Value {
    let button = |text: &str, style: &str, action: &str, token: &str| {
        json!({ "type": "button", "style": style, "action_id": action, "value": token,
                "text": { "type": "plain_text", "text": text } })
    };
    json!({ "type": "actions", "block_id": "orion.approval", "elements": [
        button("Approve", "primary", APPROVE, &state.approve), button("Reject", "danger", REJECT, &state.reject),
    ]})
}

fn foot(state: &State) -> String {
    let mut parts = vec![state.policy.to_string()];
    if state.decision.is_none() && state.policy.stages().len() > 1 {
        parts.push(format!("stage {} of {}", state.stage + 1, state.policy.stages().len()));
    }
    parts.extend(state.requester.as_ref().map(|user| format!("requested by <@{}>", escape(user))));
    if state.decision.is_none() {
        parts.push(format!("until {}", date(state.expires)));
    }
    parts.push(format!("request {}", clip(&state.id, 9)));
    parts.join(" · ")
}

/// Calls on those who have not answered.
pub(crate) fn reminder(state: &State) -> Content {
    let stage = state.stage;
    let answered = |user: &String| state.votes.iter().any(|vote| vote.stage == stage && vote.user == *user);
    let deciders = state.current().map(|stage| stage.deciders.as_slice()).unwrap_or_default();
    let wanted = deciders.iter().filter(|user| !answered(user) && state.requester.as_ref() != Some(user));
    let wanted: Vec<String> = wanted
        .map(|who| match who.starts_with('S') {
            true => format!("<!subteam^{}>", escape(who)),
            false => format!("<@{}>", escape(who)),
        })
        .collect();
    let text = format!(
        "{} this waits for an answer until {}: {}",
        wanted.join(" "),
        date(state.expires),
        shortened(&state.subject, 300)
    );
    Content { blocks: vec![section(&text)], text: clip(&text, SECTION) }
}

/// What the one who clicked is told, if anything.
pub(crate) fn answer(reply: &Reply) -> Option<String> {
    match reply {
        Reply::Counted | Reply::Again => None,
        Reply::NotYours => Some("You are not among those who may decide this.".to_owned()),
        Reply::Late(outcome) => Some(match outcome {
            Some(Outcome::Approved) => "This is decided already: approved.".to_owned(),
            Some(Outcome::Rejected) => "This is decided already: rejected.".to_owned(),
            Some(Outcome::Expired) | None => "The time to decide this is over.".to_owned(),
        }),
    }
}

/// Asks for the reason of a refusal. The channel is where the answer to a late one goes.
pub(crate) fn modal(state: &State, channel: &str) -> Value {
    let optional = state.reasons != Reasons::Required;
    json!({
        "type": "modal", "callback_id": REASON, "private_metadata": format!("{} {channel}", state.reject),
        "title": { "type": "plain_text", "text": "Reject" },
        "submit": { "type": "plain_text", "text": "Reject" },
        "close": { "type": "plain_text", "text": "Cancel" },
        "blocks": [
            section(&format!("*{}*", shortened(&state.subject, 500))),
            { "type": "input", "block_id": "reason", "optional": optional,
              "label": { "type": "plain_text", "text": "Reason" },
              "element": { "type": "plain_text_input", "action_id": "text", "multiline": true, "max_length": 1000 } },
        ],
    })
}

//! Block Kit as the vendor checks it: what is wrong, and where.
//!
//! Limits are those of the Block Kit reference and of the vendor's own validators (slack_sdk 3.47, @slack/types), in which
//! they agree; where they do not, the looser one holds. The wording follows messages seen in public issues, such as
//! `must be less than 3001 characters [json-pointer:/blocks/1/text/text]`; wordings without an example are unverified.

mod check;
mod elements;
mod kinds;

use serde_json::Value;

use super::store::ids::Ids;
use super::store::refusal::Refusal;
use check::Check;

/// What the blocks are a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    Message,
    Modal,
    Home,
}

/// Refuses the blocks of a message that the vendor would refuse.
pub(crate) fn check_message(blocks: &Value) -> Result<(), Refusal> {
    let Some(items) = blocks.as_array() else {
        return Err(Refusal::from("invalid_blocks_format"));
    };
    let mut check = Check::new(Surface::Message);
    check.blocks("/blocks", items, 50);
    let errors = check.into_errors();
    if errors.is_empty() {
        return Ok(());
    }
    Err(Refusal::from("invalid_blocks").because(&errors).with("errors", errors))
}

/// Refuses a view that the vendor would refuse.
pub(crate) fn check_view(view: &Value) -> Result<(), Refusal> {
    let surface = match view["type"].as_str() {
        Some("modal") => Surface::Modal,
        Some("home") => Surface::Home,
        Some(_) => return Err(invalid(&["unsupported type [json-pointer:/view/type]".to_owned()])),
        None => return Err(invalid(&["missing required field: type [json-pointer:/view]".to_owned()])),
    };
    let mut check = Check::new(surface);
    check.view(view);
    let errors = check.into_errors();
    if errors.is_empty() { Ok(()) } else { Err(invalid(&errors)) }
}

fn invalid(errors: &[String]) -> Refusal {
    Refusal::from("invalid_arguments").because(errors)
}

/// The blocks with an id for each that has none, as the vendor gives them.
pub(crate) fn identified(mut blocks: Value, ids: &mut Ids) -> Value {
    for block in blocks.as_array_mut().into_iter().flatten() {
        if block["block_id"].as_str().is_none_or(str::is_empty) {
            block["block_id"] = ids.secret(5).into();
        }
        for key in ["elements", "accessory", "element"] {
            match block.get_mut(key) {
                Some(Value::Array(elements)) => elements.iter_mut().for_each(|element| act(element, ids)),
                Some(element) => act(element, ids),
                None => {}
            }
        }
    }
    blocks
}

/// Gives an interactive element its `action_id`.
fn act(element: &mut Value, ids: &mut Ids) {
    let kind = element["type"].as_str().unwrap_or_default();
    if elements::is_interactive(kind) && element["action_id"].as_str().is_none_or(str::is_empty) {
        element["action_id"] = ids.secret(5).into();
    }
}

/// The characters of all text in the blocks.
pub(crate) fn text_length(blocks: &Value) -> usize {
    match blocks {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) if key == "text" => text.chars().count(),
                Value::Array(_) | Value::Object(_) => text_length(value),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
            })
            .sum(),
        Value::Array(items) => items.iter().map(text_length).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn errors(blocks: &Value) -> Vec<String> {
        let Err(why) = check_message(blocks) else { return Vec::new() };
        assert_eq!(why.code, "invalid_blocks");
        why.extra["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error.as_str().unwrap().to_owned())
            .collect()
    }

    fn plain(length: usize) -> Value {
        json!({ "type": "plain_text", "text": "x".repeat(length) })
    }

    #[test]
    fn each_limit_is_named_with_where_it_was_passed() {
        let section = |length: usize| json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "x".repeat(length) } }]);
        assert_eq!(errors(&section(3_000)), [""; 0]);
        assert_eq!(
            errors(&section(3_001)),
            ["must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]
        );
        assert_eq!(
            errors(&section(0)),
            ["must be more than 0 characters [json-pointer:/blocks/0/text/text]"]
        );
        let header = json!([{ "type": "divider" }, { "type": "header", "text": plain(151) }]);
        assert_eq!(errors(&header), ["must be less than 151 characters [json-pointer:/blocks/1/text/text]"]);
        let button = json!({ "type": "button", "text": plain(76), "value": "v" });
        let actions = json!([{ "type": "actions", "elements": [button] }]);
        assert_eq!(
            errors(&actions),
            ["must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"]
        );
        let many: Vec<Value> = (0..51).map(|_| json!({ "type": "divider" })).collect();
        assert_eq!(errors(&many.into()), ["no more than 50 items allowed [json-pointer:/blocks]"]);
    }

    #[test]
    fn what_is_unknown_missing_or_twice_is_refused() {
        assert_eq!(
            errors(&json!([{ "type": "sparkle" }])),
            ["unsupported type: sparkle [json-pointer:/blocks/0/type]"]
        );
        assert_eq!(errors(&json!([{}])), ["missing required field: type [json-pointer:/blocks/0]"]);
        assert_eq!(
            errors(&json!([{ "type": "header" }])),
            ["missing required field: text [json-pointer:/blocks/0]"]
        );
        let twice = json!([{ "type": "divider", "block_id": "a" }, { "type": "divider", "block_id": "a" }]);
        assert_eq!(errors(&twice), ["`block_id` a already exists [json-pointer:/blocks/1/block_id]"]);
        assert_eq!(check_message(&json!("text")).unwrap_err().code, "invalid_blocks_format");
    }

    #[test]
    fn a_view_needs_a_title_and_a_submit_for_its_inputs() {
        let input = json!({ "type": "input", "label": plain(5), "element": { "type": "plain_text_input" } });
        let view = |view: Value| {
            check_view(&view).map_err(|why| why.extra["response_metadata"]["messages"][0].clone())
        };
        assert_eq!(
            view(json!({ "type": "modal", "title": plain(5), "submit": plain(2), "blocks": [input] })),
            Ok(())
        );
        assert_eq!(
            view(json!({ "type": "modal", "title": plain(25), "blocks": [] })),
            Err("[ERROR] must be less than 25 characters [json-pointer:/view/title/text]".into())
        );
        assert_eq!(
            view(json!({ "type": "modal", "title": plain(5), "blocks": [input] })),
            Err("[ERROR] missing required field: submit [json-pointer:/view]".into())
        );
        assert!(view(json!({ "type": "modal", "blocks": [] })).is_err());
        assert_eq!(view(json!({ "type": "home", "blocks": [] })), Ok(()));
    }

    #[test]
    fn blocks_and_their_elements_get_ids() {
        let blocks = json!([{ "type": "actions", "elements": [{ "type": "button", "text": plain(2) }] }]);
        let blocks = identified(blocks, &mut Ids::new(1));
        assert_eq!(blocks[0]["block_id"].as_str().map(str::len), Some(5));
        assert_eq!(blocks[0]["elements"][0]["action_id"].as_str().map(str::len), Some(5));
    }
}

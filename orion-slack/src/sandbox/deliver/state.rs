//! What a member chose, as payloads carry it for each kind of element.

use serde_json::{Map, Value, json};

/// The fields that carry the choice: `value`, `selected_option` and so on. A choice without a value takes what the element
/// offers first, as a click does.
pub(super) fn chosen(element: &Value, choice: &Value) -> Result<Value, String> {
    let kind = element["type"].as_str().unwrap_or_default();
    Ok(match kind {
        "button" | "workflow_button" => {
            let value = if choice.is_null() { &element["value"] } else { choice };
            if value.is_null() { json!({}) } else { json!({ "value": value }) }
        }
        "static_select" | "radio_buttons" | "overflow" | "external_select" => {
            json!({ "selected_option": option(element, choice)? })
        }
        "multi_static_select" | "checkboxes" | "multi_external_select" => {
            let options: Result<Vec<Value>, String> =
                list(choice).into_iter().map(|one| option(element, one)).collect();
            json!({ "selected_options": options? })
        }
        "users_select" => json!({ "selected_user": choice }),
        "conversations_select" => json!({ "selected_conversation": choice }),
        "channels_select" => json!({ "selected_channel": choice }),
        "multi_users_select" => json!({ "selected_users": list(choice) }),
        "multi_conversations_select" => json!({ "selected_conversations": list(choice) }),
        "multi_channels_select" => json!({ "selected_channels": list(choice) }),
        "datepicker" => json!({ "selected_date": choice }),
        "timepicker" => json!({ "selected_time": choice }),
        "datetimepicker" => json!({ "selected_date_time": choice }),
        "rich_text_input" => json!({ "rich_text_value": choice }),
        "file_input" => json!({ "files": choice }),
        _ => json!({ "value": choice }),
    })
}

fn list(choice: &Value) -> Vec<&Value> {
    match choice {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// The option with that value; of an external select, whatever the app offered.
fn option(element: &Value, choice: &Value) -> Result<Value, String> {
    if choice.is_object() {
        return Ok(choice.clone());
    }
    let groups = element["option_groups"].as_array().into_iter().flatten();
    let grouped = groups.filter_map(|group| group["options"].as_array()).flatten();
    let mut options = element["options"].as_array().into_iter().flatten().chain(grouped);
    if element["type"].as_str().is_some_and(|kind| kind.contains("external")) {
        return Ok(json!({ "text": { "type": "plain_text", "text": choice }, "value": choice }));
    }
    let found = options.find(|option| choice.is_null() || option["value"] == *choice);
    found.cloned().ok_or_else(|| format!("{choice} is none of the options"))
}

/// `state.values` of a view: each input, with what the order gives for it by block and action, or by action alone.
pub(super) fn values(blocks: &Value, given: &Value) -> Result<Value, String> {
    let mut values = Map::new();
    for block in blocks.as_array().into_iter().flatten() {
        let inputs = block.get("element").into_iter();
        let inputs =
            inputs.chain(block.get("accessory")).chain(block["elements"].as_array().into_iter().flatten());
        for element in inputs {
            let (Some(block_id), Some(action_id)) =
                (block["block_id"].as_str(), element["action_id"].as_str())
            else {
                continue;
            };
            let kind = element["type"].as_str().unwrap_or_default();
            if kind == "button" || kind == "overflow" {
                continue;
            }
            let choice = match &given[block_id] {
                Value::Object(actions) => actions.get(action_id).cloned().unwrap_or_default(),
                Value::Null => given.get(action_id).cloned().unwrap_or_default(),
                bare => bare.clone(),
            };
            let value = valued(element, kind, choice)?;
            let place = values.entry(block_id).or_insert_with(|| json!({}));
            place[action_id] = value;
        }
    }
    Ok(Value::Object(values))
}

fn valued(element: &Value, kind: &str, choice: Value) -> Result<Value, String> {
    if choice["type"].is_string() {
        return Ok(choice);
    }
    let mut value = match (&choice, kind) {
        (Value::Null, "static_select" | "radio_buttons" | "external_select") => {
            json!({ "selected_option": element["initial_option"] })
        }
        (Value::Null, "plain_text_input") => json!({ "value": element["initial_value"] }),
        _ => chosen(element, &choice)?,
    };
    value["type"] = kind.into();
    Ok(value)
}

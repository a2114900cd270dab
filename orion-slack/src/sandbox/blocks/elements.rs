//! Interactive elements and what they are made of.

use serde_json::Value;

use super::check::Check;

/// What an `actions` block may hold.
pub(super) const IN_ACTIONS: &[&str] = &[
    "button",
    "checkboxes",
    "datepicker",
    "datetimepicker",
    "timepicker",
    "radio_buttons",
    "overflow",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
    "rich_text_input",
    "workflow_button",
];

/// What may stand beside a section's text.
pub(super) const AS_ACCESSORY: &[&str] = &[
    "button",
    "checkboxes",
    "datepicker",
    "timepicker",
    "radio_buttons",
    "overflow",
    "image",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
    "workflow_button",
];

/// What an `input` block may ask with.
pub(super) const IN_INPUT: &[&str] = &[
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "checkboxes",
    "datepicker",
    "datetimepicker",
    "timepicker",
    "radio_buttons",
    "rich_text_input",
    "file_input",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
];

/// Whether a member can act on it.
pub(super) fn is_interactive(kind: &str) -> bool {
    kind != "image" && [IN_ACTIONS, AS_ACCESSORY, IN_INPUT].iter().any(|known| known.contains(&kind))
}

impl Check {
    /// One element, of a kind that is allowed here.
    pub(super) fn element(&mut self, at: &str, element: &Value, allowed: &[&str]) {
        let Some(kind) = element["type"].as_str() else {
            self.wrong(at, "missing required field: type");
            return;
        };
        if !allowed.contains(&kind) {
            self.wrong(&format!("{at}/type"), format!("unsupported type: {kind}"));
            return;
        }
        self.optional(at, element, "action_id", 255);
        self.optional_text(at, element, "placeholder", true, 150);
        if let Some(confirm) = element.get("confirm").filter(|confirm| !confirm.is_null()) {
            self.confirm(&format!("{at}/confirm"), confirm);
        }
        match kind {
            "button" => self.button(at, element),
            "image" => self.string(at, element, "alt_text", 2_000),
            "overflow" => self.options(at, element, 1, 5),
            "checkboxes" | "radio_buttons" => self.options(at, element, 1, 10),
            "static_select" | "multi_static_select" => self.select(at, element),
            "plain_text_input" => self.plain_text_input(at, element),
            "number_input" => self.number_input(at, element),
            _ => {}
        }
    }

    fn button(&mut self, at: &str, element: &Value) {
        self.text(at, element, "text", true, 75);
        self.optional(at, element, "value", 2_000);
        self.optional(at, element, "url", 3_000);
        self.optional(at, element, "accessibility_label", 75);
        if let Some(style) = element["style"].as_str().filter(|style| !matches!(*style, "primary" | "danger"))
        {
            self.wrong(&format!("{at}/style"), format!("invalid value: {style}"));
        }
    }

    fn select(&mut self, at: &str, element: &Value) {
        if element["option_groups"].is_null() {
            return self.options(at, element, 1, 100);
        }
        for (number, group) in self.items(at, element, "option_groups", 1, 100).iter().enumerate() {
            let at = format!("{at}/option_groups/{number}");
            self.text(&at, group, "label", true, 75);
            self.options(&at, group, 1, 100);
        }
    }

    fn options(&mut self, at: &str, element: &Value, least: usize, most: usize) {
        let options = self.items(at, element, "options", least, most);
        for (number, option) in options.iter().enumerate() {
            let at = format!("{at}/options/{number}");
            self.text(&at, option, "text", false, 75);
            self.string(&at, option, "value", 150);
            self.optional_text(&at, option, "description", false, 75);
            self.optional(&at, option, "url", 3_000);
        }
        let initial = &element["initial_option"];
        let known = |initial: &Value| options.iter().any(|option| option["value"] == initial["value"]);
        if !initial.is_null() && !options.is_empty() && !known(initial) {
            self.wrong(&format!("{at}/initial_option"), "must be one of the options");
        }
    }

    fn number_input(&mut self, at: &str, element: &Value) {
        if self.needed(at, element, "is_decimal_allowed").is_some_and(|flag| !flag.is_boolean()) {
            self.wrong(&format!("{at}/is_decimal_allowed"), "must be a boolean");
        }
    }

    fn plain_text_input(&mut self, at: &str, element: &Value) {
        for field in ["min_length", "max_length"] {
            let value = element[field].as_i64();
            if value.is_some_and(|value| !(0..=3_000).contains(&value)) {
                self.wrong(&format!("{at}/{field}"), "must be less than 3001");
            }
        }
        self.optional(at, element, "initial_value", 3_000);
    }

    fn confirm(&mut self, at: &str, confirm: &Value) {
        self.text(at, confirm, "title", true, 100);
        self.text(at, confirm, "text", false, 300);
        self.text(at, confirm, "confirm", true, 30);
        self.text(at, confirm, "deny", true, 30);
    }
}

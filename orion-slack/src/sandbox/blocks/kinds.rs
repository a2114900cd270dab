//! Each kind of block, and views.

use serde_json::Value;

use super::Surface;
use super::check::Check;
use super::elements;

/// Kinds whose inside is not checked: rich text is free in form, the others are rare.
const UNCHECKED: [&str; 7] = ["rich_text", "call", "task_card", "plan", "card", "carousel", "alert"];

impl Check {
    /// A list of blocks.
    pub(super) fn blocks(&mut self, at: &str, blocks: &[Value], most: usize) {
        self.count(at, blocks.len(), 0, most);
        for (number, block) in blocks.iter().enumerate() {
            self.block(&format!("{at}/{number}"), block);
        }
    }

    fn block(&mut self, at: &str, block: &Value) {
        let Some(kind) = block["type"].as_str() else {
            self.wrong(at, "missing required field: type");
            return;
        };
        self.optional(at, block, "block_id", 255);
        if let Some(id) = block["block_id"].as_str().filter(|id| !id.is_empty())
            && !self.block_ids.insert(id.to_owned())
        {
            self.wrong(&format!("{at}/block_id"), format!("`block_id` {id} already exists"));
        }
        match kind {
            "section" => self.section(at, block),
            "divider" => {}
            "header" => self.text(at, block, "text", true, 150),
            "image" => self.image(at, block),
            "actions" => self.actions(at, block, elements::IN_ACTIONS, 25),
            "context" => self.context(at, block),
            "context_actions" => self.actions(at, block, &["feedback_buttons", "icon_button"], 5),
            "input" => self.input(at, block),
            "markdown" => self.string(at, block, "text", 12_000),
            "video" => self.video(at, block),
            "file" => self.string(at, block, "external_id", 255),
            "table" => self.table(at, block),
            other if UNCHECKED.contains(&other) => {}
            other => self.wrong(&format!("{at}/type"), format!("unsupported type: {other}")),
        }
    }

    fn section(&mut self, at: &str, block: &Value) {
        let fields = block.get("fields").filter(|fields| !fields.is_null());
        if fields.is_none() {
            self.text(at, block, "text", false, 3_000);
        } else {
            self.optional_text(at, block, "text", false, 3_000);
            for (number, field) in self.items(at, block, "fields", 1, 10).iter().enumerate() {
                self.text_object(&format!("{at}/fields/{number}"), field, false, 2_000);
            }
        }
        if let Some(accessory) = block.get("accessory").filter(|accessory| !accessory.is_null()) {
            self.element(&format!("{at}/accessory"), accessory, elements::AS_ACCESSORY);
        }
    }

    fn image(&mut self, at: &str, block: &Value) {
        self.string(at, block, "alt_text", 2_000);
        if block["slack_file"].is_null() {
            self.string(at, block, "image_url", 3_000);
        }
        self.optional_text(at, block, "title", true, 2_000);
    }

    fn actions(&mut self, at: &str, block: &Value, allowed: &[&str], most: usize) {
        let mut seen = Vec::new();
        for (number, element) in self.items(at, block, "elements", 1, most).iter().enumerate() {
            let at = format!("{at}/elements/{number}");
            self.element(&at, element, allowed);
            if let Some(id) = element["action_id"].as_str().filter(|id| !id.is_empty()) {
                if seen.contains(&id) {
                    self.wrong(&format!("{at}/action_id"), format!("`action_id` {id} already exists"));
                }
                seen.push(id);
            }
        }
    }

    fn context(&mut self, at: &str, block: &Value) {
        for (number, element) in self.items(at, block, "elements", 1, 10).iter().enumerate() {
            let at = format!("{at}/elements/{number}");
            match element["type"].as_str() {
                Some("image") => self.image(&at, element),
                _ => self.text_object(&at, element, false, 3_000),
            }
        }
    }

    fn input(&mut self, at: &str, block: &Value) {
        self.text(at, block, "label", true, 2_000);
        self.optional_text(at, block, "hint", true, 2_000);
        if let Some(element) = self.needed(at, block, "element") {
            self.element(&format!("{at}/element"), element, elements::IN_INPUT);
        }
    }

    fn video(&mut self, at: &str, block: &Value) {
        self.string(at, block, "alt_text", 2_000);
        self.string(at, block, "video_url", 3_000);
        self.string(at, block, "thumbnail_url", 3_000);
        self.text(at, block, "title", true, 200);
        self.optional(at, block, "author_name", 50);
    }

    fn table(&mut self, at: &str, block: &Value) {
        for (number, row) in self.items(at, block, "rows", 1, 100).iter().enumerate() {
            let cells = row.as_array().map_or(0, Vec::len);
            self.count(&format!("{at}/rows/{number}"), cells, 1, 20);
        }
    }

    /// A modal or a home tab.
    pub(super) fn view(&mut self, view: &Value) {
        let at = "/view";
        self.optional(at, view, "callback_id", 255);
        self.optional(at, view, "external_id", 255);
        self.optional(at, view, "private_metadata", 3_000);
        if self.surface == Surface::Modal {
            self.text(at, view, "title", true, 24);
            self.optional_text(at, view, "submit", true, 24);
            self.optional_text(at, view, "close", true, 24);
        }
        let blocks = self.items(at, view, "blocks", 0, 100);
        for (number, block) in blocks.iter().enumerate() {
            self.block(&format!("{at}/blocks/{number}"), block);
        }
        let asks = blocks.iter().any(|block| block["type"] == "input");
        if self.surface == Surface::Modal && asks && view["submit"].is_null() {
            self.wrong(at, "missing required field: submit");
        }
    }
}

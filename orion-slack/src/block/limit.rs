//! Slack's limits, and where blocks are over them.

use std::collections::HashSet;

use super::{Block, Button, Choice, Element, Input, Section, Select, Surface, Text};

/// Where blocks are over a limit, and which.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    found: Vec<(String, String)>,
    /// The names of blocks, and of the elements of one block, have to differ.
    names: HashSet<String>,
    markdown: usize,
}

impl Findings {
    pub(crate) fn into_inner(self) -> Vec<(String, String)> {
        self.found
    }

    fn add(&mut self, at: &str, what: impl Into<String>) {
        self.found.push((at.to_owned(), what.into()));
    }

    /// Characters, as Slack counts them.
    fn chars(&mut self, at: &str, text: &str, least: usize, most: usize) {
        let chars = text.chars().count();
        if chars > most {
            self.add(at, format!("has {chars} characters, {most} are allowed"));
        } else if chars < least {
            self.add(at, "is empty");
        }
    }

    fn text(&mut self, at: &str, text: &Text, most: usize) {
        self.chars(&format!("{at}/text"), &text.text, 1, most);
    }

    fn text_opt(&mut self, at: &str, text: Option<&Text>, most: usize) {
        text.into_iter().for_each(|text| self.text(at, text, most));
    }

    fn count(&mut self, at: &str, count: usize, least: usize, most: usize) {
        if count > most {
            self.add(at, format!("holds {count}, {most} are allowed"));
        } else if count < least {
            self.add(at, format!("holds {count}, {least} are needed"));
        }
    }

    fn name(&mut self, at: &str, within: &str, name: &str) {
        self.chars(at, name, 1, 255);
        if !self.names.insert(format!("{within}\u{0}{name}")) {
            self.add(at, "is used twice");
        }
    }

    pub(crate) fn blocks(&mut self, blocks: &[Block], surface: Surface) {
        let most = if surface == Surface::Message { 50 } else { 100 };
        self.count("/blocks", blocks.len(), 0, most);
        for (index, block) in blocks.iter().enumerate() {
            let at = format!("/blocks/{index}");
            self.block(&at, block);
        }
        if self.markdown > 12_000 {
            self.add("/blocks", format!("hold {} characters of Markdown, 12000 are allowed", self.markdown));
        }
    }

    fn block(&mut self, at: &str, block: &Block) {
        match block {
            Block::Section(section) => self.section(at, section),
            Block::Header(header) => self.text(&format!("{at}/text"), &header.text, 150),
            Block::Context(context) => {
                self.count(&format!("{at}/elements"), context.elements.len(), 1, 10);
                for (index, text) in context.elements.iter().enumerate() {
                    self.text(&format!("{at}/elements/{index}"), text, 3_000);
                }
            }
            Block::Actions(actions) => {
                if let Some(id) = &actions.block_id {
                    self.name(&format!("{at}/block_id"), "", id);
                }
                self.count(&format!("{at}/elements"), actions.elements.len(), 1, 25);
                for (index, element) in actions.elements.iter().enumerate() {
                    self.element(&format!("{at}/elements/{index}"), at, element);
                }
            }
            Block::Image(image) => {
                self.chars(&format!("{at}/image_url"), &image.image_url, 1, 3_000);
                self.chars(&format!("{at}/alt_text"), &image.alt_text, 1, 2_000);
                self.text_opt(&format!("{at}/title"), image.title.as_ref(), 2_000);
            }
            Block::Input(input) => self.input(at, input),
            Block::Markdown(markdown) => {
                self.chars(&format!("{at}/text"), &markdown.text, 1, 12_000);
                self.markdown += markdown.text.chars().count();
            }
            Block::Divider(_) | Block::Other(_) => {}
        }
    }

    fn section(&mut self, at: &str, section: &Section) {
        if let Some(id) = &section.block_id {
            self.name(&format!("{at}/block_id"), "", id);
        }
        self.text_opt(&format!("{at}/text"), section.text.as_ref(), 3_000);
        self.count(&format!("{at}/fields"), section.fields.len(), 0, 10);
        for (index, field) in section.fields.iter().enumerate() {
            self.text(&format!("{at}/fields/{index}"), field, 2_000);
        }
        if let Some(element) = &section.accessory {
            self.element(&format!("{at}/accessory"), at, element);
        }
    }

    fn input(&mut self, at: &str, input: &Input) {
        self.name(&format!("{at}/block_id"), "", &input.block_id);
        self.text(&format!("{at}/label"), &input.label, 2_000);
        self.text_opt(&format!("{at}/hint"), input.hint.as_ref(), 2_000);
        self.element(&format!("{at}/element"), at, &input.element);
    }

    fn element(&mut self, at: &str, within: &str, element: &Element) {
        match element {
            Element::Button(button) => self.button(at, within, button),
            Element::Select(select) => self.select(at, within, select),
            Element::Other(_) => {}
        }
    }

    fn button(&mut self, at: &str, within: &str, button: &Button) {
        self.name(&format!("{at}/action_id"), within, &button.action_id);
        self.text(&format!("{at}/text"), &button.text, 75);
        if let Some(value) = &button.value {
            self.chars(&format!("{at}/value"), value, 0, 2_000);
        }
        if let Some(url) = &button.url {
            self.chars(&format!("{at}/url"), url, 1, 3_000);
        }
        if let Some(confirm) = &button.confirm {
            let at = format!("{at}/confirm");
            self.text(&format!("{at}/title"), &confirm.title, 100);
            self.text(&format!("{at}/text"), &confirm.text, 300);
            self.text(&format!("{at}/confirm"), &confirm.confirm, 30);
            self.text(&format!("{at}/deny"), &confirm.deny, 30);
        }
    }

    fn select(&mut self, at: &str, within: &str, select: &Select) {
        self.name(&format!("{at}/action_id"), within, &select.action_id);
        self.text_opt(&format!("{at}/placeholder"), select.placeholder.as_ref(), 150);
        if select.max_length.is_some_and(|most| !(1..=3_000).contains(&most)) {
            self.add(&format!("{at}/max_length"), "has to be from 1 to 3000");
        }
        if let Some(text) = &select.initial_value {
            self.chars(&format!("{at}/initial_value"), text, 0, 3_000);
        }
        let most = match select.kind {
            "overflow" => 5,
            "checkboxes" | "radio_buttons" => 10,
            _ => 100,
        };
        if let Some(options) = &select.options {
            self.count(&format!("{at}/options"), options.len(), 1, most);
            for (index, option) in options.iter().enumerate() {
                self.choice(&format!("{at}/options/{index}"), option);
            }
        }
    }

    /// The docs say 75 and Slack's own client for Python lets 150 through.
    fn choice(&mut self, at: &str, choice: &Choice) {
        self.text(&format!("{at}/text"), &choice.text, 75);
        self.chars(&format!("{at}/value"), &choice.value, 1, 75);
        self.text_opt(&format!("{at}/description"), choice.description.as_ref(), 75);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{
        actions, button, check, choice, confirm, context, divider, header, image, markdown, multi_select,
        overflow, section, select, text_input,
    };
    use super::*;

    fn places(blocks: &[Block], surface: Surface) -> Vec<String> {
        let error = check(blocks, surface).err();
        error.map_or_else(Vec::new, |error| {
            error.fault().unwrap().fields.iter().map(|at| at.to_string()).collect()
        })
    }

    fn place(block: impl Into<Block>) -> Vec<String> {
        places(&[block.into()], Surface::Message)
    }

    #[test]
    fn blocks_are_written_as_slack_documents_them() {
        let blocks: Vec<Block> = vec![
            header("Deploy").into(),
            section("*api*")
                .id("s")
                .field("by <@U1>")
                .accessory(overflow("more", [choice("1", "One")]))
                .into(),
            divider().into(),
            actions([button("yes", "Yes")
                .value("v")
                .primary()
                .confirm(confirm("Sure?", "Really?", "Yes", "No"))])
            .into(),
            Input::new("why", "Why?", text_input("text").multiline().max_length(200)).optional().into(),
        ];
        assert!(check(&blocks, Surface::Modal).is_ok());
        let plain = |text: &str| json!({"type": "plain_text", "text": text});
        let written = json!([
            {"type": "header", "text": plain("Deploy")},
            {"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": "*api*"},
             "fields": [{"type": "mrkdwn", "text": "by <@U1>"}],
             "accessory": {"type": "overflow", "action_id": "more", "options": [{"text": plain("One"), "value": "1"}]}},
            {"type": "divider"},
            {"type": "actions", "elements": [{"type": "button", "action_id": "yes", "text": plain("Yes"), "value": "v", "style": "primary",
             "confirm": {"title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")}}]},
            {"type": "input", "block_id": "why", "label": plain("Why?"), "optional": true,
             "element": {"type": "plain_text_input", "action_id": "text", "multiline": true, "max_length": 200}},
        ]);
        assert_eq!(serde_json::to_value(&blocks).unwrap(), written);
    }

    #[test]
    fn each_limit_is_kept_and_the_place_is_named() {
        let long = |chars: usize| "é".repeat(chars);
        assert!(place(section(long(3_000))).is_empty());
        assert_eq!(place(section(long(3_001))), ["/blocks/0/text/text"]);
        assert_eq!(place(section("")), ["/blocks/0/text/text"]);
        assert_eq!(place(header(long(151))), ["/blocks/0/text/text"]);
        assert_eq!(place(section("x").field(long(2_001))), ["/blocks/0/fields/0/text"]);
        assert_eq!(place((0..11).fold(section("x"), |section, _| section.field("f"))), ["/blocks/0/fields"]);
        assert_eq!(place(context(vec!["x"; 11])), ["/blocks/0/elements"]);
        assert_eq!(place(actions((0..26).map(|n| button(n.to_string(), "x")))), ["/blocks/0/elements"]);
        assert_eq!(place(actions([button("a", long(76))])), ["/blocks/0/elements/0/text/text"]);
        assert_eq!(place(actions([button("a", "x").value(long(2_001))])), ["/blocks/0/elements/0/value"]);
        assert_eq!(place(section("x").id(long(256))), ["/blocks/0/block_id"]);
        assert_eq!(place(image("https://x.test", "")), ["/blocks/0/alt_text"]);
        assert_eq!(place(markdown(long(12_001))).len(), 2);
        let many = |count: usize| (0..count).map(|n| choice(n.to_string(), "x")).collect::<Vec<_>>();
        assert!(place(actions([select("a", many(100)), multi_select("b", many(1))])).is_empty());
        assert_eq!(place(actions([select("a", many(101))])), ["/blocks/0/elements/0/options"]);
        assert_eq!(place(actions([overflow("a", many(6))])), ["/blocks/0/elements/0/options"]);
        assert_eq!(
            place(actions([select("a", [choice(long(76), "x")])])),
            ["/blocks/0/elements/0/options/0/value"]
        );
        let sure = button("a", "x").confirm(confirm(long(101), "x", long(31), "x"));
        assert_eq!(place(actions([sure])).len(), 2);
    }

    #[test]
    fn names_are_used_once_and_blocks_counted_by_surface() {
        let twice: Vec<Block> = vec![section("a").id("s").into(), section("b").id("s").into()];
        assert_eq!(places(&twice, Surface::Message), ["/blocks/1/block_id"]);
        assert_eq!(place(actions([button("a", "x"), button("a", "y")])), ["/blocks/0/elements/1/action_id"]);
        let elsewhere: Vec<Block> =
            vec![actions([button("a", "x")]).into(), actions([button("a", "y")]).into()];
        assert!(places(&elsewhere, Surface::Message).is_empty());
        let many = vec![Block::from(divider()); 51];
        assert_eq!(places(&many, Surface::Message), ["/blocks"]);
        assert!(
            places(&many, Surface::Modal).is_empty()
                && places(&vec![divider().into(); 101], Surface::Home).len() == 1
        );
    }
}

//! What a message says: text, markdown, blocks, attachments and metadata, each with its limits.

use serde_json::Value;

use super::super::super::blocks;
use super::super::super::store::refusal::Refusal;
use super::super::Ask;

/// Longer text is cut (Slack docs, truncating content).
const TEXT_CUT: usize = 40_000;
const MARKDOWN_MOST: usize = 12_000;
/// All text of all blocks together (bolt-js issue 2509: about 13,200; not documented).
const BLOCKS_TEXT_MOST: usize = 13_200;
const ATTACHMENTS_MOST: usize = 100;
/// 16 KB is not documented; larger metadata was seen refused (unverified).
const METADATA_MOST: usize = 16 * 1024;

/// The content that a call brings.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) text: Option<String>,
    pub(crate) blocks: Option<Value>,
    pub(crate) attachments: Option<Value>,
    pub(crate) metadata: Option<Value>,
    pub(crate) warning: Option<&'static str>,
}

impl Content {
    /// Reads and checks what the call brings; none of it has to be there.
    pub(crate) fn of(ask: &mut Ask<'_>) -> Result<Self, Refusal> {
        let mut content = Self {
            text: ask.args.text("text"),
            blocks: blocks_of(ask)?,
            attachments: attachments_of(ask)?,
            metadata: metadata_of(ask)?,
            warning: None,
        };
        if let Some(markdown) = ask.args.text("markdown_text") {
            content.markdown(ask, markdown)?;
        }
        if let Some(text) = content.text.as_mut() {
            if text.chars().count() > TEXT_CUT {
                *text = text.chars().take(TEXT_CUT).collect();
                content.warning = Some("message_truncated");
            }
            *text = escaped(text);
        }
        Ok(content)
    }

    /// Refuses a message that says nothing.
    pub(crate) fn complete(&self) -> Result<(), Refusal> {
        let said = self.text.is_some() || self.blocks.is_some() || self.attachments.is_some();
        if said { Ok(()) } else { Err("no_text".into()) }
    }

    fn markdown(&mut self, ask: &mut Ask<'_>, markdown: String) -> Result<(), Refusal> {
        if self.text.is_some() || self.blocks.is_some() {
            return Err("markdown_text_conflict".into());
        }
        if markdown.chars().count() > MARKDOWN_MOST {
            return Err("msg_too_long".into());
        }
        let block = serde_json::json!([{ "type": "markdown", "text": markdown }]);
        self.blocks = Some(blocks::identified(block, &mut ask.store.ids));
        self.text = Some(markdown);
        Ok(())
    }
}

fn blocks_of(ask: &mut Ask<'_>) -> Result<Option<Value>, Refusal> {
    let blocks = ask.args.structure("blocks").map_err(|_| Refusal::from("invalid_blocks_format"))?;
    let Some(given) = blocks.filter(|blocks| *blocks != Value::Array(Vec::new())) else { return Ok(None) };
    blocks::check_message(&given)?;
    if blocks::text_length(&given) > BLOCKS_TEXT_MOST {
        return Err("msg_blocks_too_long".into());
    }
    Ok(Some(blocks::identified(given, &mut ask.store.ids)))
}

fn attachments_of(ask: &Ask<'_>) -> Result<Option<Value>, Refusal> {
    let attachments = ask.args.structure("attachments").map_err(|_| Refusal::from("invalid_attachments"))?;
    let Some(Value::Array(mut items)) = attachments else { return Ok(None) };
    if items.len() > ATTACHMENTS_MOST {
        return Err("too_many_attachments".into());
    }
    for (at, item) in items.iter_mut().enumerate() {
        if !item["blocks"].is_null() {
            blocks::check_message(&item["blocks"])?;
        }
        item["id"] = (at + 1).into();
    }
    Ok((!items.is_empty()).then_some(Value::Array(items)))
}

fn metadata_of(ask: &Ask<'_>) -> Result<Option<Value>, Refusal> {
    let metadata = ask.args.structure("metadata").map_err(|_| Refusal::from("invalid_metadata_format"))?;
    let Some(metadata) = metadata else { return Ok(None) };
    if metadata == serde_json::json!({}) {
        return Ok(Some(metadata));
    }
    let kind = metadata["event_type"].as_str().filter(|kind| !kind.is_empty());
    if kind.is_none() || !metadata["event_payload"].is_object() {
        return Err("invalid_metadata_schema".into());
    }
    if metadata.to_string().len() > METADATA_MOST {
        return Err("metadata_too_large".into());
    }
    Ok(Some(metadata))
}

/// `&`, `<` and `>` that are no markup become entities, as the vendor stores them.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>']) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let (kept, entity) = match tail.as_bytes().first() {
            Some(b'&') => (
                ["&amp;", "&lt;", "&gt;"]
                    .into_iter()
                    .find(|known| tail.starts_with(known))
                    .map_or(0, str::len),
                "&amp;",
            ),
            Some(b'<') => (markup(tail), "&lt;"),
            _ => (usize::from(out.is_empty() || out.ends_with('\n')), "&gt;"),
        };
        let (head, next) = tail.split_at(kept.max(1));
        out.push_str(if kept > 0 { head } else { entity });
        rest = next;
    }
    out.push_str(rest);
    out
}

/// The length of a mention, a link or a special word at the start; 0 if there is none.
fn markup(text: &str) -> usize {
    let Some(end) = text.find('>') else { return 0 };
    let inside = text.get(1..end).unwrap_or_default();
    let known =
        inside.starts_with(['@', '#', '!']) || inside.contains("://") || inside.starts_with("mailto:");
    if known { end + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_stored_as_entities_and_markup_stays() {
        for (sent, stored) in [
            ("a & b", "a &amp; b"),
            ("a &amp; b", "a &amp; b"),
            ("1 < 2 > 0", "1 &lt; 2 &gt; 0"),
            (
                "<@U1> <#C1|ops> <!here> <https://e.x/?a=1&b=2|x>",
                "<@U1> <#C1|ops> <!here> <https://e.x/?a=1&b=2|x>",
            ),
            ("> quoted\n> more", "> quoted\n> more"),
            ("<script>é", "&lt;script&gt;é"),
        ] {
            assert_eq!(escaped(sent), stored, "{sent}");
        }
    }
}

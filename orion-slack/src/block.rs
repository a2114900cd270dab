//! Blocks: what messages, modals and home tabs are laid out with, checked against Slack's limits before they are sent.
//!
//! Slack answers `invalid_blocks`, often without the place. [`check`] says each place, as a JSON pointer, and the limit (docs, "Block Kit
//! reference"; where the docs and Slack's clients differ, the stricter number).
//!
//! ```
//! use orion_slack::block::{Block, Surface, actions, button, check, header, section};
//!
//! let blocks: Vec<Block> = vec![
//!     header("Deploy").into(),
//!     section("*api* to production").field("by <@U1>").into(),
//!     actions([button("yes", "Approve").value("opaque").primary()]).id("decide").into(),
//! ];
//! check(&blocks, Surface::Message)?;
//!
//! let long = vec![section("x".repeat(3_001)).into()];
//! let error = check(&long, Surface::Message).unwrap_err();
//! assert!(error.to_string().contains("/blocks/0/text/text"));
//! # Ok::<(), orion_core::Error>(())
//! ```

mod element;
mod limit;

use orion_core::{Error, ErrorKind, Fault, Fields, Result};
use serde::Serialize;

pub use element::{
    Button, Choice, Confirm, Element, Input, Select, button, checkboxes, choice, confirm, date_picker,
    multi_select, overflow, radio_buttons, select, text_input, users_select,
};
pub(crate) use limit::Findings;

use crate::NAME;

/// A text, plain or in Slack's own markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Text {
    /// `plain_text` or `mrkdwn`.
    #[serde(rename = "type")]
    kind: &'static str,
    text: String,
}

impl Text {
    /// Text as it stands.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { kind: "plain_text", text: text.into() }
    }

    /// Text in Slack's markup. What comes from others has to be escaped first: [`text::escape`](crate::text::escape).
    #[must_use]
    pub fn mrkdwn(text: impl Into<String>) -> Self {
        Self { kind: "mrkdwn", text: text.into() }
    }
}

/// A text and up to ten short ones beside each other, with an element at its side.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "section")]
#[non_exhaustive]
pub struct Section {
    #[serde(skip_serializing_if = "Option::is_none")]
    block_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accessory: Option<Element>,
}

/// A text in Slack's markup.
#[must_use]
pub fn section(text: impl Into<String>) -> Section {
    Section { block_id: None, text: Some(Text::mrkdwn(text)), fields: Vec::new(), accessory: None }
}

impl Section {
    /// Adds a short text in Slack's markup.
    #[must_use]
    pub fn field(mut self, text: impl Into<String>) -> Self {
        self.fields.push(Text::mrkdwn(text));
        self
    }

    /// Sets the element at its side.
    #[must_use]
    pub fn accessory(mut self, element: impl Into<Element>) -> Self {
        self.accessory = Some(element.into());
        self
    }

    /// Names the block.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.block_id = Some(id.into());
        self
    }
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "header")]
#[non_exhaustive]
pub struct Header {
    text: Text,
}

/// A heading, of plain text.
#[must_use]
pub fn header(text: impl Into<String>) -> Header {
    Header { text: Text::plain(text) }
}

/// A line across.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "divider")]
#[non_exhaustive]
pub struct Divider {}

/// A line across.
#[must_use]
pub fn divider() -> Divider {
    Divider {}
}

/// Small texts beneath something.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "context")]
#[non_exhaustive]
pub struct Context {
    elements: Vec<Text>,
}

/// Small texts in Slack's markup.
#[must_use]
pub fn context(texts: impl IntoIterator<Item = impl Into<String>>) -> Context {
    Context { elements: texts.into_iter().map(Text::mrkdwn).collect() }
}

/// Buttons and menus in a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "actions")]
#[non_exhaustive]
pub struct Actions {
    #[serde(skip_serializing_if = "Option::is_none")]
    block_id: Option<String>,
    elements: Vec<Element>,
}

/// Buttons and menus in a row.
#[must_use]
pub fn actions(elements: impl IntoIterator<Item = impl Into<Element>>) -> Actions {
    Actions { block_id: None, elements: elements.into_iter().map(Into::into).collect() }
}

impl Actions {
    /// Names the block.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.block_id = Some(id.into());
        self
    }
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "image")]
#[non_exhaustive]
pub struct Image {
    image_url: String,
    alt_text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Text>,
}

/// A picture at an address, and what it shows in words.
#[must_use]
pub fn image(url: impl Into<String>, alt: impl Into<String>) -> Image {
    Image { image_url: url.into(), alt_text: alt.into(), title: None }
}

impl Image {
    /// Sets its title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(Text::plain(title));
        self
    }
}

/// Text in standard Markdown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "markdown")]
#[non_exhaustive]
pub struct Markdown {
    text: String,
}

/// Text in standard Markdown, 12,000 characters of it in a message.
#[must_use]
pub fn markdown(text: impl Into<String>) -> Markdown {
    Markdown { text: text.into() }
}

/// One block.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Block {
    /// See [`section`].
    Section(Section),
    /// See [`header`].
    Header(Header),
    /// See [`divider`].
    Divider(Divider),
    /// See [`context`].
    Context(Context),
    /// See [`actions`].
    Actions(Actions),
    /// See [`image`].
    Image(Image),
    /// See [`Input`].
    Input(Input),
    /// See [`markdown`].
    Markdown(Markdown),
    /// Any other, as JSON. It is sent as it is.
    Other(Fields),
}

macro_rules! into_block {
    ($($name:ident),+) => {
        $(impl From<$name> for Block {
            fn from(block: $name) -> Self {
                Self::$name(block)
            }
        })+
    };
}

into_block!(Section, Header, Divider, Context, Actions, Image, Input, Markdown);

impl From<Fields> for Block {
    fn from(block: Fields) -> Self {
        Self::Other(block)
    }
}

/// Where blocks are shown, which limits how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Surface {
    /// A message: 50 blocks.
    Message,
    /// A modal: 100 blocks.
    Modal,
    /// A home tab: 100 blocks.
    Home,
}

/// Checks blocks against Slack's limits.
///
/// # Errors
/// `Config` with the fault code `invalid_blocks` and a JSON pointer for each finding, `/blocks/1/text/text`.
pub fn check(blocks: &[Block], surface: Surface) -> Result<()> {
    let mut found = Findings::default();
    found.blocks(blocks, surface);
    let findings = found.into_inner();
    if findings.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = findings.iter().map(|(at, what)| format!("{at} {what}")).collect();
    let fault = Fault::new(0, "invalid_blocks", "").with_fields(findings.into_iter().map(|(at, _)| at));
    let message = format!("the blocks are over Slack's limits: {}", said.join("; "));
    Err(Error::new(ErrorKind::Config, message).with_fault(fault).during(NAME, "blocks"))
}

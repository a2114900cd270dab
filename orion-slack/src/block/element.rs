//! Elements: what people press, choose and type into.

use orion_core::Fields;
use serde::Serialize;

use super::Text;

/// An element of a block.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Element {
    /// See [`button`].
    Button(Button),
    /// A menu, check boxes, radio buttons, a date or a text: see the functions of this module.
    Select(Select),
    /// Any other, as JSON. It is sent as it is.
    Other(Fields),
}

impl From<Button> for Element {
    fn from(button: Button) -> Self {
        Self::Button(button)
    }
}

impl From<Select> for Element {
    fn from(select: Select) -> Self {
        Self::Select(select)
    }
}

impl From<Fields> for Element {
    fn from(element: Fields) -> Self {
        Self::Other(element)
    }
}

/// A button.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "button")]
#[non_exhaustive]
pub struct Button {
    pub(super) action_id: String,
    pub(super) text: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) style: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) confirm: Option<Confirm>,
}

/// A button: what it is called in the app, and for people.
#[must_use]
pub fn button(action: impl Into<String>, text: impl Into<String>) -> Button {
    let (action_id, text) = (action.into(), Text::plain(text));
    Button { action_id, text, value: None, url: None, style: None, confirm: None }
}

impl Button {
    /// Sets what comes back when it is pressed.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Opens an address when it is pressed.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Shows it as what one would press.
    #[must_use]
    pub fn primary(mut self) -> Self {
        self.style = Some("primary");
        self
    }

    /// Shows it as what cannot be undone.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.style = Some("danger");
        self
    }

    /// Asks again before it counts.
    #[must_use]
    pub fn confirm(mut self, confirm: Confirm) -> Self {
        self.confirm = Some(confirm);
        self
    }
}

/// Asks again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Confirm {
    pub(super) title: Text,
    pub(super) text: Text,
    pub(super) confirm: Text,
    pub(super) deny: Text,
}

/// Asks again: title, question, and the two answers.
#[must_use]
pub fn confirm(
    title: impl Into<String>,
    text: impl Into<String>,
    yes: impl Into<String>,
    no: impl Into<String>,
) -> Confirm {
    let (title, text) = (Text::plain(title), Text::plain(text));
    Confirm { title, text, confirm: Text::plain(yes), deny: Text::plain(no) }
}

/// One of the choices of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Choice {
    pub(super) text: Text,
    pub(super) value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Text>,
}

/// A choice: what comes back, and what people see.
#[must_use]
pub fn choice(value: impl Into<String>, text: impl Into<String>) -> Choice {
    Choice { text: Text::plain(text), value: value.into(), description: None }
}

impl Choice {
    /// Adds a line beneath it.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(Text::plain(text));
        self
    }
}

/// What people choose from, or type into.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Select {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) action_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) placeholder: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) options: Option<Vec<Choice>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) multiline: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) initial_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) initial_option: Option<Choice>,
}

fn of(kind: &'static str, action: impl Into<String>, options: Option<Vec<Choice>>) -> Select {
    Select {
        kind,
        action_id: action.into(),
        placeholder: None,
        options,
        multiline: None,
        max_length: None,
        initial_value: None,
        initial_option: None,
    }
}

/// A menu of one choice.
#[must_use]
pub fn select(action: impl Into<String>, choices: impl IntoIterator<Item = Choice>) -> Select {
    of("static_select", action, Some(choices.into_iter().collect()))
}

/// A menu of several choices.
#[must_use]
pub fn multi_select(action: impl Into<String>, choices: impl IntoIterator<Item = Choice>) -> Select {
    of("multi_static_select", action, Some(choices.into_iter().collect()))
}

/// A menu behind three dots.
#[must_use]
pub fn overflow(action: impl Into<String>, choices: impl IntoIterator<Item = Choice>) -> Select {
    of("overflow", action, Some(choices.into_iter().collect()))
}

/// Check boxes.
#[must_use]
pub fn checkboxes(action: impl Into<String>, choices: impl IntoIterator<Item = Choice>) -> Select {
    of("checkboxes", action, Some(choices.into_iter().collect()))
}

/// Radio buttons.
#[must_use]
pub fn radio_buttons(action: impl Into<String>, choices: impl IntoIterator<Item = Choice>) -> Select {
    of("radio_buttons", action, Some(choices.into_iter().collect()))
}

/// A menu of the workspace's people.
#[must_use]
pub fn users_select(action: impl Into<String>) -> Select {
    of("users_select", action, None)
}

/// A day.
#[must_use]
pub fn date_picker(action: impl Into<String>) -> Select {
    of("datepicker", action, None)
}

/// A text to be typed.
#[must_use]
pub fn text_input(action: impl Into<String>) -> Select {
    of("plain_text_input", action, None)
}

impl Select {
    /// Says what goes there, while nothing does.
    #[must_use]
    pub fn placeholder(mut self, text: impl Into<String>) -> Self {
        self.placeholder = Some(Text::plain(text));
        self
    }

    /// Takes several lines of text.
    #[must_use]
    pub fn multiline(mut self) -> Self {
        self.multiline = Some(true);
        self
    }

    /// Takes no more than so many characters.
    #[must_use]
    pub fn max_length(mut self, characters: u32) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// Sets the text that stands there at first.
    #[must_use]
    pub fn initial(mut self, text: impl Into<String>) -> Self {
        self.initial_value = Some(text.into());
        self
    }

    /// Sets the choice that is made at first.
    #[must_use]
    pub fn chosen(mut self, choice: Choice) -> Self {
        self.initial_option = Some(choice);
        self
    }
}

/// An element with a label, in a modal: what is submitted with it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "input")]
#[non_exhaustive]
pub struct Input {
    pub(super) block_id: String,
    pub(super) label: Text,
    pub(super) element: Element,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<Text>,
    pub(super) optional: bool,
}

impl Input {
    /// An element under a label. `id` names it in what is submitted, and in the errors that are answered.
    #[must_use]
    pub fn new(id: impl Into<String>, label: impl Into<String>, element: impl Into<Element>) -> Self {
        let (block_id, label, element) = (id.into(), Text::plain(label), element.into());
        Self { block_id, label, element, hint: None, optional: false }
    }

    /// Adds a line beneath it.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hint = Some(Text::plain(text));
        self
    }

    /// Lets it be left empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

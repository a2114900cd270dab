//! Text for people, in Slack's own markup.

use chrono::{DateTime, Utc};

/// Escapes what Slack takes for markup of mentions and links (docs, "Formatting text for app surfaces").
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// At most `most` characters, an ellipsis among them.
pub(crate) fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut clipped: String = text.chars().take(most.saturating_sub(1)).collect();
    // An entity that is cut in two would be shown as it is written.
    if let Some((whole, rest)) = clipped.rsplit_once('&')
        && !rest.contains(';')
        && rest.len() < 4
    {
        let at = whole.len();
        clipped.truncate(at);
    }
    clipped.push('…');
    clipped
}

/// Escapes and clips, for text of the host's.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    clip(&escape(text), most)
}

/// A time as each reader's client shows it.
pub(crate) fn date(at: DateTime<Utc>) -> String {
    format!("<!date^{}^{{date_short_pretty}} {{time}}|{}>", at.timestamp(), at.format("%Y-%m-%d %H:%M UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_mentioned_by_a_value() {
        assert_eq!(escape("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
    }

    #[test]
    fn text_is_clipped_between_characters_and_not_inside_an_entity() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äö…");
        assert_eq!(shortened("a<b", 3), "a…");
        assert_eq!(shortened("a<b", 6), "a&lt;b");
    }
}

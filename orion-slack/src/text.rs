//! Text as Slack reads it: what has to be escaped, what stands for people and places, and how a long one is split (docs, "Formatting text").

/// The longest text of a message: Slack cuts what goes past 40,000 characters, and advises 4,000 (docs, `chat.postMessage`).
pub const MAX_TEXT: usize = 4_000;

/// Escapes text of others, so that nothing in it becomes a link, a mention or an alarm for a whole channel.
///
/// ```
/// assert_eq!(orion_slack::text::escape("<!channel> AT&T"), "&lt;!channel&gt; AT&amp;T");
/// ```
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Reads text back that [`escape`] wrote.
#[must_use]
pub fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Mentions a person by id, who is notified.
#[must_use]
pub fn user(id: &str) -> String {
    format!("<@{}>", id_only(id))
}

/// Mentions a group of people by id.
#[must_use]
pub fn usergroup(id: &str) -> String {
    format!("<!subteam^{}>", id_only(id))
}

/// Links to a channel by id.
#[must_use]
pub fn channel(id: &str) -> String {
    format!("<#{}>", id_only(id))
}

/// Links to an address, under a label.
///
/// ```
/// assert_eq!(orion_slack::text::link("https://acme.test/?a=1|2", "the <report>"), "<https://acme.test/?a=1%7C2|the &lt;report&gt;>");
/// ```
#[must_use]
pub fn link(url: &str, label: &str) -> String {
    let address = url.replace('|', "%7C").replace('<', "%3C").replace('>', "%3E").replace(['\n', ' '], "%20");
    format!("<{}|{}>", address.replace('&', "&amp;"), escape(label).replace('|', "¦").replace('\n', " "))
}

/// An id is letters and digits; what else stands there would end the mention early.
fn id_only(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).collect()
}

const FENCE: &str = "```";

/// Splits a text into parts of at most `limit` characters: between paragraphs where it can, else between lines, sentences or words, and in a
/// word only if that alone is too long. A block of code that is split ends in one part and begins again in the next.
///
/// ```
/// let parts = orion_slack::text::split("one two three", 8);
/// assert_eq!(parts, ["one two", "three"]);
/// ```
#[must_use]
pub fn split(text: &str, limit: usize) -> Vec<String> {
    // Room to close a block of code and open it again.
    let limit = limit.max(4 * FENCE.len());
    let (mut parts, mut rest, mut open) = (Vec::new(), text, false);
    loop {
        let room = limit - if open { FENCE.len() + 1 } else { 0 };
        if rest.chars().count() <= room {
            if !rest.trim().is_empty() || (parts.is_empty() && !text.is_empty()) {
                parts.push(if open { format!("{FENCE}\n{rest}") } else { rest.to_owned() });
            }
            return parts;
        }
        let end = cut(rest, room - FENCE.len() - 1);
        let (part, after) = rest.split_at(end);
        let part = part.trim_end();
        let fences = part.matches(FENCE).count() + usize::from(open);
        let mut whole = if open { format!("{FENCE}\n{part}") } else { part.to_owned() };
        open = fences % 2 == 1;
        if open {
            whole.push('\n');
            whole.push_str(FENCE);
        }
        parts.push(whole);
        rest = if open { after.strip_prefix('\n').unwrap_or(after) } else { after.trim_start() };
    }
}

/// Where to cut, in bytes: within so many characters, at the best place of their second half.
fn cut(text: &str, chars: usize) -> usize {
    let most = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    let window = text.get(..most).unwrap_or(text);
    let half = text.char_indices().nth(chars / 2).map_or(0, |(at, _)| at);
    let best = ["\n\n", "\n", ". ", " "]
        .iter()
        .find_map(|mark| window.rfind(mark).map(|at| at + mark.len()).filter(|at| *at > half));
    // An entity or a mention is not torn apart, and neither is a fence.
    let best = best.unwrap_or(most);
    let head = text.get(..best).unwrap_or(text);
    let torn = |begin: char, end: char| {
        head.rfind(begin).filter(|at| *at > 0 && !head.get(*at..).is_some_and(|tail| tail.contains(end)))
    };
    let fence = head.trim_end_matches('`').len();
    let before_fence = (head.len() - fence) % FENCE.len() != 0 && fence > half;
    torn('<', '>').or_else(|| torn('&', ';')).unwrap_or(if before_fence { fence } else { best })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_of_others_stays_text() {
        for hostile in ["<!here>", "<@U1>", "<https://evil.test|bank>", "a & b &lt;"] {
            let escaped = escape(hostile);
            assert!(!escaped.contains('<') && !escaped.contains('>'), "{escaped}");
            assert_eq!(unescape(&escaped), hostile);
        }
        assert_eq!(user("U1> <!here"), "<@U1here>");
        assert_eq!((usergroup("S1"), channel("C1")), ("<!subteam^S1>".into(), "<#C1>".into()));
    }

    #[test]
    fn a_text_is_split_where_it_pauses() {
        assert_eq!(split("", 100), Vec::<String>::new());
        assert_eq!(split("short", 100), ["short"]);
        let text = "First paragraph, of some length.\n\nSecond paragraph. It has two sentences.";
        assert_eq!(
            split(text, 50),
            ["First paragraph, of some length.", "Second paragraph. It has two sentences."]
        );
        assert_eq!(split("mention <@U123456789> here", 24), ["mention", "<@U123456789> here"]);
    }

    #[test]
    fn a_block_of_code_that_is_split_stays_code() {
        let code: String = (0..20).map(|n| format!("line {n}\n")).collect();
        let parts = split(&format!("Look:\n```\n{code}```\nDone."), 60);
        assert!(parts.len() > 3);
        for part in &parts {
            assert!(part.chars().count() <= 60, "{part:?}");
            assert_eq!(part.matches(FENCE).count() % 2, 0, "{part:?}");
        }
        let kept: Vec<&str> =
            parts.iter().flat_map(|part| part.lines()).filter(|line| line.starts_with("line")).collect();
        assert_eq!(kept.len(), 20, "{parts:?}");
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_and_fences_is_lost(text in "[a-z<>&; \n`é😀]{0,400}", limit in 12_usize..60) {
            let parts = split(&text, limit);
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '`').collect::<String>();
            prop_assert_eq!(bare(&parts.concat()), bare(&text));
            prop_assert!(parts.iter().all(|part| part.chars().count() <= limit), "{:?}", parts);
        }

        #[test]
        fn escaping_goes_both_ways(text in ".*") {
            prop_assert_eq!(unescape(&escape(&text)), text);
        }
    }
}

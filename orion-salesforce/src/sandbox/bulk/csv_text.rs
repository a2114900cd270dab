//! The CSV dialects of a job.

use serde::Deserialize;

/// `columnDelimiter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Delimiter {
    Backquote,
    Caret,
    #[default]
    Comma,
    Pipe,
    Semicolon,
    Tab,
}

impl Delimiter {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Backquote => "BACKQUOTE",
            Self::Caret => "CARET",
            Self::Comma => "COMMA",
            Self::Pipe => "PIPE",
            Self::Semicolon => "SEMICOLON",
            Self::Tab => "TAB",
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Backquote => b'`',
            Self::Caret => b'^',
            Self::Comma => b',',
            Self::Pipe => b'|',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

/// `lineEnding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum LineEnding {
    #[default]
    Lf,
    Crlf,
}

impl LineEnding {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lf => "LF",
            Self::Crlf => "CRLF",
        }
    }

    /// How the first line of `text` ends, if it ends.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let mut quoted = false;
        let end = text.iter().position(|byte| {
            quoted ^= *byte == b'"';
            *byte == b'\n' && !quoted
        })?;
        let before = end.checked_sub(1).and_then(|index| text.get(index));
        Some(if before == Some(&b'\r') { Self::Crlf } else { Self::Lf })
    }
}

/// Reads rows; `flexible` leaves a row's length to the caller.
pub(super) fn reader(text: &[u8], delimiter: Delimiter) -> csv::Reader<&[u8]> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    csv::ReaderBuilder::new().delimiter(delimiter.byte()).flexible(true).from_reader(text)
}

/// Writes rows with every cell quoted, as result files are.
pub(super) fn writer(delimiter: Delimiter, ending: LineEnding) -> csv::Writer<Vec<u8>> {
    let terminator = match ending {
        LineEnding::Lf => csv::Terminator::Any(b'\n'),
        LineEnding::Crlf => csv::Terminator::CRLF,
    };
    csv::WriterBuilder::new()
        .delimiter(delimiter.byte())
        .terminator(terminator)
        .quote_style(csv::QuoteStyle::Always)
        .flexible(true)
        .from_writer(Vec::new())
}

/// The text written; writing to memory does not fail.
pub(super) fn written(writer: csv::Writer<Vec<u8>>) -> Vec<u8> {
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_ending_is_read_outside_of_quotes() {
        for (text, ending) in [
            ("a,b\n1,2\n", Some(LineEnding::Lf)),
            ("a,b\r\n1,2\r\n", Some(LineEnding::Crlf)),
            ("\"a\nx\",b\r\n", Some(LineEnding::Crlf)),
            ("a,b", None),
            ("\n", Some(LineEnding::Lf)),
        ] {
            assert_eq!(LineEnding::of(text.as_bytes()), ending, "{text:?}");
        }
    }
}

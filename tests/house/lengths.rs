//! Files, functions and examples stay short enough to read at once.

use proc_macro2::{Delimiter, TokenTree};

use crate::assert_clean;
use crate::source::{files, group, is_punct, line, walk};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 60;

#[test]
fn no_file_is_longer_than_500_lines() {
    let long = |lines: usize| lines > FILE_LINES;
    let findings: Vec<String> = files(&["rs", "py", "cjs"])
        .iter()
        .filter(|file| long(file.text.lines().count()))
        .map(|file| format!("{}:{}: the file goes on past line {FILE_LINES}", file.path, FILE_LINES + 1))
        .collect();
    assert_clean(&findings, "split these files by concept (`foo.rs` + `foo/part.rs`):");
}

#[test]
fn no_function_is_longer_than_60_lines() {
    let mut findings = Vec::new();
    for file in files(&["rs"]) {
        walk(file.tokens(), &mut |siblings, index| {
            let Some((name, lines)) = function(siblings, index) else { return };
            if lines > FUNCTION_LINES {
                let at = line(&siblings[index]);
                findings.push(format!("{}:{at}: `{name}` has {lines} lines", file.path));
            }
        });
    }
    assert_clean(&findings, "name a part of each of these functions and move it out (60 lines at most):");
}

/// The name and the line count, signature included, of the function whose `fn` is at `index`.
fn function(siblings: &[TokenTree], index: usize) -> Option<(String, usize)> {
    let TokenTree::Ident(keyword) = &siblings[index] else { return None };
    let Some(TokenTree::Ident(name)) = siblings.get(index + 1) else { return None };
    if keyword != "fn" {
        return None;
    }
    let end =
        |token: &&TokenTree| is_punct(Some(token), ';') || group(Some(token), Delimiter::Brace).is_some();
    let end = siblings[index..].iter().find(end)?;
    let body = group(Some(end), Delimiter::Brace)?;
    Some((name.to_string(), body.span_close().end().line + 1 - keyword.span().start().line))
}

#[test]
fn examples_fit_on_two_screens() {
    let mut findings = Vec::new();
    for file in files(&["rs"]) {
        let Some((folder, name)) = file.path.rsplit_once('/') else { continue };
        if folder != "examples" && !folder.ends_with("/examples") {
            continue;
        }
        let most = if name == "custom_adapter.rs" { 150 } else { 99 };
        let lines = file.text.lines().count();
        if lines > most {
            findings.push(format!("{}:{}: {lines} lines, {most} at most", file.path, most + 1));
        }
    }
    assert_clean(&findings, "an example shows one thing; move what is not that thing into the library:");
}

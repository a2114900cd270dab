//! The source files of the workspace, and a walk over their tokens.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// One text file, with its path from the workspace root.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// The tokens of a Rust file, comments dropped and doc comments kept as attributes.
    pub(crate) fn tokens(&self) -> TokenStream {
        self.text.parse().unwrap_or_else(|error| panic!("{}: not Rust: {error}", self.path))
    }
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file with one of these extensions, outside build output and hidden folders.
pub(crate) fn files(extensions: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    collect(root(), extensions, &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "no {extensions:?} files under {}", root().display());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file is readable UTF-8");
        let path = path.strip_prefix(root()).expect("the walk starts at the root");
        Source { path: path.to_string_lossy().replace('\\', "/"), text }
    };
    paths.into_iter().map(read).collect()
}

fn collect(folder: &Path, extensions: &[&str], paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a source folder is readable") {
        let path = entry.expect("a folder entry is readable").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            collect(&path, extensions, paths);
        } else if path.extension().is_some_and(|end| extensions.iter().any(|wanted| end == *wanted)) {
            paths.push(path);
        }
    }
}

/// Calls `visit` at every token with its siblings, inside groups and macro bodies too.
pub(crate) fn walk(tokens: TokenStream, visit: &mut impl FnMut(&[TokenTree], usize)) {
    let siblings: Vec<TokenTree> = tokens.into_iter().collect();
    for index in 0..siblings.len() {
        visit(&siblings, index);
        if let TokenTree::Group(group) = &siblings[index] {
            walk(group.stream(), visit);
        }
    }
}

pub(crate) fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

pub(crate) fn is_punct(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

pub(crate) fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// The content of the attribute that starts at `index`, if one does.
pub(crate) fn attribute(siblings: &[TokenTree], index: usize) -> Option<Vec<TokenTree>> {
    if !is_punct(siblings.get(index), '#') {
        return None;
    }
    let inner = is_punct(siblings.get(index + 1), '!');
    let content = group(siblings.get(index + 1 + usize::from(inner)), Delimiter::Bracket)?;
    Some(content.stream().into_iter().collect())
}

pub(crate) fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

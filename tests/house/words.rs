//! What must not be written: silent exceptions, unfinished code, documentation that does not run.

use proc_macro2::{Delimiter, TokenTree};

use crate::assert_clean;
use crate::source::{attribute, files, group, is_ident, is_punct, line, walk};

#[test]
fn every_lint_exception_gives_its_reason() {
    let findings = attribute_findings(|content| {
        let silent = |index: &usize| {
            let lint = is_ident(content.get(*index), "allow") || is_ident(content.get(*index), "expect");
            let arguments = group(content.get(index + 1), Delimiter::Parenthesis);
            lint && arguments
                .is_some_and(|list| !list.stream().into_iter().any(|t| is_ident(Some(&t), "reason")))
        };
        (0..content.len()).any(|index| silent(&index)).then_some("no `reason = \"…\"`")
    });
    assert_clean(&findings, "say in each of these why the lint does not apply, or mend the code:");
}

#[test]
fn every_ignored_test_gives_its_reason() {
    let findings = attribute_findings(|content| {
        let silent =
            |index: &usize| is_ident(content.get(*index), "ignore") && !is_punct(content.get(index + 1), '=');
        (0..content.len()).any(|index| silent(&index)).then_some("`#[ignore]` without a reason")
    });
    assert_clean(&findings, "write `#[ignore = \"why\"]`, or better, make the test run:");
}

/// The places of the attributes, and of those inside `cfg_attr(…)`, that `judge` objects to.
fn attribute_findings(judge: impl Fn(&[TokenTree]) -> Option<&'static str>) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files(&["rs"]) {
        walk(file.tokens(), &mut |siblings, index| {
            let Some(mut content) = attribute(siblings, index) else { return };
            if is_ident(content.first(), "cfg_attr") {
                let Some(inner) = group(content.get(1), Delimiter::Parenthesis) else { return };
                content = inner.stream().into_iter().collect();
            } else if !["allow", "expect", "ignore"].iter().any(|name| is_ident(content.first(), name)) {
                return;
            }
            if let Some(what) = judge(&content) {
                findings.push(format!("{}:{}: {what}", file.path, line(&siblings[index])));
            }
        });
    }
    findings
}

#[test]
fn nothing_is_left_unfinished() {
    let mut findings = Vec::new();
    for file in files(&["rs"]) {
        walk(file.tokens(), &mut |siblings, index| {
            let TokenTree::Ident(name) = &siblings[index] else { return };
            let called = is_punct(siblings.get(index + 1), '!')
                && matches!(siblings.get(index + 2), Some(TokenTree::Group(_)));
            if called && ["todo", "unimplemented", "dbg"].iter().any(|word| name == word) {
                findings.push(format!("{}:{}: `{name}!`", file.path, line(&siblings[index])));
            }
        });
    }
    assert_clean(&findings, "finish these, or take them out:");
}

#[test]
fn every_documented_example_runs() {
    let mut findings = Vec::new();
    for file in files(&["rs"]) {
        walk(file.tokens(), &mut |siblings, index| {
            let Some(content) = attribute(siblings, index) else { return };
            let Some(TokenTree::Literal(text)) = content.get(2).filter(|_| is_ident(content.first(), "doc"))
            else {
                return;
            };
            let text = text.to_string();
            if text.trim_matches('"').split("\\n").any(is_fence_that_does_not_run) {
                findings.push(format!("{}:{}", file.path, line(&siblings[index])));
            }
        });
    }
    for file in files(&["md"]) {
        let fences = file.text.lines().enumerate().filter(|(_, text)| is_fence_that_does_not_run(text));
        findings.extend(fences.map(|(number, _)| format!("{}:{}", file.path, number + 1)));
    }
    assert_clean(
        &findings,
        "make these examples run (a scripted transport or a sandbox serves), without `no_run` or `ignore`:",
    );
}

fn is_fence_that_does_not_run(line: &str) -> bool {
    let Some((_, info)) = line.split_once("```") else { return false };
    info.split([',', ' ', '\t'])
        .any(|word| word == "no_run" || word == "ignore" || word.starts_with("ignore-"))
}

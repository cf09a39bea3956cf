//! The documents of the repository: sections that comments cite exist, and links lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The documents that comments cite by section, by the name that a citation begins with.
const CITED: [&str; 2] = ["kolibri-format", "morango"];

/// The files of the repository with one of these extensions, without build output.
fn files(extensions: &[&str]) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("its entries can be read").path();
            let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|has| extensions.iter().any(|wanted| has == *wanted)) {
                files.push(path);
            }
        }
    }
    files
}

/// The headings of a Markdown file, code blocks left out.
fn headings(text: &str) -> Vec<String> {
    let mut in_code = false;
    let mut headings = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if !in_code && line.starts_with('#') {
            headings.push(line.trim_start_matches('#').trim().to_owned());
        }
    }
    headings
}

/// The sections of a document: the number that begins a heading, and the quirks, which are rows of a table.
fn sections(text: &str) -> BTreeSet<String> {
    let numbers = headings(text)
        .into_iter()
        .filter_map(|heading| {
            heading.split_whitespace().next().map(|number| number.trim_end_matches('.').to_owned())
        })
        .filter(|number| number.starts_with(|c: char| c.is_ascii_digit()));
    let quirks = text
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next())
        .filter(|cell| is_quirk(cell))
        .map(str::to_owned);
    numbers.chain(quirks).collect()
}

/// `true` for `Q` or `P` and a number.
fn is_quirk(word: &str) -> bool {
    word.strip_prefix(['Q', 'P'])
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The citations in `text`: the document and the section or quirk.
///
/// A section belongs to the document that was named last before it in the file, which is `morango` at first.
fn citations(text: &str) -> Vec<(&'static str, String)> {
    let mut document = "morango";
    let mut found = Vec::new();
    let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '§' | '.' | '-' | '_' | '/')));
    for word in words {
        let word = word.rsplit('/').next().unwrap_or(word).trim_matches('.');
        let name = word.strip_suffix(".md").unwrap_or(word);
        if let Some(cited) = CITED.iter().find(|cited| **cited == name) {
            document = cited;
        } else if let Some(section) = word.strip_prefix('§') {
            let section = section.trim_end_matches('.');
            if section.starts_with(|c: char| c.is_ascii_digit()) {
                found.push((document, section.to_owned()));
            }
        } else if word.starts_with('Q') && is_quirk(word) {
            found.push(("morango", word.to_owned()));
        }
    }
    found
}

#[test]
fn cited_sections_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sections = CITED.map(|name| {
        let text = fs::read_to_string(root.join("docs").join(format!("{name}.md"))).unwrap();
        (name, sections(&text))
    });
    let mut missing = Vec::new();
    let mut checked = 0;
    for path in files(&["rs", "sql", "py", "md"]) {
        if path.ends_with(file!()) {
            continue; // its own examples are below
        }
        let text = fs::read_to_string(&path).unwrap();
        for (document, section) in citations(&text) {
            checked += 1;
            let (_, known) = sections.iter().find(|(name, _)| *name == document).unwrap();
            if !known.contains(&section) {
                missing.push(format!("{}: {document} {section}", path.strip_prefix(root).unwrap().display()));
            }
        }
    }
    assert!(missing.is_empty(), "no such section in docs/:\n{}", missing.join("\n"));
    assert!(checked > 100, "only {checked} citations were found");
}

#[test]
fn a_citation_is_read_with_its_document() {
    let text = "(morango.md §1.3, §1.4.), quirk Q14; kolibri-format §3. docs/morango.md §6";
    let expected = [
        ("morango", "1.3"),
        ("morango", "1.4"),
        ("morango", "Q14"),
        ("kolibri-format", "3"),
        ("morango", "6"),
    ];
    assert_eq!(citations(text), expected.map(|(document, section)| (document, section.to_owned())));
}

/// The anchor that a heading has on GitHub.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn links_between_files_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut broken = Vec::new();
    let mut checked = 0;
    // The guide is part of rustdoc, which checks its links.
    for path in files(&["md"]).into_iter().filter(|path| !path.starts_with(root.join("src"))) {
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            checked += 1;
            let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let found = target.exists()
                && (fragment.is_empty()
                    || headings(&fs::read_to_string(&target).unwrap()).iter().any(|h| anchor(h) == fragment));
            if !found {
                broken.push(format!("{}: {link}", path.strip_prefix(root).unwrap().display()));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
    assert!(checked > 20, "only {checked} links were found");
}

//! The examples do what they say.

use std::io::BufReader;

#[path = "../../examples/custom_pipeline.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod custom_pipeline;
#[path = "../../examples/quickstart.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod quickstart;

/// Whether `output` has all of `lines`, in that order, each with perhaps more to its left and right.
#[track_caller]
fn check(output: &str, lines: &[&str]) {
    let mut rest = output;
    for line in lines {
        match rest.split_once(line) {
            Some((_, after)) => rest = after,
            None => panic!("`{line}` is missing, or comes too early, in:\n{output}"),
        }
    }
}

#[test]
fn quickstart_serialises_what_changed() {
    let mut out = Vec::new();
    quickstart::run(&mut out).unwrap();
    check(
        &String::from_utf8(out).unwrap(),
        &[
            "Shopping: - (scrolled to 0)",
            "4 records (4 created, 0 updated), 0 deleted, 0 hard deleted",
            "StoreWriter",
            "Shopping: - (scrolled to 12)",
            "1 records (0 created, 1 updated), 1 deleted, 0 hard deleted",
            "notebook, alive, saved with counter 1, depth -",
            "\"title\": \"Home\"",
            "note, alive, saved with counter 1, depth 0",
            "note, deleted, saved with counter 2, depth 1",
            "0 records (0 created, 0 updated), 0 deleted, 0 hard deleted",
        ],
    );
}

#[test]
fn custom_pipeline_counts_words() {
    let mut out = Vec::new();
    custom_pipeline::run(BufReader::new(&b"To be, or not to be:\n\nthat is a question.\n"[..]), &mut out)
        .unwrap();
    check(
        &String::from_utf8(out).unwrap(),
        &[
            "9 words, 7 of them different",
            "2  be",
            "2  to",
            "1  is",
            "from_iter(text.lines()) => ReadLine::default()",
        ],
    );
}

#[test]
fn custom_pipeline_names_the_line_that_it_cannot_read() {
    let error = custom_pipeline::run(BufReader::new(&b"fine\n\n\xff\n"[..]), &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "pipeline MostFrequentWords failed in stage ReadLine at record line 3");
    assert_eq!(error.source().unwrap().to_string(), "stream did not contain valid UTF-8");
}

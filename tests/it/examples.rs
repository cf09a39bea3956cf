//! Tests of the examples' output.

use std::io::BufReader;

use syncline::prelude::*;

#[path = "../../examples/as_a_task.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod as_a_task;
#[path = "../../examples/configured.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod configured;
#[path = "../../examples/csv_to_sqlite.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod csv_to_sqlite;
#[path = "../../examples/custom_pipeline.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod custom_pipeline;
#[path = "../../examples/custom_stage.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod custom_stage;
#[path = "../../examples/enrich.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod enrich;
#[path = "../../examples/evolution.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod evolution;
#[path = "../../examples/hello.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod hello;
#[path = "../../examples/import.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod import;
#[path = "../../examples/library.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod library;
#[path = "../../examples/merge_sorted.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod merge_sorted;
#[path = "../../examples/notebook.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod notebook;
#[path = "../../examples/observe.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod observe;
#[path = "../../examples/policies.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod policies;
#[path = "../../examples/quickstart.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod quickstart;
#[path = "../../examples/service.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod service;
#[path = "../../examples/sub_pipeline.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod sub_pipeline;
#[path = "../../examples/tail_log.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod tail_log;
#[path = "../../examples/two_sinks.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod two_sinks;
#[path = "../../examples/word_count.rs"]
#[expect(dead_code, reason = "nobody calls the `main` of a program here")]
mod word_count;

/// Asserts that `output` contains all of `lines`, in this order.
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

/// Runs an example and returns its output.
#[track_caller]
fn printed(run: impl FnOnce(&mut Vec<u8>) -> anyhow::Result<()>) -> String {
    let mut out = Vec::new();
    run(&mut out).expect("the example holds what it says");
    String::from_utf8(out).expect("it prints text")
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
            "1 record (0 created, 1 updated), 1 deleted, 0 hard deleted",
            "notebook, alive, saved with counter 1, depth -",
            "\"title\": \"Home\"",
            "note, alive, saved with counter 1, depth 0",
            "note, deleted, saved with counter 2, depth 1",
            "0 records (0 created, 0 updated), 0 deleted, 0 hard deleted",
        ],
    );
}

#[test]
fn notebook_tracks_what_anybody_edits() {
    check(
        &printed(notebook::run),
        &[
            "  Bakery\n    Bread\n    Rolls\n",
            "  Dairy\n",
            "changed: Bread, Cake",
            "refused: CHECK constraint failed: id is 32 lower-case hex digits",
            "a notebook for work is cbb73d607f916aa3518bb1ae4b86a5b3, whoever makes it",
            "deleted, counter 3: {",
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
    assert_eq!(error.to_string(), "pipeline MostFrequentWords failed in stage ReadLine at line 3");
    assert_eq!(error.source().unwrap().to_string(), "stream did not contain valid UTF-8");
}

#[test]
fn hello_greets() {
    check(
        &printed(hello::run),
        &[
            "hello, Ada; hello, Ida\nhello, Tim\n",
            "from_iter         -         4         0       0",
            "filter            4         3         1       0",
            "a name of 3 letters\na name of 3 letters\n",
        ],
    );
}

#[test]
fn custom_stage_takes_means() {
    check(
        &printed(custom_stage::run),
        &["means: [20.0, 30.0]", "error: pipeline Means failed in stage Mean at NaN"],
    );
}

#[test]
fn word_count_counts_a_generated_file() {
    check(
        &printed(|out| word_count::run(20_000, out)),
        &["20000 lines, 100000 words, 320000 bytes", "Total"],
    );
}

#[test]
fn csv_to_sqlite_sets_bad_rows_aside() {
    check(
        &printed(csv_to_sqlite::run),
        &[
            "3 pupils in the table",
            "row,error,fields\n",
            "2,age: invalid digit found in string,Ida|ten|3a\n",
            "4,no name,|11|4b\n",
            "5,age: number too large to fit in target type,Eve|300|4b\n",
            "7,2 fields where 3 are expected,",
            "ReadPupil          7    3         4       0",
        ],
    );
}

/// A sink that stops the run at its first item.
struct Full;

impl Sink for Full {
    type In = csv_to_sqlite::DeadLetter;
    type Output = ();

    fn consume(&mut self, _: csv_to_sqlite::DeadLetter) -> Result<(), Halt> {
        Err(Halt::Stop)
    }

    fn finish(self) -> Result<(), Failure> {
        Ok(())
    }
}

#[test]
fn csv_to_sqlite_does_not_end_well_where_nobody_takes_bad_rows() {
    let database = rusqlite::Connection::open_in_memory().unwrap();
    database.execute_batch("CREATE TABLE pupil (name TEXT, age INTEGER, class TEXT)").unwrap();
    let file = b"name,age,class\nAda,9,3a\nIda,ten,3a\nBob,8,2c\n";
    let error = csv_to_sqlite::ImportPupils::run(&file[..], Full, &database).unwrap_err();
    assert_eq!((error.stage(), error.record()), (Some("ReadPupil"), Some("row 2")));
}

#[test]
fn tail_log_ends_with_the_log() {
    check(
        &printed(tail_log::run),
        &["ERROR: no paper, says Zoë\nERROR: paper jam\n", "2 errors until the end of the log"],
    );
}

#[test]
fn merge_sorted_keeps_the_order() {
    check(&printed(merge_sorted::run), &["1005 lines, with apple, ash, fig, oak, plum", "merge ", "1006"]);
}

#[test]
fn two_sinks_archives_and_sorts() {
    check(
        &printed(two_sinks::run),
        &["4 lines; bad:\nwarning,paper is low\nerror,no paper\n", "fine:\ninfo,starting\ninfo,printing\n"],
    );
}

#[test]
fn enrich_asks_for_each_hundred() {
    check(
        &printed(enrich::run),
        &[
            r#"{"name":"Ada","user":0,"page":"/0"}"#,
            r#"{"name":null,"user":3,"page":"/3"}"#,
            "250 visits with 3 queries",
        ],
    );
}

#[test]
fn sub_pipeline_is_used_twice() {
    check(
        &printed(sub_pipeline::run),
        &["lengths: [5, 4]", "filter ", "=> through(Tidy('#')):", r#"corner: ["salt"]"#],
    );
}

#[test]
fn observe_names_the_slow_stage() {
    check(
        &printed(observe::run),
        &[
            "Prices: at most 100 items are held",
            "=> buffer(100)                       chunks of <= 100   100 items",
            "0 of 600\n1 of 600\n",
            "\n600 of 600\n",
            "buffer          599  6 chunks         0       0",
            "in all, most of it in map",
        ],
    );
}

#[test]
fn as_a_task_is_polled() {
    check(&printed(as_a_task::run), &["[[1, 4, 9, 16], [25, 36, 49, 64], [81, 100]]"]);
}

#[test]
fn policies_leave_out_what_fails() {
    check(
        &printed(policies::run),
        &[
            "pipeline Strict failed in stage try_map at \"\"",
            "[(27, 111), (97, 118), (871, 178)]",
            "\"six\": invalid digit found in string\n\"\": cannot parse integer from empty string\n",
            "[1, 4, 9, 16, 25, 36], some after another try",
            "4 numbers, 2 of them in the second run",
            "     on_error skip(9)\n     commit every(2)\n",
        ],
    );
}

#[test]
fn import_names_the_bad_rows() {
    check(
        &printed(import::run),
        &[
            "3 pupils",
            "line 4: field `age`: invalid digit found in string",
            "line 6: 2 fields where 3 are expected",
        ],
    );
}

#[test]
fn service_writes_what_it_accepted() {
    check(&printed(service::run), &["[[1, 2, 3, 4], [5, 6, 7, 8], [9, "]);
}

#[test]
fn library_is_generic_over_records_and_sinks() {
    check(
        &printed(library::run),
        &[
            "[[Visit(2, \"Tim\"), Visit(2, \"Ida\")], [Visit(3, \"Bob\")]]",
            "visited by Ada\nvisited by Tim, Ida\nvisited by Bob",
        ],
    );
}

#[test]
fn configured_runs_the_stages_of_the_configuration() {
    check(&printed(configured::run), &["filter", "filter_map", "take", "no paper\npaper jam\n"]);
}

#[test]
fn evolution_keeps_what_every_version_wrote() {
    check(
        &printed(evolution::run),
        &[
            "version 1: 1\nversion 1 leaves 1 row, because of [\"priority\"]\nversion 2: 1\nversion 3 reads high\nversion 4: ",
            "1 row holds NULL in column `due` of table `task`, whose field is no longer an Option: call `Database::rebuild`",
            "rebuilt: [\"task\"]\nversion 4: 0\ndropped: [\"tasks.urgency\"]\nversion 5: 1\nthe store has {",
            "\"title\": \"Buy bread\"",
            "\"priority\": \"high\"",
            "version 1: a newer version of the app has renamed table `task` of model `task` to `tasks`",
        ],
    );
}

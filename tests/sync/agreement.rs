//! After a sync the stores of both databases say the same, and a second sync moves nothing.

use syncline::filter::Filter;
use syncline::prelude::*;
use syncline::size;
use syncline::transfer::{Direction, Stage};

use crate::support::{Note, Notes, Two, moved, note, notebook, rows, store};

#[test]
fn records_of_both_databases_are_in_both_stores() {
    let mut two = Two::new();
    for index in 0..7 {
        note(&two.here, "home", &format!("here {index}"));
    }
    note(&two.there, "home", "there");
    let synced = two.here.sync::<Notes>().with(&mut two.there).chunk_size(size(3)).run().unwrap();
    assert_eq!(moved(&synced), (1, 7));
    let [pull, push] = &*synced.transfers else { panic!("{synced}") };
    // The receiver serialises before it deserialises, so the push has nothing left to serialise.
    assert_eq!(pull.work.serialized.as_ref().unwrap().created, 1);
    assert_eq!(pull.work.serialized_before.as_ref().unwrap().created, 7);
    assert_eq!((push.chunks, push.work.queued, push.is_resumed), (3, Some(7), false));
    assert_eq!(push.work.serialized.as_ref().unwrap().created, 0);
    assert_eq!(push.work.dequeued.as_ref().unwrap().written, 7);
    assert_eq!(store(&two.here).len(), 8);
    let printed = synced.to_string();
    assert!(
        printed.contains("push: 0 records and 0 deletions serialised, 7 records sent (7 new or newer)"),
        "{printed}"
    );
    two.assert_agree();
}

#[test]
fn two_empty_databases_agree() {
    let mut two = Two::new();
    assert_eq!(moved(&two.sync()), (0, 0));
    two.assert_agree();
}

#[test]
fn an_edit_and_a_deletion_follow_the_record() {
    let mut two = Two::new();
    let (edited, deleted) = (note(&two.here, "home", "one"), note(&two.here, "home", "two"));
    let erased = note(&two.here, "home", "three");
    two.sync();
    let mut note: Note = two.here.get(edited).unwrap().unwrap();
    note.title = "edited".into();
    two.here.update(&note).unwrap();
    two.here.delete::<Note>(deleted).unwrap();
    two.here.hard_delete::<Note>(erased).unwrap();
    assert_eq!(moved(&two.sync()), (0, 3));
    let sql = "SELECT serialized LIKE '%edited%', deleted, hard_deleted, serialized = '{}' FROM morango_store ORDER BY deleted, hard_deleted";
    let text = |row: &Vec<String>| row.join(" ");
    let found: Vec<_> = rows(two.there.connection(), sql).iter().map(text).collect();
    assert_eq!(found, ["1 0 0 0", "0 1 0 0", "0 1 1 1",]);
    two.assert_agree();
}

#[test]
fn a_record_that_both_changed_is_in_conflict_once() {
    let mut two = Two::new();
    let book = notebook(&two.here, "Bread", "rye");
    assert_eq!(notebook(&two.there, "Bread", "wheat"), book);
    let synced = two.sync();
    // The receiver of the pull finds it when it serialises, and the push carries the outcome.
    assert_eq!(moved(&synced), (1, 1));
    for database in [&two.here, &two.there] {
        let row =
            &rows(database.connection(), "SELECT serialized, conflicting_serialized_data FROM morango_store")
                [0];
        assert!(row[0].contains("rye") && row[1].contains("wheat"), "{row:?}");
    }
    two.assert_agree();
}

#[test]
fn only_records_under_the_filter_move() {
    let mut two = Two::new();
    for place in ["home", "work", "away"] {
        note(&two.here, place, place);
        note(&two.there, place, place);
    }
    let synced = two.here.sync::<Notes>().with(&mut two.there).filter("home:").filter("away:").run().unwrap();
    assert_eq!(moved(&synced), (2, 2));
    let partitions =
        rows(two.there.connection(), "SELECT DISTINCT substr(partition, 1, 5) FROM morango_store ORDER BY 1");
    assert_eq!(partitions.concat(), ["away:", "home:"]);
    // What was received under a prefix is not known to be all there is, so all of it is asked for. One is new to each side.
    let rest = two.sync();
    assert_eq!(moved(&rest), (3, 3));
    for transfer in &rest.transfers {
        let dequeued = transfer.work.dequeued.as_ref().unwrap();
        assert_eq!((dequeued.written, dequeued.stale), (1, 2));
    }
    two.assert_agree();
}

#[test]
fn one_way_is_one_way() {
    let mut two = Two::new();
    note(&two.here, "home", "here");
    note(&two.there, "home", "there");
    let pulled = two.here.sync::<Notes>().with(&mut two.there).pull_only().run().unwrap();
    assert_eq!((moved(&pulled), pulled.transfers.len()), ((1, 0), 1));
    assert_eq!((store(&two.here).len(), store(&two.there).len()), (2, 1));
    let pushed = two.here.sync::<Notes>().with(&mut two.there).push_only().run().unwrap();
    assert_eq!(moved(&pushed), (0, 1));
    two.assert_agree();
}

#[test]
fn the_progress_names_every_stage() {
    let mut two = Two::new();
    for index in 0..5 {
        note(&two.there, "home", &index.to_string());
    }
    let mut told = Vec::new();
    two.here
        .sync::<Notes>()
        .with(&mut two.there)
        .pull_only()
        .chunk_size(size(2))
        .progress(|progress| told.push(progress))
        .run()
        .unwrap();
    let mut stages: Vec<_> = told.iter().map(|progress| progress.stage).collect();
    stages.dedup();
    assert_eq!(stages, Stage::ALL);
    let mut counts: Vec<_> = told
        .iter()
        .filter(|progress| progress.stage == Stage::Transferring)
        .map(|progress| (progress.done, progress.total))
        .collect();
    counts.dedup();
    assert_eq!(counts, [0, 2, 4, 5].map(|done| (done, Some(5))));
    assert!(told.iter().all(|progress| progress.direction == Direction::Pull));
    assert_eq!(told.last().unwrap().to_string(), "pull, cleanup: 5 of 5");
}

#[test]
fn sessions_are_written_as_morango_writes_them() {
    let mut two = Two::new();
    note(&two.here, "home", "here");
    two.here.sync::<Notes>().with(&mut two.there).filter("home:").push_only().run().unwrap();
    let session = "SELECT profile, connection_kind, is_server, active, client_ip, extra_fields, process_id IS NULL, \
         json_extract(client_instance_json, '$.id') = client_instance_id, \
         json_extract(server_instance_json, '$.id') = server_instance_id, \
         start_timestamp GLOB '2???-??-?? ??:??:??.???', last_activity_timestamp >= start_timestamp FROM morango_syncsession";
    let transfer = "SELECT filter, push, active, records_transferred, records_total, transfer_stage, transfer_stage_status, \
         json_type(client_fsic, '$.sub'), json_type(server_fsic, '$.sub') FROM morango_transfersession";
    for (database, is_server) in [(&two.here, 0), (&two.there, 1)] {
        let expected = format!("notes disk {is_server} 0  {{}} {is_server} 1 1 1 1");
        assert_eq!(rows(database.connection(), session)[0].join(" "), expected);
        assert_eq!(
            rows(database.connection(), transfer)[0].join(" "),
            "home: 1 0 1 1 cleanup completed object object"
        );
    }
}

#[test]
fn a_large_record_is_a_chunk_of_its_own() {
    let mut two = Two::new();
    for title in ["one", "two", "three"] {
        notebook(&two.here, title, &"x".repeat(3 << 20));
    }
    let synced = two.sync();
    assert_eq!((synced.transfers[1].records, synced.transfers[1].chunks), (3, 3));
    two.assert_agree();
}

#[test]
fn an_empty_filter_is_everything() {
    assert!(Filter::everything().is_everything());
    let mut two = Two::new();
    note(&two.here, "home", "here");
    let synced = two.here.sync::<Notes>().with(&mut two.there).filter("").run().unwrap();
    assert_eq!(moved(&synced), (0, 1));
    two.assert_agree();
}

#[test]
fn records_that_both_serialised_are_merged_when_they_are_dequeued() {
    let mut two = Two::new();
    notebook(&two.here, "Bread", "rye");
    notebook(&two.there, "Bread", "wheat");
    two.here.serialize::<Notes>().run().unwrap();
    let synced = two.sync();
    assert_eq!((moved(&synced), synced.conflicts()), ((1, 1), 1));
    assert!(synced.to_string().contains("(0 new or newer, 1 in conflict)"), "{synced}");
    two.assert_agree();
}

//! Arrivals: the app hears of received records once, also after a crash.

use syncline::prelude::*;
use syncline::run::CancelToken;
use syncline::sqlite::Arrived;

use super::{App, Note, Notebook, Notes, id, note, notebook};

fn arrivals(app: &App) -> Vec<(String, RecordId, Arrived)> {
    let arrivals = app.database.arrivals::<Notes>().unwrap();
    arrivals
        .map(|arrival| arrival.unwrap())
        .map(|arrival| (arrival.model.clone(), arrival.id, arrival.arrived))
        .collect()
}

#[test]
fn nothing_is_noted_before_the_app_asks() {
    let mut app = App::new();
    app.receives([notebook(10)]);
    assert!(!app.deserialize().arrivals_are_noted);
    assert_eq!(arrivals(&app), []);
    app.receives([note(20, 10, "Bread")]);
    assert!(app.deserialize().arrivals_are_noted);
    assert_eq!(arrivals(&app), [("note".to_owned(), id(20), Arrived::Created)]);
}

#[test]
fn they_come_again_until_they_are_acknowledged() {
    let mut app = App::new();
    app.database.arrivals::<Notes>().unwrap().acknowledge().unwrap();
    app.receives([notebook(10), note(20, 10, "Bread"), note(21, 99, "x")]);
    app.deserialize();
    app.receives([notebook(10).with("Book", "Recipes")]);
    app.deserialize();
    let expected = [
        ("note".to_owned(), id(20), Arrived::Created),
        // The app has not seen it yet, so it is still new to it.
        ("notebook".to_owned(), id(10), Arrived::Created),
        ("note".to_owned(), id(21), Arrived::Failed),
    ];
    let mut found = arrivals(&app);
    found.sort_by_key(|(_, id, _)| expected.iter().position(|(_, other, _)| other == id));
    assert_eq!(found, expected);
    // Another process, behind a crash.
    let again = Database::open(app.folder.path().join("app.sqlite3")).unwrap();
    assert_eq!(again.arrivals::<Notes>().unwrap().count(), 3);
    let mut read = again.arrivals::<Notes>().unwrap();
    let first = read.next().unwrap().unwrap();
    read.acknowledge().unwrap();
    assert_eq!(again.arrivals::<Notes>().unwrap().count(), 2);
    // What changes meanwhile comes with a new place, behind the acknowledged ones.
    let mut read = again.arrivals::<Notes>().unwrap();
    assert_eq!(read.by_ref().count(), 2);
    app.receives([notebook(10).with("Book", "Cakes")]);
    app.deserialize();
    read.acknowledge().unwrap();
    let rest = arrivals(&app);
    assert!(rest.iter().any(|(_, found, _)| *found == id(10)), "{rest:?} {first:?}");
    assert!(rest.iter().all(|(_, found, _)| *found != id(20)), "{rest:?}");
}

#[test]
fn deletions_and_what_goes_along_arrive() {
    let mut app = App::new();
    app.receives([notebook(10), note(20, 10, "Bread"), note(21, 10, "Cake")]);
    app.deserialize();
    app.database.arrivals::<Notes>().unwrap().acknowledge().unwrap();
    app.receives([notebook(10).deleted(), note(21, 10, "Pie")]);
    app.deserialize();
    let deleted: Vec<_> = arrivals(&app).into_iter().map(|(_, id, arrived)| (id, arrived)).collect();
    for number in [10, 20, 21] {
        assert!(deleted.contains(&(id(number), Arrived::Deleted)), "{number}: {deleted:?}");
    }
    let of_notes = app.database.arrivals_of::<Notes, Note>().unwrap();
    assert_eq!(of_notes.len(), 2);
    assert_eq!(app.database.arrivals_of::<Notes, Notebook>().unwrap(), [(id(10), Arrived::Deleted)]);
}

#[test]
fn a_run_that_fails_notes_nothing() {
    let mut app = App::new();
    app.database.arrivals::<Notes>().unwrap().acknowledge().unwrap();
    app.receives([notebook(10)]);
    let token = CancelToken::new();
    token.cancel();
    assert!(app.database.deserialize::<Notes>().cancelled_by(&token).run().is_err());
    assert_eq!(arrivals(&app), []);
    app.deserialize();
    assert_eq!(arrivals(&app).len(), 1);
}

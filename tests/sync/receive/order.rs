//! Failures that only the order of the records causes.

use super::{App, note, notebook};

#[test]
fn two_records_that_exchange_a_unique_value_need_a_third_step() {
    let mut app = App::new();
    app.execute("CREATE UNIQUE INDEX one_rank ON note (notebook_id, rank)");
    app.database.create::<super::Notes>().unwrap();
    let ranked = |number, rank| note(number, 10, "x").with("}", &format!(r#", "rank": {rank}}}"#));
    app.receives([notebook(10), ranked(20, 1), ranked(21, 2), ranked(22, 3)]);
    app.deserialize();
    // The value that 20 takes is free only once 21 has another.
    app.receives([ranked(20, 2), ranked(21, 3), ranked(22, 4)]);
    let report = app.deserialize();
    assert_eq!((report.updated(), report.failed(), report.further_passes), (3, 0, 2), "{report}");
    let ranks: String = app.get("SELECT group_concat(rank) FROM (SELECT rank FROM note ORDER BY id)", []);
    assert_eq!(ranks, "2,3,4");
    // The exchange of two values is never free: each is refused.
    app.receives([ranked(20, 3), ranked(21, 2)]);
    let report = app.deserialize();
    assert_eq!((report.updated(), report.failed()), (0, 2), "{report}");
}

#[test]
fn a_failure_that_no_order_causes_is_not_tried_again() {
    let mut app = App::new();
    app.receives([notebook(10).text("{"), note(20, 11, "x")]);
    let report = app.deserialize();
    assert_eq!((report.failed(), report.further_passes), (2, 0), "{report}");
}

#[test]
fn a_deletion_makes_room_for_a_unique_value_wherever_it_comes() {
    let mut app = App::new();
    app.execute("CREATE UNIQUE INDEX one_title ON note (notebook_id, title)");
    app.database.create::<super::Notes>().unwrap();
    app.receives([notebook(10), note(20, 10, "Bread")]);
    app.deserialize();
    app.receives((100..700).map(|number| note(number, 10, &format!("t{number}"))));
    app.receives([note(19, 10, "Bread"), note(20, 10, "Bread").deleted()]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.deleted(), report.failed()), (601, 1, 0), "{report}");
}

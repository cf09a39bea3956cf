//! `update` overwrites a row whose stored values no field can hold.

use syncline::sqlite::RecordError;

use super::*;

/// A database with a number, whose `small` is then set to `value`, as SQL, while the triggers are off.
fn unreadable(value: &str) -> (Scratch, Num) {
    let mut scratch = Scratch::new();
    scratch.database.create::<Numbers>().unwrap();
    let mut num = Num { small: 1, big: 2, ..Num::default() };
    scratch.database.insert(&mut num).unwrap();
    scratch.database.serialize::<Numbers>().run().unwrap();
    let off = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;
    scratch.database.connection().set_db_config(off, false).unwrap();
    scratch.execute(&format!("UPDATE num SET small = {value}"));
    scratch.database.connection().set_db_config(off, true).unwrap();
    (scratch, num)
}

#[test]
fn a_value_that_cannot_be_read_is_overwritten() {
    for value in ["300", "'a word'", "1.5"] {
        let (mut scratch, num) = unreadable(value);
        assert!(scratch.database.get::<Num>(num.id).is_err(), "{value}");
        // The same values as before: no comparison with the row is possible.
        assert!(scratch.database.update(&num).unwrap());
        assert_eq!(scratch.database.get::<Num>(num.id).unwrap(), Some(num.clone()));
        assert_eq!(scratch.all::<i64>("SELECT _morango_dirty_bit FROM num"), [1]);
        assert_eq!(scratch.database.serialize::<Numbers>().run().unwrap().records(), 1);
        let another = Num { id: RecordId::random(), ..num };
        assert!(!scratch.database.update(&another).unwrap());
    }
}

/// An item whose `title` is a blob.
#[test]
fn a_record_that_is_mended_stays_in_its_partition() {
    let mut scratch = Scratch::new();
    scratch.database.create::<Flat>().unwrap();
    let mut item = Item { place: "home".to_owned(), title: "a".to_owned(), ..Item::default() };
    scratch.database.insert(&mut item).unwrap();
    let off = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;
    scratch.database.connection().set_db_config(off, false).unwrap();
    scratch.execute("PRAGMA ignore_check_constraints = ON; UPDATE item SET title = x'00'; PRAGMA ignore_check_constraints = OFF");
    scratch.database.connection().set_db_config(off, true).unwrap();
    let moved = Item { place: "away".to_owned(), ..item.clone() };
    let error = scratch.database.update(&moved).unwrap_err();
    assert!(matches!(error, RecordError::InvalidRecord { .. }), "{error:?}");
    assert!(format!("{error:?}").contains("place"), "{error:?}");
    assert_eq!(scratch.all::<String>("SELECT typeof(title) || place FROM item"), ["blobhome"]);
    assert!(scratch.database.update(&item).unwrap());
    assert_eq!(scratch.all::<String>("SELECT title || place FROM item"), ["ahome"]);
}

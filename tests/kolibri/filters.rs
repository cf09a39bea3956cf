//! Filters select the records whose partition begins with a prefix, compared byte by byte.

use std::collections::BTreeSet;

use crate::compare::assert_same;
use crate::fixtures::Scratch;
use crate::program::serialize;

const DATASET: &str = "c9ca35cf208023164970b411b4afd9e1";
/// The ids of two learners.
const ANA: &str = "0c9a00ca3b1f8ab8f2266df5bf5db24b";
const BEN: &str = "2b8de7980cf0bfb5d7e02e2a091498f7";

fn logs_of(user: &str) -> String {
    format!("{DATASET}:user-rw:{user}")
}

/// Serialises a database in which everything is dirty with `filters`. Asserts that the store then has Morango's rows of the records
/// whose partition begins with one of `expected`, and that all other records are unchanged. Returns the number of records.
#[track_caller]
fn check(filters: &[&str], expected: &[&str]) -> i64 {
    check_on(&Scratch::of("kolibri-30"), &Scratch::of("kolibri-30-serialized"), filters, expected)
}

#[track_caller]
fn check_on(database: &Scratch, all: &Scratch, filters: &[&str], expected: &[&str]) -> i64 {
    // The expected store: Morango's, reduced to the records of the filter.
    let belongs = |column: &str| {
        let tests = expected.iter().map(|prefix| {
            let quoted = prefix.replace('\'', "''");
            format!("substr({column}, 1, {}) = '{quoted}'", prefix.chars().count())
        });
        format!("(0{})", tests.map(|test| format!(" OR {test}")).collect::<String>())
    };
    let (stored, partition) = (belongs("partition"), belongs("_morango_partition"));
    let mut sql = format!(
        "DELETE FROM morango_recordmaxcounter
         WHERE store_model_id IN (SELECT id FROM morango_store WHERE NOT {stored});
         DELETE FROM morango_store WHERE NOT {stored};
         DELETE FROM morango_databasemaxcounter;"
    );
    for table in synced_tables(all) {
        sql += &format!("UPDATE {table} SET _morango_dirty_bit = 1 WHERE NOT {partition};");
    }
    for prefix in filters.iter().collect::<BTreeSet<_>>() {
        sql += &format!(
            "INSERT INTO morango_databasemaxcounter (instance_id, counter, partition)
             SELECT id, counter, '{}' FROM morango_instanceidmodel WHERE current;",
            prefix.replace('\'', "''")
        );
    }
    all.execute(&sql);

    let outcome = serialize(database.path(), filters);
    assert_same(all.path(), database.path(), &[]);
    let records = outcome["records"].as_i64().unwrap();
    assert_eq!(records, database.one::<i64>("SELECT count(*) FROM morango_store"));
    records
}

fn synced_tables(database: &Scratch) -> Vec<String> {
    database.all(
        "SELECT name FROM sqlite_master
         WHERE type = 'table' AND name IN (SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c
                                           WHERE c.name = '_morango_dirty_bit')",
    )
}

#[test]
fn one_prefix() {
    assert!(check(&[&logs_of(ANA)], &[&logs_of(ANA)]) > 0);
}

#[test]
fn the_whole_dataset() {
    assert_eq!(check(&[DATASET], &[DATASET]), 1695);
}

#[test]
fn several_prefixes_in_any_order() {
    let (ana, ben) = (logs_of(ANA), logs_of(BEN));
    let both = check(&[&ben, &ana], &[&ana, &ben]);
    assert_eq!(both, check(&[&ana], &[&ana]) + check(&[&ben], &[&ben]));
}

#[test]
fn every_user_by_itself() {
    let users = Scratch::of("kolibri-30").all::<String>("SELECT DISTINCT id FROM kolibriauth_facilityuser");
    let prefixes: Vec<_> =
        users.iter().flat_map(|user| [logs_of(user), format!("{DATASET}:user-ro:{user}")]).collect();
    let prefixes: Vec<_> = prefixes.iter().map(String::as_str).collect();
    assert!(prefixes.len() > 60);
    check(&prefixes, &prefixes);
}

#[test]
fn part_of_a_name_is_a_prefix_too() {
    assert!(check(&[&logs_of(&ANA[..1])], &[&logs_of(&ANA[..1])]) > 0);
}

#[test]
fn a_prefix_that_nothing_begins_with() {
    assert_eq!(check(&["nobody"], &[]), 0);
}

#[test]
fn a_prefix_longer_than_any_partition() {
    let long = format!("{}:and:more", logs_of(ANA));
    assert_eq!(check(&[&long], &[]), 0);
}

#[test]
fn an_empty_prefix_is_everything() {
    assert_eq!(check(&[""], &[""]), 1695);
    assert_eq!(check(&["", &logs_of(ANA)], &[""]), 1695);
}

#[test]
fn nested_and_repeated_prefixes_take_a_record_once() {
    let (ana, part) = (logs_of(ANA), logs_of(&ANA[..8]));
    let rw = format!("{DATASET}:user-rw");
    let once = check(&[&ana], &[&ana]);
    assert_eq!(check(&[&ana, &ana], &[&ana]), once);
    assert_eq!(check(&[&ana, &part], &[&part]), once, "the counters get a row for each as it is written");
    check(&[&ana, &rw, &part, &rw, &logs_of(BEN)], &[&rw]);
}

#[test]
fn prefixes_beside_each_other_are_all_taken() {
    // `…:user` sorts between `…:anonymous` and the partitions that begin with `…:user`.
    let prefixes = [format!("{DATASET}:user"), format!("{DATASET}:anonymous"), format!("{DATASET}:allusers")];
    let prefixes: Vec<_> = prefixes.iter().map(String::as_str).collect();
    check(&prefixes, &prefixes);
}

#[test]
fn upper_case_is_another_prefix() {
    let upper = logs_of(ANA).to_uppercase();
    assert_eq!(check(&[&upper], &[]), 0, "Morango on SQLite would take it for the same; on PostgreSQL not");
    let ana = logs_of(ANA);
    check(&[&upper, &ana], &[&ana]);
}

#[test]
fn wildcards_of_sql_stand_for_themselves() {
    assert_eq!(check(&["%"], &[]), 0);
    assert_eq!(check(&["_"], &[]), 0);
    assert_eq!(check(&[&format!("{DATASET}:user_rw")], &[]), 0);
    assert_eq!(check(&[&format!("{DATASET}%")], &[]), 0);
    assert_eq!(check(&["\\"], &[]), 0);
    assert_eq!(check(&["*", "?", "[c]"], &[]), 0);
    assert_eq!(check(&["';DROP/**/TABLE/**/morango_store;--"], &[]), 0);

    for odd in ["50%:of", "a_b:c", "a\\b", "it's", "é\u{10ffff}", "\u{10ffff}"] {
        let [database, all] = ["kolibri-30", "kolibri-30-serialized"].map(Scratch::of);
        let quoted = odd.replace('\'', "''");
        let partition = format!(
            "UPDATE lessons_lesson SET _morango_partition = '{quoted}:x' WHERE title = (SELECT min(title) FROM lessons_lesson);"
        );
        database.execute(&partition);
        // Morango copies the partition to its own column and to the text.
        all.execute(&format!(
            "{partition}
             UPDATE morango_store SET partition = '{quoted}:x'
             WHERE id = (SELECT id FROM lessons_lesson WHERE _morango_partition = '{quoted}:x');"
        ));
        let id: String =
            all.one(&format!("SELECT id FROM lessons_lesson WHERE _morango_partition = '{quoted}:x'"));
        let text: String = all.one(&format!("SELECT serialized FROM morango_store WHERE id = '{id}'"));
        let escaped = format!("\"_morango_partition\": {}", as_python_writes_it(&format!("{odd}:x")));
        let text = text.replace(&format!("\"_morango_partition\": \"{DATASET}\""), &escaped);
        assert!(text.contains(&escaped));
        all.execute(&format!(
            "UPDATE morango_store SET serialized = '{}' WHERE id = '{id}'",
            text.replace('\'', "''")
        ));
        assert_eq!(check_on(&database, &all, &[odd], &[odd]), 1, "{odd}");
    }
}

/// The JSON text of a string of printable characters.
fn as_python_writes_it(text: &str) -> String {
    let mut units = [0; 2];
    let escaped: String = text
        .chars()
        .map(|character| match character {
            '"' | '\\' => format!("\\{character}"),
            ' '..='~' => character.to_string(),
            other => other.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        })
        .collect();
    format!("\"{escaped}\"")
}

#[test]
fn white_space_separates_prefixes_as_it_does_for_morango() {
    let (ana, ben) = (logs_of(ANA), logs_of(BEN));
    let [together, apart] = [(); 2].map(|()| Scratch::of("kolibri-30"));
    serialize(together.path(), &[&format!(" {ana}\n\t{ben} ")]);
    serialize(apart.path(), &[&ana, &ben]);
    assert_same(apart.path(), together.path(), &[]);
}

#[test]
fn a_second_filter_adds_to_the_first() {
    let database = Scratch::of("kolibri-30");
    let (ana, ben) = (logs_of(ANA), logs_of(BEN));
    serialize(database.path(), &[&ana]);
    serialize(database.path(), &[&ben]);
    serialize(database.path(), &[&ana]);
    let counters = "SELECT partition || ' ' || counter FROM morango_databasemaxcounter ORDER BY partition";
    assert_eq!(database.all::<String>(counters), [format!("{ana} 3"), format!("{ben} 2")]);
    let saved = "SELECT DISTINCT last_saved_counter FROM morango_store WHERE partition = ";
    assert_eq!(
        database.all::<i64>(&format!("{saved}'{ana}'")),
        [1],
        "nothing was left to do the second time"
    );
    assert_eq!(database.all::<i64>(&format!("{saved}'{ben}'")), [2]);
}

#[test]
fn deletions_are_noted_whatever_the_filter() {
    let with_filter = Scratch::of("kolibri-30-mixed");
    let outcome = serialize(with_filter.path(), &["nobody"]);
    assert_eq!([&outcome["records"], &outcome["deleted"], &outcome["hard_deleted"]], [0, 357, 67]);
    let morangos = Scratch::of("kolibri-30-mixed-serialized");
    for deleted in [
        "SELECT group_concat(id) FROM (SELECT id FROM morango_store WHERE deleted AND last_saved_counter = 2 ORDER BY id)",
        "SELECT group_concat(id) FROM (SELECT id FROM morango_store WHERE hard_deleted ORDER BY id) WHERE id NOT IN
         (SELECT id FROM logger_usersessionlog)",
        "SELECT group_concat(id || profile) FROM morango_deletedmodels",
    ] {
        assert_eq!(with_filter.one::<Option<String>>(deleted), morangos.one::<Option<String>>(deleted));
    }
    assert_eq!(with_filter.one::<i64>("SELECT count(*) FROM morango_harddeletedmodels"), 0);
}

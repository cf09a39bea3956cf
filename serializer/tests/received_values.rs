//! The laws of received values: JSON that a field wrote is read to the same value, and written as the same text again.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::fmt::Debug;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _, Utc};
use proptest::prelude::*;
use syncline_serializer::received::parse;
use syncline_serializer::value::EmptyValues;
use syncline_serializer::{FieldValue, Json, JsonText, NestedValue, RecordId};
use uuid::Uuid;

fn write<T: FieldValue>(value: &T) -> String {
    let mut json = String::new();
    T::write_json(value.to_column().unwrap().as_column(), &mut json).unwrap();
    json
}

fn read<T: FieldValue>(json: &str) -> T {
    let stored = T::from_json(&parse(json).unwrap()).unwrap();
    T::read(stored.as_column()).unwrap()
}

/// Checks that `value` is the same after its JSON was written and read.
#[track_caller]
fn check<T: FieldValue + PartialEq + Debug>(value: T) {
    let json = write(&value);
    assert_eq!(read::<T>(&json), value, "{json}");
    assert_eq!(write(&read::<T>(&json)), json);
    let value = Some(value);
    let json = write(&value);
    assert_eq!(read::<Option<T>>(&json), value, "{json}");
    assert_eq!(read::<Option<T>>(&write(&None::<T>)), None);
}

/// Checks that what is read of `value` is written as the same JSON, and that it is `expected`.
#[track_caller]
fn check_lossy<T: FieldValue + PartialEq + Debug>(value: &T, expected: &T) {
    let json = write(value);
    assert_eq!(&read::<T>(&json), expected, "{json}");
    assert_eq!(write(expected), json);
}

#[track_caller]
fn check_nested<T: NestedValue + PartialEq + Debug>(value: &T) {
    let mut json = String::new();
    T::write_nested_json(value.to_column().unwrap().as_column(), &mut json).unwrap();
    let stored = T::from_nested_json(&parse(&json).unwrap()).unwrap();
    assert_eq!(&T::read(stored.as_column()).unwrap(), value, "{json}");
}

fn moment() -> impl Strategy<Value = NaiveDateTime> {
    let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
    (0..3_652_059_u64, 0..86_400_u32, 0..1_000_000_u32).prop_map(move |(days, second, microsecond)| {
        let date = first.checked_add_days(Days::new(days)).unwrap();
        date.and_time(NaiveTime::from_num_seconds_from_midnight_opt(second, microsecond * 1000).unwrap())
    })
}

/// `moment` without the digits that JSON loses, or `None` if JSON has a `.000` that is lost as well.
fn in_milliseconds(moment: NaiveDateTime) -> Option<NaiveDateTime> {
    let nanosecond = moment.nanosecond();
    (nanosecond == 0 || nanosecond >= 1_000_000)
        .then(|| moment.with_nanosecond(nanosecond / 1_000_000 * 1_000_000).unwrap())
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        (-1e300..1e300).prop_map(|number: f64| number.into()),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn numbers(integer: i64, small: i8, unsigned: u32, truth: bool) {
        check(integer);
        check(small);
        check(unsigned);
        check(u64::from(unsigned) << 31);
        check(truth);
    }

    #[test]
    fn floats(float in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::INFINITE, single in prop::num::f32::NORMAL) {
        check(float);
        check(single);
    }

    #[test]
    fn texts(text: String, bytes: Vec<u8>, four: [u8; 4]) {
        check(text);
        check(bytes);
        check(four);
    }

    #[test]
    fn ids(number: u128) {
        check(Uuid::from_u128(number));
        check(RecordId::from(Uuid::from_u128(number)));
    }

    #[test]
    fn json_values(value in json()) {
        if !value.is_null() {
            check(value.clone());
            check(Json(vec![value.clone()]));
            check(JsonText::new(&value.to_string()).unwrap());
            check_nested(&Some(value.clone()));
        }
        check_lossy(&value, &value);
        check_nested(&value);
        check_nested(&JsonText::new(&value.to_string()).unwrap());
    }

    #[test]
    fn moments(moment in moment()) {
        check(moment.date());
        if let Some(read) = in_milliseconds(moment) {
            check_lossy(&moment, &read);
            check_lossy(&moment.and_utc(), &read.and_utc());
            check_lossy(&moment.time(), &read.time());
            check(read);
            check(DateTime::<Utc>::from_naive_utc_and_offset(read, Utc));
            check(read.time());
        }
    }

    #[test]
    fn spans(microseconds: i64) {
        check(TimeDelta::microseconds(microseconds));
    }
}

/// Some of the JSON `null` is written as `None` is.
#[test]
fn some_null_becomes_none() {
    let some = Some(serde_json::Value::Null);
    assert_eq!(write(&some), write(&None::<serde_json::Value>));
    assert_eq!(read::<Option<serde_json::Value>>(&write(&some)), None);
    assert_eq!(<Option<JsonText> as FieldValue>::EMPTY_VALUES, EmptyValues::Nested);
}

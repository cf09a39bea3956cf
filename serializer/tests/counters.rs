//! The pure functions on counters, on calls that the real Morango 0.8.15 answered (`tests/fixtures/fsic-vectors.json`).

use std::error::Error;
use std::path::Path;

use serde_json::{Value, from_str, from_value, json};
use syncline_serializer::counters::{FilterCounters, InstanceCounters, PartitionCounters};

type Outcome = Result<Value, Box<dyn Error>>;

fn by_instance(argument: &Value) -> Result<InstanceCounters, Box<dyn Error>> {
    Ok(InstanceCounters::parse(&argument.to_string())?)
}

fn by_partition(argument: &Value) -> Result<PartitionCounters, Box<dyn Error>> {
    Ok(PartitionCounters::parse(&argument.to_string())?)
}

fn of_filter(argument: &Value) -> Result<FilterCounters, Box<dyn Error>> {
    Ok(FilterCounters::parse(&argument.to_string())?)
}

fn call(function: &str, arguments: &[Value]) -> Outcome {
    Ok(match (function, arguments) {
        ("diff_v1", [sender, receiver]) => {
            from_str(&by_instance(sender)?.missing_in(&by_instance(receiver)?).to_string())?
        }
        ("diff_v2", [sender, receiver]) => {
            from_str(&by_partition(sender)?.missing_in(&by_partition(receiver)?).to_string())?
        }
        ("expand", [counters, filter]) => {
            let filter: Vec<&str> = serde::Deserialize::deserialize(filter)?;
            from_str(&of_filter(counters)?.expand(&filter).to_string())?
        }
        ("remove_redundant", [counters]) => {
            let mut counters = of_filter(counters)?;
            counters.remove_redundant();
            from_str(&counters.to_string())?
        }
        ("chunk_v2", [counters, size]) => {
            let chunks = by_partition(counters)?.chunks(from_value(size.clone())?);
            chunks.iter().map(|chunk| from_str::<Value>(&chunk.to_string())).collect::<Result<_, _>>()?
        }
        (other, _) => return Err(format!("no function `{other}`").into()),
    })
}

/// Returns `true` if `argument` has a counter that no column of Morango's holds. Such counters are refused here (quirk Q9).
fn has_invalid_counters(argument: &Value) -> bool {
    match argument {
        Value::Object(members) => members.values().any(has_invalid_counters),
        Value::Number(number) => number.as_u64().is_none_or(|number| number >= 1 << 31),
        Value::String(_) | Value::Null | Value::Bool(_) => true,
        Value::Array(_) => false,
    }
}

#[test]
fn every_function_answers_as_morango() -> Result<(), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/fsic-vectors.json");
    let vectors: Value = from_str(&std::fs::read_to_string(path)?)?;
    let (mut equal, mut refused) = (0, 0);
    for case in vectors["functions"].as_array().ok_or("no list of functions")? {
        let function = case["function"].as_str().ok_or("a call without a function")?;
        let arguments = case["args"].as_array().ok_or("a call without arguments")?;
        let outcome = call(function, arguments);
        let counters = if function == "chunk_v2" { &arguments[..1] } else { &arguments[..] };
        if counters.iter().any(has_invalid_counters) || !case["error"].is_null() {
            assert!(outcome.is_err(), "{case} is accepted: {outcome:?}");
            refused += 1;
        } else {
            assert_eq!(outcome?, case["result"], "{case}");
            equal += 1;
        }
    }
    assert_eq!((equal, refused), (129, 7), "the number of calls in the file");
    Ok(())
}

#[test]
fn texts_are_those_of_python() -> Result<(), Box<dyn Error>> {
    let text = r#"{"super": {"": {"11111111111111111111111111111111": 5, "22222222222222222222222222222222": 1}}, "sub": {"\u00e9\"": {}}}"#;
    assert_eq!(FilterCounters::parse(text)?.to_string(), text);
    assert_eq!(FilterCounters::default().to_string(), r#"{"super": {}, "sub": {}}"#);
    Ok(())
}

#[test]
fn refused_texts_are_named() {
    let check = |counters: Value, expected: &str| {
        let error =
            FilterCounters::parse(&json!({ "super": {}, "sub": { "a": counters } }).to_string()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    let one = "11111111111111111111111111111111";
    for (counter, shown) in
        [(json!(-1), "-1"), (json!(1.5), "1.5"), (json!("5"), "\"5\""), (json!(1_u64 << 31), "2147483648")]
    {
        check(
            json!({ one: counter }),
            &format!("instance {one} has the counter {shown}: a counter is an integer from 0 to 2147483647"),
        );
    }
    for id in ["", "x", "' OR 1 --", "1111111111111111111111111111111", "1111111111111111111111111111111A"] {
        check(
            json!({ id: 1 }),
            &format!("`{id}` is not the id of an instance: an id has 32 hex digits in lower case"),
        );
    }
    check(json!([]), "the counters are not the JSON that Morango writes");
    let error = FilterCounters::parse("{\"sub\": {}}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the counters have no `super`, so they are not of the format for partitions"
    );
}

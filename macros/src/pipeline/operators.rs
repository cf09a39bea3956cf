//! The table of operators, with one row for each. Parsing, checks, messages, expansion, the graph and the documented
//! table use it. The functions at the end look up its rows.

use proc_macro2::Ident;

use super::operator::{
    Calls, Holds, Kind, MadeBy, Operator, Parameter, Position, Returns, STAGE, Shape, form, form_by,
};

use Kind::{Closure, Count, Duration, Part, Sink, Sinks, Size, Source, Sources, Value};
use MadeBy::{Awaiting, Name, Stage};

/// A closure that is called with an item and may return anything.
const OF_AN_ITEM: Parameter = Parameter::plain(Closure(Calls::Item, Returns::Anything));

/// A closure that is called with a reference to an item and returns a `bool`.
const OF_A_REFERENCE: Parameter = Parameter::plain(Closure(Calls::Reference, Returns::Matching("Decides")));

/// A closure that returns the key of an item.
const KEY: Kind = Closure(Calls::Reference, Returns::Key("IsKey"));

/// The key of an item that a hash set remembers.
const REMEMBERED: Parameter = Parameter::plain(Closure(Calls::Reference, Returns::Key("IsRemembered")));

/// The number of keys that are remembered.
const KEYS: Kind = Size { of: "the memory of `distinct`", holds: Holds::Keys };

/// The number of futures of a stage.
const FUTURES: Parameter = Parameter::plain(Size { of: "a set of futures", holds: Holds::Items });

/// A closure that returns a future.
const A_FUTURE: Parameter = Parameter::plain(Closure(Calls::Item, Returns::Future(None)));

/// A closure that returns a future of a `Result`.
const A_FUTURE_THAT_MAY_FAIL: Parameter =
    Parameter::plain(Closure(Calls::Item, Returns::Future(Some("TriesLater"))));

/// The size of a chunk.
const CHUNK: Parameter = Parameter::plain(Size { of: "a chunk", holds: Holds::Chunk });

pub(super) const OPERATORS: &[Operator] = &[
    Operator {
        name: "map",
        takes: "one closure",
        forms: &[form("map(|item| ..)", "what `f` returns, one for each item", &[OF_AN_ITEM])],
        fallible_as: Some("`try_map` takes a closure that may"),
        parallel: Some("map_parallel"),
        ..STAGE
    },
    Operator {
        name: "try_map",
        takes: "one closure",
        forms: &[form(
            "try_map(|item| ..)",
            "the same, where `f` may fail: it returns a `Result<_, Halt>`, and `?` turns any error into a `Halt`",
            &[Parameter::plain(Closure(Calls::Item, Returns::Matching("Tries")))],
        )],
        may_fail: true,
        parallel: Some("try_map_parallel"),
        ..STAGE
    },
    Operator {
        name: "filter",
        takes: "one closure",
        forms: &[form("filter(|item| ..)", "the items for which `f` returns `true`", &[OF_A_REFERENCE])],
        ..STAGE
    },
    Operator {
        name: "filter_map",
        takes: "one closure",
        forms: &[form(
            "filter_map(|item| ..)",
            "one item for each `Some` that `f` returns, and none for a `None`",
            &[Parameter::plain(Closure(Calls::Item, Returns::Matching("Picks")))],
        )],
        ..STAGE
    },
    Operator {
        name: "flat_map",
        takes: "one closure",
        forms: &[form(
            "flat_map(|item| ..)",
            "the items of the iterator that `f` returns for each item",
            &[Parameter::plain(Closure(Calls::Item, Returns::With("IsMany")))],
        )],
        shape: Shape::Spreads,
        ..STAGE
    },
    Operator {
        name: "inspect",
        takes: "one closure",
        forms: &[form(
            "inspect(|item| ..)",
            "the same items; `f` sees a reference to each",
            &[Parameter::plain(Closure(Calls::Reference, Returns::Anything))],
        )],
        also_known_as: &["tap", "do"],
        ..STAGE
    },
    Operator {
        name: "scan",
        takes: "a state and a closure",
        forms: &[form(
            "scan(0, |state, item| ..)",
            "what `f` returns for each item and for a state that it may change",
            &[Parameter::plain(Value), Parameter::plain(Closure(Calls::StateAndItem, Returns::Anything))],
        )],
        also_known_as: &["accumulate"],
        ..STAGE
    },
    Operator {
        name: "take",
        takes: "a number of items",
        forms: &[form("take(5)", "the first five items", &[Parameter::plain(Count)])],
        also_known_as: &["limit", "first"],
        ..STAGE
    },
    Operator {
        name: "take_while",
        takes: "one closure",
        forms: &[form(
            "take_while(|item| ..)",
            "the items before the first for which `f` returns `false`",
            &[OF_A_REFERENCE],
        )],
        ..STAGE
    },
    Operator {
        name: "skip",
        takes: "a number of items",
        forms: &[form("skip(5)", "all items but the first five", &[Parameter::plain(Count)])],
        also_known_as: &["drop", "offset"],
        ..STAGE
    },
    Operator {
        name: "dedup",
        takes: "one closure",
        forms: &[form(
            "dedup(|item| ..)",
            "the first of neighbours with the same key, which `f` returns",
            &[Parameter::plain(KEY)],
        )],
        also_known_as: &["uniq"],
        ..STAGE
    },
    Operator {
        name: "distinct",
        takes: "a number of keys and a closure",
        forms: &[
            form(
                "distinct(1000, |item| ..)",
                "the first item of each key, which `f` returns; one key more than 1000 is an error",
                &[Parameter::plain(KEYS), REMEMBERED],
            ),
            form_by(
                Name("distinct_last"),
                "distinct(last: 1000, |item| ..)",
                "the items whose keys are not among the last 1000 different keys",
                &[Parameter::named("last", KEYS), REMEMBERED],
            ),
        ],
        may_fail: true,
        also_known_as: &["unique"],
        ..STAGE
    },
    Operator {
        name: "sort",
        takes: "a number of items in memory and a closure",
        forms: &[form_by(
            Stage("Sort"),
            "sort(100000, |item| ..)",
            "the items in the order of the key that `f` returns; all but 100000 wait in temporary files",
            &[
                Parameter::plain(Size { of: "the memory of `sort`", holds: Holds::Items }),
                Parameter::plain(Closure(Calls::Reference, Returns::Key("IsSorted"))),
            ],
        )],
        items: Some("IsSpilled"),
        also_known_as: &["sort_by", "order_by"],
        ..STAGE
    },
    Operator {
        name: "throttle",
        takes: "a number of items and a period",
        forms: &[form(
            "throttle(100, per: duration)",
            "the same items, at most 100 in any `duration`; the others wait",
            &[
                Parameter::plain(Size { of: "a period", holds: Holds::Nothing }),
                Parameter::named("per", Duration),
            ],
        )],
        one_form: "the period of a `throttle` is missing: `throttle(100, per: duration)`",
        also_known_as: &["rate_limit"],
        ..STAGE
    },
    Operator {
        name: "timeout",
        takes: "the time to wait for an item",
        forms: &[form(
            "timeout(duration)",
            "the same items; more time than `duration` without one ends the run with an error",
            &[Parameter::plain(Duration)],
        )],
        ..STAGE
    },
    Operator {
        name: "tee",
        takes: "a second sink",
        forms: &[form_by(
            Stage("Tee"),
            "tee(sink)",
            "the same items; a second sink takes a copy of each",
            &[Parameter::plain(Sink { branch: "a copy of each" })],
        )],
        may_fail: true,
        copies_items: Some("IsTeed"),
        also_known_as: &["broadcast", "fork"],
        ..STAGE
    },
    Operator {
        name: "buffer",
        takes: "the size of a chunk",
        forms: &[
            form("buffer(500)", "chunks of 500 items; the last may be shorter", &[CHUNK]),
            form_by(
                Name("buffer_by"),
                "buffer(500, by: |item| ..)",
                "chunks of at most 500 neighbours with the same key, which `f` returns",
                &[CHUNK, Parameter::named("by", KEY)],
            ),
            form_by(
                Name("buffer_weighed"),
                "buffer(bytes: 65536, of: |item| ..)",
                "chunks that end when their items have so many bytes, by what `f` returns for each; a size may come first",
                &[
                    Parameter { default: Some("MAX"), ..CHUNK },
                    Parameter {
                        alone: "`bytes` needs to know how many an item has: `buffer(bytes: 65536, of: |item| ..)`",
                        ..Parameter::named("bytes", Size { of: "a chunk", holds: Holds::Bytes })
                    },
                    Parameter {
                        alone: "`of` says how many bytes an item has, and how many close a chunk is missing: `bytes: 65536`",
                        ..Parameter::named("of", Closure(Calls::Reference, Returns::Matching("Weighs")))
                    },
                ],
            ),
            form_by(
                Name("buffer_within"),
                "buffer(500, within: duration)",
                "chunks of at most 500 items that end when their first item has waited so long",
                &[CHUNK, Parameter::named("within", Duration)],
            ),
        ],
        one_form: "a chunk is closed by one thing besides its size: `by`, `bytes` with `of`, or `within`",
        ends_a_segment: true,
        also_known_as: &["chunks", "batch", "group"],
        ..STAGE
    },
    Operator {
        name: "chunk_while",
        takes: "the size of a chunk and a closure",
        forms: &[form(
            "chunk_while(500, |previous, next| ..)",
            "chunks of at most 500 neighbours; a chunk ends where `f` returns `false` for two of them",
            &[CHUNK, Parameter::plain(Closure(Calls::Neighbours, Returns::Matching("Decides")))],
        )],
        also_known_as: &["chunk_by", "group_by"],
        ..STAGE
    },
    Operator {
        name: "windows",
        takes: "the size of a window",
        forms: &[form_by(
            Stage("Windows"),
            "windows(3)",
            "chunks of three neighbours; each starts one item after the one before it",
            &[Parameter::plain(Size { of: "a window", holds: Holds::AllButOne })],
        )],
        copies_items: Some("IsInWindows"),
        also_known_as: &["sliding", "pairwise"],
        ..STAGE
    },
    Operator {
        name: "lookup",
        takes: "one closure",
        forms: &[form_by(
            Stage("Lookup"),
            "lookup(|chunk| ..)",
            "chunks of pairs: each item with the answer of one query, which `f` makes for the whole chunk",
            &[Parameter::plain(Closure(Calls::Chunk, Returns::MatchingWith("Asks", "IsAnswered")))],
        )],
        items: Some("IsLookedUp"),
        may_fail: true,
        also_known_as: &["join", "enrich"],
        ..STAGE
    },
    Operator {
        name: "unbuffer",
        takes: "nothing",
        forms: &[form_by(Stage("Unbuffer"), "unbuffer", "the items of each chunk, one by one", &[])],
        items: Some("IsChunk"),
        also_known_as: &["flatten"],
        shape: Shape::TakesApart,
        ..STAGE
    },
    Operator {
        name: "zip",
        takes: "a second source",
        forms: &[form(
            "zip(source)",
            "pairs of an item and an item of the second source, as far as both have one",
            &[Parameter::plain(Source)],
        )],
        ..STAGE
    },
    Operator {
        name: "merge_join",
        takes: "a second source and two closures, which return the keys by which both are sorted",
        forms: &[form(
            "merge_join(source, |left| .., |right| ..)",
            "a `Joined` for each item or pair of items with the same key, of two sources that are sorted by it; `f` and `g` \
             return the key",
            &[
                Parameter::plain(Source),
                Parameter::plain(Closure(Calls::Reference, Returns::FirstKey)),
                Parameter::plain(Closure(Calls::OfSecond, Returns::SecondKey("SameKey", "IsJoined"))),
            ],
        )],
        may_fail: true,
        also_known_as: &["full_outer_join", "merge_join_by"],
        ..STAGE
    },
    Operator {
        name: "map_async",
        takes: "a number of futures and a closure",
        forms: &[form_by(
            Awaiting,
            "map_async(8, |item| async move { .. })",
            "the outputs of the futures that `f` returns, at most eight at a time; behind the feature `futures`",
            &[FUTURES, A_FUTURE],
        )],
        fallible_as: Some("`try_map_async` takes a closure whose futures may"),
        also_known_as: &["then", "buffered"],
        ..STAGE
    },
    Operator {
        name: "map_async_unordered",
        takes: "a number of futures and a closure",
        forms: &[form_by(
            Awaiting,
            "map_async_unordered(8, |item| async move { .. })",
            "the same, each output as soon as its future is done",
            &[FUTURES, A_FUTURE],
        )],
        fallible_as: Some("`try_map_async_unordered` takes a closure whose futures may"),
        also_known_as: &["buffer_unordered"],
        ..STAGE
    },
    Operator {
        name: "try_map_async",
        takes: "a number of futures and a closure",
        forms: &[form_by(
            Awaiting,
            "try_map_async(8, |item| async move { .. })",
            "as `map_async`, where the futures may fail: their output is a `Result<_, Halt>`",
            &[FUTURES, A_FUTURE_THAT_MAY_FAIL],
        )],
        may_fail: true,
        also_known_as: &["and_then", "try_buffered"],
        ..STAGE
    },
    Operator {
        name: "try_map_async_unordered",
        takes: "a number of futures and a closure",
        forms: &[form_by(
            Awaiting,
            "try_map_async_unordered(8, |item| async move { .. })",
            "the same, each output as soon as its future is done",
            &[FUTURES, A_FUTURE_THAT_MAY_FAIL],
        )],
        may_fail: true,
        also_known_as: &["try_buffer_unordered"],
        ..STAGE
    },
    Operator {
        name: "through",
        takes: "a part that `pipeline!` declared, or a function of a pipeline",
        forms: &[
            form("through(Tidy)", "what the stages of a part hand on", &[Parameter::plain(Part)]),
            form("through(Tidy(5))", "the same, for a part with arguments", &[Parameter::plain(Part)]),
            form(
                "through(tidy)",
                "the items of the pipeline that a function, or a closure, returns for the pipeline so far",
                &[Parameter::plain(Part)],
            ),
        ],
        also_known_as: &["compose"],
        ..STAGE
    },
    Operator {
        name: "merge",
        position: Position::Source,
        takes: "several sources",
        forms: &[
            form(
                "merge([first, second])",
                "as the source: items of several sources, in turns",
                &[Parameter::plain(Sources)],
            ),
            form_by(
                Name("merge_by"),
                "merge([first, second], by: |item| ..)",
                "as the source: items of several sources, in the order of a key by which each is sorted",
                &[
                    Parameter::plain(Sources),
                    Parameter::named("by", Closure(Calls::Reference, Returns::Key("IsOrdered"))),
                ],
            ),
        ],
        also_known_as: &["union", "interleave"],
        ..STAGE
    },
    Operator {
        name: "chain",
        position: Position::Source,
        takes: "several sources",
        forms: &[form(
            "chain([first, second])",
            "as the source: items of several sources, one source after the other",
            &[Parameter::plain(Sources)],
        )],
        also_known_as: &["concat"],
        ..STAGE
    },
    Operator {
        name: "route",
        position: Position::Sink,
        takes: "several sinks, and a closure that names one by its place",
        forms: &[form(
            "route([first, second], |item| 0)",
            "as the sink: each item goes to the sink whose place `f` returns",
            &[
                Parameter::plain(Sinks),
                Parameter::plain(Closure(Calls::Reference, Returns::Matching("Names"))),
            ],
        )],
        may_fail: true,
        also_known_as: &["partition", "split"],
        ..STAGE
    },
    Operator {
        name: "count",
        position: Position::Sink,
        takes: "nothing",
        forms: &[form("count", "as the sink: the output is the number of items, a `u64`", &[])],
        also_known_as: &["len", "size"],
        ..STAGE
    },
    Operator {
        name: "sum",
        position: Position::Sink,
        takes: "nothing",
        forms: &[form(
            "sum",
            "as the sink: the output is the sum of the items, a number of the declared type; out of its range is an error",
            &[],
        )],
        may_fail: true,
        makes_declared: true,
        also_known_as: &["total"],
        ..STAGE
    },
    Operator {
        name: "fold",
        position: Position::Sink,
        takes: "a value and a closure",
        forms: &[form(
            "fold(0, |value, item| ..)",
            "as the sink: the output is the last value; `f` makes the next one of the value and an item",
            &[
                Parameter::plain(Value),
                Parameter::plain(Closure(Calls::ValueAndItem, Returns::Matching("Folds"))),
            ],
        )],
        also_known_as: &["reduce", "aggregate"],
        ..STAGE
    },
    Operator {
        name: "collect",
        position: Position::Sink,
        takes: "nothing",
        forms: &[form(
            "collect",
            "as the sink: the output is a collection of the items, of the declared type",
            &[],
        )],
        makes_declared: true,
        also_known_as: &["to_list"],
        ..STAGE
    },
];

impl Operator {
    /// The operator with this name.
    pub(super) fn find(name: &Ident) -> Option<&'static Self> {
        OPERATORS.iter().find(|operator| name == operator.name)
    }

    /// The operator whose name consists of these two words.
    pub(super) fn in_two_words(first: &Ident, second: &Ident) -> Option<&'static Self> {
        let name = format!("{first}_{second}");
        OPERATORS.iter().find(|operator| name == operator.name)
    }
}

/// The operators that can be parallel, for messages: "a `map` or a `try_map`".
pub(super) fn parallel_operators() -> String {
    let names: Vec<_> = OPERATORS
        .iter()
        .filter(|operator| operator.parallel.is_some())
        .map(|operator| format!("a `{}`", operator.name))
        .collect();
    names.join(" or ")
}

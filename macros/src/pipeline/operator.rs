//! The operators that `pipeline!` knows by name, and what each takes.

/// What an operator takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    /// A closure.
    Closure,
    /// A closure that makes an iterator.
    ClosureToMany,
    /// A closure that answers for a chunk.
    Query,
    /// A number of items, of which there may be none.
    Count,
    /// What a state is at first, and a closure.
    StateAndClosure,
    /// A second sink.
    Sink,
    /// A part that is declared elsewhere.
    Part,
    /// Several sources, and perhaps the key that they are sorted by.
    Sources,
    /// Several sinks, and a closure that names one.
    Sinks,
    /// The size of a chunk, and perhaps what closes it earlier; or its size in bytes.
    Size,
}

/// Where in a pipeline an operator stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    First,
    Between,
    Last,
}

/// What has a name in the language: a method of `Pipeline`, or a function that makes a source or a sink of several.
#[derive(Clone, Copy)]
pub(super) struct Operator {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
}

/// What may close a chunk before it is full, by the names of its arguments.
pub(super) const CLOSED_BY: [&[&str]; 4] = [&[], &["by"], &["bytes", "of"], &["within"]];

const OPERATORS: [Operator; 18] = [
    Operator { name: "map", takes: Takes::Closure },
    Operator { name: "try_map", takes: Takes::Closure },
    Operator { name: "filter", takes: Takes::Closure },
    Operator { name: "filter_map", takes: Takes::Closure },
    Operator { name: "flat_map", takes: Takes::ClosureToMany },
    Operator { name: "inspect", takes: Takes::Closure },
    Operator { name: "scan", takes: Takes::StateAndClosure },
    Operator { name: "take", takes: Takes::Count },
    Operator { name: "take_while", takes: Takes::Closure },
    Operator { name: "skip", takes: Takes::Count },
    Operator { name: "dedup", takes: Takes::Closure },
    Operator { name: "tee", takes: Takes::Sink },
    Operator { name: "lookup", takes: Takes::Query },
    Operator { name: "buffer", takes: Takes::Size },
    Operator { name: "through", takes: Takes::Part },
    Operator { name: "unbuffer", takes: Takes::Nothing },
    Operator { name: "merge", takes: Takes::Sources },
    Operator { name: "route", takes: Takes::Sinks },
];

impl Operator {
    pub(super) fn find(name: &proc_macro2::Ident) -> Option<Self> {
        OPERATORS.into_iter().find(|operator| name == operator.name)
    }

    /// That whose name falls apart into these two words.
    pub(super) fn in_two_words(first: &proc_macro2::Ident, second: &proc_macro2::Ident) -> Option<Self> {
        let name = format!("{first}_{second}");
        OPERATORS.into_iter().find(|operator| name == operator.name)
    }

    pub(super) fn stands(self) -> Stands {
        match self.takes {
            Takes::Sources => Stands::First,
            Takes::Sinks => Stands::Last,
            _ => Stands::Between,
        }
    }

    /// Whether it may fail at an item.
    pub(super) fn can_fail(self) -> bool {
        matches!(self.takes, Takes::Query | Takes::Sink | Takes::Sinks) || self.name == "try_map"
    }

    /// What its closure is called with and what it is to make, where not anything will do.
    pub(super) fn rule(self) -> Option<(&'static str, &'static str)> {
        Some(match self.name {
            "try_map" => ("of_item", "Tries"),
            "filter_map" => ("of_item", "Picks"),
            "filter" | "take_while" => ("of_item_ref", "Decides"),
            _ => return None,
        })
    }

    /// The method that does it on several threads.
    pub(super) fn on_threads(self) -> Option<&'static str> {
        match self.name {
            "map" => Some("map_parallel"),
            "try_map" => Some("try_map_parallel"),
            _ => None,
        }
    }

    /// How many arguments without a name it takes, at least and at most.
    pub(super) fn plain(self, named: &[String]) -> (usize, usize) {
        match self.takes {
            Takes::Nothing => (0, 0),
            Takes::Closure
            | Takes::ClosureToMany
            | Takes::Query
            | Takes::Count
            | Takes::Sink
            | Takes::Sources
            | Takes::Part => (1, 1),
            Takes::StateAndClosure | Takes::Sinks => (2, 2),
            // A chunk that is closed by its bytes has a limit without a size.
            Takes::Size => (usize::from(!named.iter().any(|name| name == "bytes")), 1),
        }
    }

    /// The names that its arguments may have.
    pub(super) fn names(self) -> Vec<&'static str> {
        match self.takes {
            Takes::Size => CLOSED_BY.concat(),
            Takes::Sources => vec!["by"],
            _ => Vec::new(),
        }
    }

    /// What it calls its closure with, the argument called `name` of a buffer or its only one.
    pub(super) fn call(self, name: Option<&str>) -> String {
        match (self.takes, name) {
            (_, Some(name)) => format!("`{name}` is followed by a closure of an item: `{name}: |item| ..`"),
            (Takes::StateAndClosure, None) => {
                let Self { name, .. } = self;
                format!("`{name}` calls a closure with the state and an item: `{name}(0, |state, item| ..)`")
            }
            (Takes::Sinks, None) => self.usage(),
            (Takes::Query, None) => {
                let Self { name, .. } = self;
                format!("`{name}` calls a closure with a chunk: `{name}(|chunk| ..)`")
            }
            _ => {
                let Self { name, .. } = self;
                format!("`{name}` calls a closure with an item: `{name}(|item| ..)`")
            }
        }
    }

    /// How it is written.
    pub(super) fn usage(self) -> String {
        let Self { name, takes } = self;
        match takes {
            Takes::Nothing => format!("`{name}` takes nothing: write `{name}`"),
            Takes::Closure | Takes::ClosureToMany => {
                format!("`{name}` takes one closure: `{name}(|item| ..)`")
            }
            Takes::Query => format!("`{name}` takes one closure: `{name}(|chunk| ..)`"),
            Takes::StateAndClosure => {
                format!("`{name}` takes a state and a closure: `{name}(0, |state, item| ..)`")
            }
            Takes::Sink => format!("`{name}` takes a second sink: `{name}(sink)`"),
            Takes::Sources => {
                format!(
                    "`{name}` takes several sources: `{name}([first, second])`, or, where they are sorted, \
                         `{name}([first, second], by: |item| ..)`"
                )
            }
            Takes::Sinks => {
                format!(
                    "`{name}` takes several sinks, and a closure that names one by its place: \
                         `{name}([first, second], |item| 0)`"
                )
            }
            Takes::Part => {
                format!(
                    "`{name}` takes a part that `pipeline!` declared: `{name}(Tidy)`, or `{name}(Tidy(5))`"
                )
            }
            Takes::Count => format!("`{name}` takes a number of items: `{name}(5)`"),
            Takes::Size => {
                format!(
                    "`{name}` takes the size of a chunk: `{name}(500)`, or `{name}(500, by: |item| ..)`, \
                         `{name}(bytes: 65536, of: |item| ..)`, `{name}(500, within: duration)`"
                )
            }
        }
    }
}

/// The words that have a meaning behind a stage.
pub(super) const RESERVED: [&str; 3] = ["on_error", "parallel", "commit"];

/// A word that has a meaning behind a stage, and where there is no stage none.
pub(super) fn reserved(word: &proc_macro2::Ident) -> Option<&'static str> {
    match word.to_string().as_str() {
        "on_error" => Some("`on_error` is declared behind a stage: `Load::new() on_error skip(10)`"),
        "parallel" => Some("`parallel` is declared behind a stage: `map(|item| ..) parallel(2)`"),
        "commit" => Some("`commit` is declared behind the sink: `Table::new() commit every(10)`"),
        _ => None,
    }
}

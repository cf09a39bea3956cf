//! The operators that `pipeline!` knows by name, and what each takes.

/// What an operator takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    /// A closure.
    Closure,
    /// A closure that makes an iterator.
    ClosureToMany,
    /// A number of items, of which there may be none.
    Count,
    /// The size of a chunk, and perhaps what closes it earlier.
    Size,
}

/// A method of `Pipeline` that has a name in the language.
#[derive(Clone, Copy)]
pub(super) struct Operator {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
}

const OPERATORS: [Operator; 8] = [
    Operator { name: "map", takes: Takes::Closure },
    Operator { name: "filter", takes: Takes::Closure },
    Operator { name: "filter_map", takes: Takes::Closure },
    Operator { name: "flat_map", takes: Takes::ClosureToMany },
    Operator { name: "inspect", takes: Takes::Closure },
    Operator { name: "take", takes: Takes::Count },
    Operator { name: "buffer", takes: Takes::Size },
    Operator { name: "unbuffer", takes: Takes::Nothing },
];

impl Operator {
    pub(super) fn find(name: &proc_macro2::Ident) -> Option<Self> {
        OPERATORS.into_iter().find(|operator| name == operator.name)
    }

    /// How it is written.
    pub(super) fn usage(self) -> String {
        let Self { name, takes } = self;
        match takes {
            Takes::Nothing => format!("`{name}` takes nothing: write `{name}`"),
            Takes::Closure | Takes::ClosureToMany => {
                format!("`{name}` takes one closure: `{name}(|item| ..)`")
            }
            Takes::Count => format!("`{name}` takes a number of items: `{name}(5)`"),
            Takes::Size => {
                format!("`{name}` takes the size of a chunk: `{name}(500)`, or `{name}(500, by: |item| ..)`")
            }
        }
    }
}

/// A word that has a meaning after a stage, and none yet.
pub(super) fn reserved(word: &proc_macro2::Ident) -> Option<&'static str> {
    match word.to_string().as_str() {
        "on_error" => Some("`on_error` is not supported yet: an error ends the run"),
        "parallel" => Some("`parallel` is not supported yet: a pipeline runs on one thread"),
        "commit" => {
            Some("`commit` is not supported yet: a sink makes its work durable at the end of the run")
        }
        _ => None,
    }
}

//! The columns of the table of operators, and the messages that follow from them.

use proc_macro2::Ident;

/// An operator: its name in the language, its place in a pipeline, and its arguments.
pub(super) struct Operator {
    pub(super) name: &'static str,
    pub(super) position: Position,
    /// Its arguments in words, for messages, for example "one closure".
    pub(super) takes: &'static str,
    /// The forms in which it can be written. The names of the given arguments select one.
    pub(super) forms: &'static [Form],
    /// The message if the names of the given arguments belong to more than one form.
    pub(super) one_form: &'static str,
    /// The rule of `syncline::fit` that its items must pass, if it does not accept all items.
    pub(super) items: Option<&'static str>,
    /// The rule of `syncline::fit` by which it copies items, if it copies them.
    pub(super) copies_items: Option<&'static str>,
    /// True if it can fail at an item, so that `on_error` is useful.
    pub(super) may_fail: bool,
    /// The operator to use instead if an item can fail.
    pub(super) fallible_as: Option<&'static str>,
    /// The function of `syncline::__private` that creates its parallel stage, if it has one.
    pub(super) parallel: Option<&'static str>,
    /// True if the chain of stages ends here and is put behind a pointer.
    pub(super) ends_a_segment: bool,
    pub(super) shape: Shape,
    /// True for a sink that makes a value of the type that the pipeline declares.
    pub(super) makes_declared: bool,
    /// Names of the same operation in other libraries, for the documented table and for messages.
    pub(super) also_known_as: &'static [&'static str],
}

/// The columns of an operator between source and sink that fails at no item and accepts all items.
pub(super) const STAGE: Operator = Operator {
    name: "",
    position: Position::Stage,
    takes: "",
    forms: &[],
    one_form: "",
    items: None,
    copies_items: None,
    may_fail: false,
    fallible_as: None,
    parallel: None,
    ends_a_segment: false,
    shape: Shape::Plain,
    makes_declared: false,
    also_known_as: &[],
};

/// The place of an operator in a pipeline.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    Source,
    Stage,
    Sink,
}

/// One form of an operator.
pub(super) struct Form {
    /// Its text, for messages and, with `f` for closures, for the documented table.
    pub(super) example: &'static str,
    /// The items that it emits, for the documented table.
    #[cfg_attr(not(test), expect(dead_code, reason = "the documented table is compared with it"))]
    pub(super) hands_on: &'static str,
    /// Its parameters, in the order of its method or function.
    pub(super) parameters: &'static [Parameter],
    pub(super) made_by: MadeBy,
}

/// The public item that a form calls.
#[derive(Clone, Copy)]
pub(super) enum MadeBy {
    /// The method of `Pipeline`, or the function of a source or a sink, with the operator's name.
    ItsName,
    /// A method or a function with another name.
    Name(&'static str),
    /// The function of `syncline::__private::futures` with the operator's name.
    Awaiting,
    /// The `new` of the type of its stage. A rule checks the items instead of the method's bounds, so the method cannot
    /// be called.
    Stage(&'static str),
}

/// A form that calls the method or the function with the operator's name.
pub(super) const fn form(
    example: &'static str,
    hands_on: &'static str,
    parameters: &'static [Parameter],
) -> Form {
    Form { example, hands_on, parameters, made_by: MadeBy::ItsName }
}

/// A form that calls another item.
pub(super) const fn form_by(
    made_by: MadeBy,
    example: &'static str,
    hands_on: &'static str,
    parameters: &'static [Parameter],
) -> Form {
    Form { example, hands_on, parameters, made_by }
}

/// A parameter of an operator.
#[derive(Clone, Copy)]
pub(super) struct Parameter {
    /// Its name, if the argument must be written `name: value`.
    pub(super) name: Option<&'static str>,
    pub(super) kind: Kind,
    /// The constant of `NonZeroUsize` for an argument that is left out. `None` if the argument is required.
    pub(super) default: Option<&'static str>,
    /// The message if this argument is given and others of its form are missing.
    pub(super) alone: &'static str,
}

impl Parameter {
    pub(super) const fn plain(kind: Kind) -> Self {
        Self { name: None, kind, default: None, alone: "" }
    }

    /// The same parameter, with the state of a thread as an additional argument of its closure.
    pub(super) fn with_state(self) -> Self {
        match self.kind {
            Kind::Closure(calls, returns) => {
                Self { kind: Kind::Closure(calls.with_state(), returns), ..self }
            }
            _ => self,
        }
    }

    pub(super) const fn named(name: &'static str, kind: Kind) -> Self {
        Self { name: Some(name), ..Self::plain(kind) }
    }
}

/// The kind of an argument. `check` has the check of each kind, `expand_operator` the expansion.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any value.
    Value,
    /// A number of items that can be zero: a `usize`.
    Count,
    /// A number of items or bytes that cannot be zero: a `NonZeroUsize`. `of` names the thing that would be empty.
    Size { of: &'static str, holds: Holds },
    /// A `Duration`.
    Duration,
    /// A closure, or a function.
    Closure(Calls, Returns),
    /// A second source, whose items the stage takes in addition. A graph names the chunk that is held of it.
    Source,
    /// A second sink. A graph shows it as a branch.
    Sink { branch: &'static str },
    /// A part, declared by another `pipeline!`.
    Part,
    /// Several sources.
    Sources,
    /// Several sinks.
    Sinks,
}

/// The meaning of a size in the graph.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// The number of items in a chunk.
    Chunk,
    /// The number of bytes in a chunk.
    Bytes,
    /// One more than the number of items that are held in addition to the current one.
    AllButOne,
    /// A number of keys.
    Keys,
    /// The number of items that are held.
    Items,
    /// A number that says nothing about the items that are held.
    Nothing,
}

/// The effect of an operator on chunks, for the graph.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// None, or that of a size.
    Plain,
    /// It emits the items of chunks.
    TakesApart,
    /// It emits several items for one item.
    Spreads,
}

/// The arguments that an operator calls a closure with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Calls {
    Item,
    Reference,
    /// A slice of the items of a chunk.
    Chunk,
    /// A mutable state, and an item.
    StateAndItem,
    /// The value so far, and an item.
    ValueAndItem,
    /// References to two neighbours.
    Neighbours,
    /// A reference to an item of the second source.
    OfSecond,
}

impl Calls {
    /// The number of arguments.
    pub(super) fn count(self) -> usize {
        match self {
            Self::Item | Self::Reference | Self::Chunk | Self::OfSecond => 1,
            Self::StateAndItem | Self::ValueAndItem | Self::Neighbours => 2,
        }
    }

    /// The same arguments with a state before them.
    pub(super) fn with_state(self) -> Self {
        if self == Self::Item { Self::StateAndItem } else { self }
    }

    /// The function of `syncline::__private` that calls a closure and checks its result by a rule.
    pub(super) fn checked_by(self) -> &'static str {
        match self {
            Self::Item | Self::StateAndItem | Self::ValueAndItem => "closure_of_item",
            Self::Reference => "closure_of_item_ref",
            Self::Chunk => "closure_of_chunk",
            Self::Neighbours => "closure_of_neighbours",
            Self::OfSecond => "closure_of_second",
        }
    }

    /// The arguments in words.
    fn words(self) -> &'static str {
        match self {
            Self::Item | Self::Reference => "an item",
            Self::Chunk => "a chunk",
            Self::StateAndItem => "the state and an item",
            Self::ValueAndItem => "the value so far and an item",
            Self::Neighbours => "two neighbours",
            Self::OfSecond => "an item of the second source",
        }
    }
}

/// The requirement on the result of a closure, by the names of rules in `syncline::fit`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Returns {
    /// None.
    Anything,
    /// It has the type that the rule names.
    Matching(&'static str),
    /// Like [`Matching`](Self::Matching), and the value inside it has the trait of a second rule.
    MatchingWith(&'static str, &'static str),
    /// It has the trait of the rule.
    With(&'static str),
    /// A future. If there is a rule, its output has the type that the rule names.
    Future(Option<&'static str>),
    /// Like [`With`](Self::With), for a key, which cannot be borrowed from its item.
    Key(&'static str),
    /// The first of two keys of one type. It cannot be borrowed from its item.
    FirstKey,
    /// The second of two keys: the first rule compares their types, and the second one says what both must be.
    SecondKey(&'static str, &'static str),
}

impl Operator {
    /// The form with exactly these names of arguments.
    pub(super) fn form(&self, names: &[String]) -> Option<&'static Form> {
        self.forms.iter().find(|form| {
            let known = form.parameters.iter().filter_map(|parameter| parameter.name);
            known.clone().count() == names.len()
                && known.clone().all(|known| names.iter().any(|name| name == known))
        })
    }

    /// The parameters of all forms that have names.
    pub(super) fn named(&self) -> impl Iterator<Item = &'static Parameter> {
        self.forms.iter().flat_map(|form| form.parameters).filter(|parameter| parameter.name.is_some())
    }

    /// True if it combines several sources or several sinks.
    pub(super) fn has_members(&self) -> bool {
        self.has(Kind::Sources) || self.has(Kind::Sinks)
    }

    /// True if it awaits futures.
    pub(super) fn awaits(&self) -> bool {
        self.forms.iter().any(|form| matches!(form.made_by, MadeBy::Awaiting))
    }

    /// True if a parameter of one of its forms is of this kind.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.forms.iter().flat_map(|form| form.parameters).any(|parameter| parameter.kind == kind)
    }

    /// The forms of the operator, for messages.
    pub(super) fn usage(&self) -> String {
        let Self { name, takes, forms, .. } = self;
        let examples =
            forms.iter().enumerate().map(|(index, Form { example, parameters, .. })| match index {
                0 if parameters.is_empty() => format!("write `{example}`"),
                0 => format!("`{example}`"),
                1 => format!(", or `{example}`"),
                _ => format!(", `{example}`"),
            });
        format!("`{name}` takes {takes}: {}", examples.collect::<String>())
    }

    /// The message for an argument that cannot be the closure of `parameter`.
    pub(super) fn call(&self, parameter: &Parameter, calls: Calls) -> String {
        let words = calls.words();
        match parameter.name {
            Some(name) => format!("`{name}` is followed by a closure of an item: `{name}: |item| ..`"),
            None if self.has(Kind::Sinks) => self.usage(),
            None => {
                let example = self.forms[0].example;
                let example = match calls {
                    Calls::StateAndItem => example.replace("|item|", "|state, item|"),
                    _ => example.to_owned(),
                };
                format!("`{}` calls a closure with {words}: `{example}`", self.name)
            }
        }
    }
}

/// The words that have a meaning behind a stage.
pub(super) const RESERVED: [&str; 5] = ["on_error", "parallel", "commit", "named", "when"];

/// The message for such a word if there is no stage before it.
pub(super) fn reserved(word: &Ident) -> Option<&'static str> {
    match word.to_string().as_str() {
        "on_error" => Some("`on_error` is declared behind a stage: `Load::new() on_error skip(10)`"),
        "parallel" => Some("`parallel` is declared behind a stage: `map(|item| ..) parallel(2)`"),
        "named" => {
            Some("`named` is declared behind a source, a stage or the sink: `map(|item| ..) named \"parse\"`")
        }
        "when" => Some("`when` is declared behind a stage: `filter(|item| ..) when(condition)`"),
        "commit" => Some("`commit` is declared behind the sink: `Table::new() commit every(10)`"),
        _ => None,
    }
}

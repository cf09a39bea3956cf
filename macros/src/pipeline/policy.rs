//! The clauses behind a piece: `named ".."`, `on_error ..`, `parallel(..)`, `when(..)`, and behind a sink `commit ..`.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseStream, Parser as _};
use syn::{Expr, Ident, LitStr, Token};

use super::argument::{Argument, parse_value};

/// The clauses of a piece.
#[derive(Default)]
pub(super) struct Suffixes {
    pub(super) policies: Vec<Policy>,
    pub(super) parallel: Option<Parallel>,
    pub(super) commit: Option<Commit>,
    pub(super) named: Option<Named>,
    pub(super) when: Option<When>,
}

/// The clause `named "parse"`.
pub(super) struct Named {
    pub(super) keyword: Ident,
    pub(super) name: LitStr,
}

/// The clause `when(condition)`.
pub(super) struct When {
    pub(super) keyword: Ident,
    pub(super) condition: Expr,
}

/// The clause `commit once` or `commit every(10)`.
pub(super) struct Commit {
    pub(super) keyword: Ident,
    pub(super) every: Option<Expr>,
}

/// The clause `on_error` with a policy.
pub(super) struct Policy {
    pub(super) on_error: Ident,
    /// The word `split`: the policy is for single items of the chunks that the stage takes.
    pub(super) split: Option<Ident>,
    pub(super) kind: PolicyKind,
}

pub(super) enum PolicyKind {
    Fail,
    Skip(Expr),
    Retry(Box<Retry>),
    DeadLetter(Expr),
    /// Any value that implements `Policy`.
    With(Expr),
}

/// The arguments of `retry(times, backoff, cap: longest, jitter, within: limit, if: when)`.
pub(super) struct Retry {
    pub(super) times: Expr,
    pub(super) backoff: Expr,
    pub(super) cap: Option<Expr>,
    pub(super) jitter: Option<Ident>,
    pub(super) within: Option<Expr>,
    pub(super) when: Option<Expr>,
}

impl Retry {
    const JITTER: &str = "`jitter` has no value: `retry(3, backoff, jitter)`";
}

/// The clause `parallel(2)`, with any of `capacity: 64`, `by: |item| ..` and `with: || ..`.
pub(super) struct Parallel {
    pub(super) keyword: Ident,
    pub(super) workers: Expr,
    pub(super) capacity: Option<Expr>,
    /// The closure that returns the key of an item. Items with the same key are processed by the same thread.
    pub(super) by: Option<Expr>,
    /// The closure that returns the state of a thread.
    pub(super) with: Option<Expr>,
}

const POLICIES: &str = "`on_error` is followed by `fail`, `skip(limit)`, `retry(times, backoff, if: |error| ..)`, \
                        `dead_letter(sink)` or `with(policy)`";

impl Policy {
    pub(super) const SKIP: &str = "`skip` takes the number of items that may fail: `skip(10)`";

    pub(super) const SPLIT: &str = "`split` is followed by a policy: `on_error split skip(10)`";

    pub(super) const RETRY: &str = "`retry` takes a number of further tries, and the time to wait before the first: \
                                    `retry(3, backoff)`, with any of `cap: longest_wait`, `jitter`, `within: total_time` and `if: |error| ..`";
}

impl Parallel {
    pub(super) const BY: &str = "`by` is followed by a closure of an item: `by: |item| ..`";

    pub(super) const WITH: &str = "`with` is followed by a closure without parameters, which makes the state of a thread: `with: || ..`";

    pub(super) const USAGE: &str = "`parallel` takes a number of threads: `parallel(2)`, or `parallel(2, capacity: 64)`, `parallel(2, by: |item| ..)`, \
         `parallel(2, with: || ..)`";
}

impl Commit {
    pub(super) const USAGE: &str = "`commit` is followed by `once`, or by `every(n)` chunks";
}

impl Named {
    pub(super) const USAGE: &str =
        "`named` is followed by a name in quotes: `map(|item| ..) named \"parse\"`";
}

impl When {
    pub(super) const USAGE: &str = "`when` takes a condition, a `bool`: `filter(|item| ..) when(condition)`";
}

impl Suffixes {
    /// Parses the clauses at the start of `rest`, and returns them with the tokens behind them.
    pub(super) fn parse(rest: TokenStream) -> syn::Result<(Self, TokenStream)> {
        let parser = |input: ParseStream| {
            let mut suffixes = Self::default();
            loop {
                if input.peek(Ident) && input.fork().parse::<Ident>()? == "on_error" {
                    suffixes.policies.push(parse_policy(input)?);
                } else if input.peek(Ident) && input.fork().parse::<Ident>()? == "parallel" {
                    let parallel = parse_parallel(input)?;
                    if suffixes.parallel.is_some() {
                        return Err(syn::Error::new(parallel.keyword.span(), "`parallel` is declared twice"));
                    }
                    suffixes.parallel = Some(parallel);
                } else if input.peek(Ident) && input.fork().parse::<Ident>()? == "commit" {
                    let commit = parse_commit(input)?;
                    if suffixes.commit.is_some() {
                        return Err(syn::Error::new(commit.keyword.span(), "`commit` is declared twice"));
                    }
                    suffixes.commit = Some(commit);
                } else if input.peek(Ident) && input.fork().parse::<Ident>()? == "named" {
                    let named = parse_named(input)?;
                    if suffixes.named.is_some() {
                        return Err(syn::Error::new(named.keyword.span(), "`named` is declared twice"));
                    }
                    suffixes.named = Some(named);
                } else if input.peek(Ident) && input.fork().parse::<Ident>()? == "when" {
                    let when = parse_when(input)?;
                    if suffixes.when.is_some() {
                        return Err(syn::Error::new(when.keyword.span(), "`when` is declared twice"));
                    }
                    suffixes.when = Some(when);
                } else {
                    return Ok((suffixes, input.parse()?));
                }
            }
        };
        parser.parse2(rest)
    }

    /// The word `split` of the first policy that has it. It applies to all policies of a stage, which share its chunks.
    pub(super) fn split(&self) -> Option<&Ident> {
        self.policies.iter().find_map(|policy| policy.split.as_ref())
    }

    /// True for `commit every(..)`.
    pub(super) fn commits(&self) -> bool {
        self.commit.as_ref().is_some_and(|commit| commit.every.is_some())
    }

    /// Adds clauses that were declared behind a mistake.
    pub(super) fn extend(&mut self, more: Self) {
        self.policies.extend(more.policies);
        self.parallel = self.parallel.take().or(more.parallel);
        self.commit = self.commit.take().or(more.commit);
        self.named = self.named.take().or(more.named);
        self.when = self.when.take().or(more.when);
    }
}

fn parse_named(input: ParseStream) -> syn::Result<Named> {
    let keyword: Ident = input.parse()?;
    let usage = |_| syn::Error::new(keyword.span(), Named::USAGE);
    let name: LitStr = input.parse().map_err(usage)?;
    if name.value().trim().is_empty() {
        return Err(syn::Error::new(name.span(), "the name of a stage is not empty"));
    }
    Ok(Named { keyword, name })
}

fn parse_when(input: ParseStream) -> syn::Result<When> {
    let keyword: Ident = input.parse()?;
    let usage = || syn::Error::new(keyword.span(), When::USAGE);
    if !input.peek(syn::token::Paren) {
        return Err(usage());
    }
    let arguments;
    syn::parenthesized!(arguments in input);
    let condition = parse_value(&arguments).map_err(|_| usage())?;
    if !arguments.is_empty() {
        return Err(usage());
    }
    Ok(When { keyword, condition })
}

fn parse_commit(input: ParseStream) -> syn::Result<Commit> {
    let keyword: Ident = input.parse()?;
    input.parse::<Option<Token![:]>>()?;
    let usage = || syn::Error::new(keyword.span(), Commit::USAGE);
    let word: Ident = input.parse().map_err(|_| usage())?;
    let every = match word.to_string().as_str() {
        "once" => None,
        "every" if input.peek(syn::token::Paren) => {
            let arguments;
            syn::parenthesized!(arguments in input);
            let every = parse_value(&arguments).map_err(|_| usage())?;
            if !arguments.is_empty() {
                return Err(usage());
            }
            Some(every)
        }
        _ => return Err(usage()),
    };
    Ok(Commit { keyword, every })
}

fn parse_policy(input: ParseStream) -> syn::Result<Policy> {
    let on_error: Ident = input.parse()?;
    input.parse::<Option<Token![:]>>()?;
    let unknown = |span| syn::Error::new(span, POLICIES);
    if !input.peek(Ident) {
        return Err(unknown(on_error.span()));
    }
    let mut word: Ident = input.parse()?;
    let mut split = None;
    if word == "split" {
        if !input.peek(Ident) {
            return Err(syn::Error::new(word.span(), Policy::SPLIT));
        }
        split = Some(word);
        word = input.parse()?;
    }
    let takes_none = word == "fail";
    if takes_none {
        return Ok(Policy { on_error, split, kind: PolicyKind::Fail });
    }
    if !input.peek(syn::token::Paren) {
        return Err(unknown(word.span()));
    }
    let arguments;
    syn::parenthesized!(arguments in input);
    let kind = match word.to_string().as_str() {
        "skip" => {
            PolicyKind::Skip(parse_value(&arguments).map_err(|_| syn::Error::new(word.span(), Policy::SKIP))?)
        }
        "dead_letter" => PolicyKind::DeadLetter(parse_value(&arguments).map_err(|_| {
            syn::Error::new(word.span(), "`dead_letter` takes a sink for what failed: `dead_letter(sink)`")
        })?),
        "with" => PolicyKind::With(parse_value(&arguments).map_err(|_| {
            syn::Error::new(word.span(), "`with` takes a policy: `with(by_key(|note| note.id, skip(10)))`")
        })?),
        "retry" => parse_retry(&arguments, &word)?,
        _ => return Err(unknown(word.span())),
    };
    arguments.parse::<Option<Token![,]>>()?;
    if !arguments.is_empty() {
        let usage = match kind {
            PolicyKind::Skip(_) => "`skip` takes a single number: `skip(10)`",
            PolicyKind::DeadLetter(_) => "`dead_letter` takes a single sink: `dead_letter(sink)`",
            PolicyKind::With(_) => "`with` takes a single policy: `with(policy)`",
            _ => Policy::RETRY,
        };
        return Err(arguments.error(usage));
    }
    Ok(Policy { on_error, split, kind })
}

fn parse_retry(input: ParseStream, word: &Ident) -> syn::Result<PolicyKind> {
    let usage = || syn::Error::new(word.span(), Policy::RETRY);
    let comma = |_: Token![,]| ();
    let times = parse_value(input).map_err(|_| usage())?;
    input.parse().map(comma).map_err(|_| usage())?;
    let backoff = parse_value(input).map_err(|_| usage())?;
    let mut retry = Retry { times, backoff, cap: None, jitter: None, within: None, when: None };
    while !input.is_empty() {
        input.parse().map(comma).map_err(|_| usage())?;
        if input.is_empty() {
            break;
        }
        let name = Ident::parse_any(input).map_err(|_| usage())?;
        let twice = || syn::Error::new(name.span(), format_args!("`{name}` is given twice"));
        let value = match name.to_string().as_str() {
            "jitter" if input.peek(Token![:]) => {
                return Err(syn::Error::new(name.span(), Retry::JITTER));
            }
            "jitter" if retry.jitter.is_some() => return Err(twice()),
            "jitter" => {
                retry.jitter = Some(name);
                continue;
            }
            "cap" => &mut retry.cap,
            "within" => &mut retry.within,
            "if" => &mut retry.when,
            _ => return Err(usage()),
        };
        input.parse::<Token![:]>().map_err(|_| usage())?;
        if value.replace(parse_value(input).map_err(|_| usage())?).is_some() {
            return Err(twice());
        }
    }
    Ok(PolicyKind::Retry(Box::new(retry)))
}

fn parse_parallel(input: ParseStream) -> syn::Result<Parallel> {
    let keyword: Ident = input.parse()?;
    let span = keyword.span();
    let usage = || syn::Error::new(span, Parallel::USAGE);
    if !input.peek(syn::token::Paren) {
        return Err(usage());
    }
    let arguments;
    syn::parenthesized!(arguments in input);
    let mut given = arguments.parse_terminated(Argument::parse, Token![,]).map_err(|_| usage())?.into_iter();
    let Some(Argument { name: None, value: workers, .. }) = given.next() else { return Err(usage()) };
    let mut parallel = Parallel { keyword, workers, capacity: None, by: None, with: None };
    for Argument { name, value, .. } in given {
        let Some(name) = name else { return Err(usage()) };
        let argument = match name.to_string().as_str() {
            "capacity" => &mut parallel.capacity,
            "by" => &mut parallel.by,
            "with" => &mut parallel.with,
            _ => return Err(usage()),
        };
        if argument.replace(value).is_some() {
            return Err(syn::Error::new(name.span(), format_args!("`{name}` is given twice")));
        }
    }
    Ok(parallel)
}

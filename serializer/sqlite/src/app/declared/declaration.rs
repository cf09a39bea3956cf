//! `Declaration`: the declaration of one column of one model, as it is written down.

use syncline_serializer::model::columns::{DIRTY_BIT, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Column, Model, OnDelete, Profile};

/// The declaration of one column of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) model: String,
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) state: State,
    /// The type of the column, as SQL.
    pub(crate) kind: String,
    pub(crate) nullable: bool,
    pub(crate) default: Option<String>,
    /// The names of the models that the column refers to, separated by spaces.
    pub(crate) refers_to: Option<String>,
    pub(crate) on_delete: String,
    pub(crate) renamed_from: Option<String>,
    /// The former name of the table.
    pub(crate) table_renamed_from: Option<String>,
    /// The value of the column in the rows of the model, if it is the model's discriminator.
    pub(crate) discriminates: Option<String>,
}

/// The part of a column in the record's JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// It syncs under this key.
    Synced(String),
    /// It stays on this machine.
    Local,
    /// It synced in an earlier version, under this name or key.
    Retired,
}

impl Declaration {
    /// The declarations of all columns of `P`'s models, without Morango's own columns.
    pub(crate) fn all<P: Profile>() -> Vec<Self> {
        P::MODELS.iter().flat_map(|model| Self::of(model)).collect()
    }

    fn of(model: &'static Model) -> impl Iterator<Item = Self> {
        let synced = model.columns.iter().filter(|column| !is_implied(column.name));
        let synced = synced.map(|column| Self::new(model, column, State::Synced(column.key.to_owned())));
        let local = model.local_columns.iter().map(|column| Self::new(model, column, State::Local));
        // A column that is local now is retired as well: it used to sync.
        let retired = model.retired.iter().map(|name| Self::retired(model, name));
        synced.chain(local).chain(retired)
    }

    /// The declaration of `column` of `model`.
    pub(crate) fn of_column(model: &Model, column: &Column) -> Self {
        let is_local = model.local_columns.iter().any(|local| local.name == column.name);
        let state = if is_local { State::Local } else { State::Synced(column.key.to_owned()) };
        Self::new(model, column, state)
    }

    fn new(model: &Model, column: &Column, state: State) -> Self {
        let discriminates = model.discriminator.filter(|discriminator| discriminator.column == column.name);
        Self {
            model: model.name.to_owned(),
            table: model.table.to_owned(),
            column: column.name.to_owned(),
            state,
            kind: column.column_type.as_sql().to_owned(),
            nullable: column.nullable,
            default: column.default.map(str::to_owned),
            refers_to: (!column.references.is_empty()).then(|| column.references.join(" ")),
            on_delete: action(column.on_delete).to_owned(),
            renamed_from: column.renamed_from.map(str::to_owned),
            table_renamed_from: model.renamed_from.map(str::to_owned),
            discriminates: discriminates.map(|discriminator| discriminator.value.to_owned()),
        }
    }

    fn retired(model: &Model, name: &str) -> Self {
        Self {
            model: model.name.to_owned(),
            table: model.table.to_owned(),
            column: name.to_owned(),
            state: State::Retired,
            kind: String::new(),
            nullable: true,
            default: None,
            refers_to: None,
            on_delete: action(OnDelete::Refuse).to_owned(),
            renamed_from: None,
            table_renamed_from: model.renamed_from.map(str::to_owned),
            discriminates: None,
        }
    }

    /// The key under which the column syncs.
    pub(crate) fn key(&self) -> Option<&str> {
        match &self.state {
            State::Synced(key) => Some(key),
            State::Local | State::Retired => None,
        }
    }

    /// Returns `true` if `name` is the column or its key.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.column.eq_ignore_ascii_case(name) || self.key() == Some(name)
    }
}

/// Returns `true` for a column that every synced table has, and no struct declares.
pub(crate) fn is_implied(column: &str) -> bool {
    [SOURCE_ID, PARTITION, DIRTY_BIT].contains(&column)
}

/// The action in a foreign key.
pub(crate) fn action(on_delete: OnDelete) -> &'static str {
    match on_delete {
        OnDelete::Refuse => "NO ACTION",
        OnDelete::Cascade => "CASCADE",
        OnDelete::SetNull => "SET NULL",
    }
}

//! The model as the expansion needs it: columns in order, with every name resolved.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::{Ident, LitStr, Path};

use super::ast::Declaration;
use super::field::Field;
use super::flattened::Flattened;
use super::hooks::Hooks;
use super::literal::{Default, default_of};
use super::rules::Rules;
use super::template::{self, Piece};
use crate::root::Root;

/// The columns that every synced table has. Structs do not declare them.
pub(super) const IMPLIED: [&str; 3] = ["_morango_source_id", "_morango_partition", "_morango_dirty_bit"];

/// The implied columns that are part of the record's JSON text. They follow the id.
const WRITTEN: [&str; 2] = [IMPLIED[0], IMPLIED[1]];

/// A model that passed the checks.
pub(super) struct Model<'a> {
    pub(super) columns: Columns<'a>,
    /// The profiles, at least one.
    pub(super) profiles: &'a [Path],
    pub(super) name: &'a LitStr,
    pub(super) table: &'a LitStr,
    /// The discriminator's column and its value.
    pub(super) discriminator: Option<(ColumnName, &'a LitStr)>,
    pub(super) self_reference: Option<usize>,
    pub(super) dependencies: Vec<&'a Path>,
    pub(super) partition: Option<Template>,
    /// A column that may be `NULL`, and the partition of the records in which it is.
    pub(super) partition_without: Option<(ColumnName, Template)>,
    pub(super) source_id: Option<Template>,
    /// The function that computes source ids.
    pub(super) source_id_with: Option<&'a Path>,
    /// The function that computes ids.
    pub(super) id_with: Option<&'a Path>,
    pub(super) renamed_from: Option<&'a LitStr>,
    /// The columns that synced in an earlier version, and do not sync any more.
    pub(super) retired: &'a [LitStr],
    /// The columns of each unique key that has several.
    pub(super) unique: Vec<Vec<ColumnName>>,
    /// The function that checks a whole record.
    pub(super) validate: Option<&'a Path>,
    /// The name of the struct in errors.
    pub(super) class: String,
    /// The name of a record in errors.
    pub(super) verbose: String,
    /// The functions that are called when a record is received.
    pub(super) hooks: &'a Hooks,
}

/// The columns of a struct.
pub(super) struct Columns<'a> {
    pub(super) root: Root,
    pub(super) ident: &'a Ident,
    /// The levels of lints that the struct declares.
    pub(super) levels: &'a TokenStream,
    /// The synced columns, in the order of their keys in the record's JSON text.
    pub(super) synced: Vec<Column<'a>>,
    pub(super) local: Vec<Column<'a>>,
    pub(super) flattened: Vec<Part<'a>>,
}

/// The columns of a flattened field. They stand between those of the struct itself.
pub(super) struct Part<'a> {
    pub(super) field: &'a Flattened,
    /// The number of synced columns of the struct itself before it.
    pub(super) synced_before: usize,
    /// The number of local columns of the struct itself before it.
    pub(super) local_before: usize,
}

/// The name of a column.
pub(super) enum ColumnName {
    Known(String),
    /// The column of a field that is not one of the struct itself, so it is of a flattened one.
    Flattened {
        field: String,
        span: Span,
    },
}

/// A parsed template. Its placeholders name columns instead of fields.
pub(super) type Template = Vec<TemplatePiece>;

pub(super) enum TemplatePiece {
    Text(String),
    Column { name: ColumnName, when_null: Option<String> },
}

/// A column of the table. `field` is `None` for an implied column, which the struct does not have.
pub(super) struct Column<'a> {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) ty: TokenStream,
    pub(super) field: Option<&'a Ident>,
    /// `true` if the value is JSON and becomes a part of the record's JSON, instead of a string in it.
    pub(super) nested: bool,
    pub(super) references: Vec<Target<'a>>,
    /// `cascade` or `set_null`.
    pub(super) on_delete: Option<&'a Ident>,
    pub(super) default: Option<Default>,
    pub(super) renamed_from: Option<&'a LitStr>,
    /// The rules of a field that has one.
    pub(super) rules: Option<&'a Rules>,
    /// `true` if a missing value passes, and `false` if it is refused.
    pub(super) blank: Option<bool>,
}

/// The target of a reference.
pub(super) enum Target<'a> {
    Itself,
    Other(&'a Path),
}

impl<'a> Model<'a> {
    /// Builds the model from `declaration`. Returns `None` if a required part is missing.
    pub(super) fn lay_out(declaration: &'a Declaration, fields: &'a [Field]) -> Option<Self> {
        let name = declaration.model.as_option()?;
        let class = declaration.ident.unraw().to_string();
        let mut synced = fields.iter().filter(|field| !field.is_local());
        let id = synced.clone().position(|field| field.name() == "id");
        let self_reference = synced.position(|field| refers_to_itself(declaration, field));
        // The implied columns follow the id.
        let self_reference = self_reference
            .map(|index| if id.is_some_and(|id| id < index) { index + WRITTEN.len() } else { index });
        Some(Self {
            columns: Columns::lay_out(declaration, fields),
            profiles: declaration.profile.as_option()?,
            name,
            table: declaration.table.as_option().unwrap_or(name),
            discriminator: declaration
                .discriminator
                .as_option()
                .and_then(|(name, value)| Some((column_of(declaration, fields, name)?, value))),
            self_reference,
            dependencies: dependencies(declaration, fields),
            partition: declaration.partition.as_option().and_then(|text| template(declaration, text, fields)),
            partition_without: declaration.partition_without.as_option().and_then(|(name, text)| {
                Some((column_of(declaration, fields, name)?, template(declaration, text, fields)?))
            }),
            source_id: declaration.source_id.as_option().and_then(|text| template(declaration, text, fields)),
            source_id_with: declaration.source_id_with.as_option(),
            id_with: declaration.id_with.as_option(),
            renamed_from: declaration.renamed_from.as_option(),
            retired: declaration.retired.as_option().map_or(&[], Vec::as_slice),
            unique: declaration
                .unique
                .iter()
                .map(|names| names.iter().filter_map(|name| column_of(declaration, fields, name)).collect())
                .collect(),
            validate: declaration.validate.as_option(),
            verbose: declaration.verbose.as_option().map_or_else(|| words(&class), LitStr::value),
            class: declaration.class.as_option().map_or(class, LitStr::value),
            hooks: &declaration.hooks,
        })
    }
}

impl<'a> Columns<'a> {
    /// Builds the columns from `declaration`, whose fields that are not flattened are `fields`.
    pub(super) fn lay_out(declaration: &'a Declaration, fields: &'a [Field]) -> Self {
        let (mut synced, mut local, mut flattened) = (Vec::new(), Vec::new(), Vec::new());
        let mut parts = declaration.flattened.iter().peekable();
        for index in 0..=fields.len() {
            while let Some(field) = parts.next_if(|flattened| flattened.before == index) {
                flattened.push(Part { field, synced_before: synced.len(), local_before: local.len() });
            }
            let Some(field) = fields.get(index) else { break };
            if field.is_local() {
                local.push(Column::of(declaration, field));
                continue;
            }
            synced.push(Column::of(declaration, field));
            if field.name() == "id" {
                synced.extend(WRITTEN.map(Column::implied));
            }
        }
        let root = declaration.root.as_option().cloned().map(Root::new).unwrap_or_default();
        Self { root, ident: &declaration.ident, levels: &declaration.levels, synced, local, flattened }
    }

    /// All columns of the struct itself.
    pub(super) fn all(&self) -> impl Iterator<Item = &Column<'a>> {
        self.synced.iter().chain(&self.local)
    }
}

impl<'a> Column<'a> {
    fn of(declaration: &'a Declaration, field: &'a Field) -> Self {
        let target = |path| if declaration.is_itself(path) { Target::Itself } else { Target::Other(path) };
        let mut references: Vec<_> = field.targets().iter().map(target).collect();
        let itself = references.iter().any(|target| matches!(target, Target::Itself));
        if field.self_reference.as_option().is_some() && !itself {
            references.push(Target::Itself);
        }
        Self {
            name: field.column(),
            key: field.key(),
            ty: field.ty.to_token_stream(),
            field: Some(&field.ident),
            references,
            on_delete: field.on_delete.as_option(),
            default: field.default.as_option().and_then(|literal| default_of(literal).ok()),
            nested: field.nested.as_option().is_some(),
            renamed_from: field.renamed_from.as_option(),
            rules: (field.name() != "id" && !field.is_local()).then_some(&field.rules),
            blank: (field.rules.blank.as_option().or(declaration.blank.as_option())).map(|blank| blank.value),
        }
    }

    /// Returns `true` if the value of the field is checked beyond its type.
    pub(super) fn has_rules(&self) -> bool {
        let checks = ["max_length", "min", "max", "choices", "validate"];
        self.rules.is_some_and(|rules| {
            self.blank == Some(false) || rules.given().any(|(key, _)| checks.contains(&key))
        })
    }

    fn implied(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            key: name.to_owned(),
            ty: quote!(::std::string::String),
            field: None,
            references: Vec::new(),
            on_delete: None,
            default: None,
            nested: false,
            renamed_from: None,
            rules: None,
            blank: None,
        }
    }
}

/// The words of a type's name, as Django names its records: `ad hoc group` for `AdHocGroup`.
fn words(class: &str) -> String {
    let characters: Vec<char> = class.chars().collect();
    let mut words = String::new();
    for (index, character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| characters[before]);
        let behind = characters.get(index + 1);
        let begins_a_word =
            before.is_some_and(char::is_lowercase) || behind.is_some_and(|behind| !behind.is_uppercase());
        if character.is_uppercase() && before.is_some() && begins_a_word {
            words.push(' ');
        }
        words.extend(character.to_lowercase());
    }
    words
}

fn refers_to_itself(declaration: &Declaration, field: &Field) -> bool {
    field.self_reference.as_option().is_some()
        || field.targets().iter().any(|path| declaration.is_itself(path))
}

/// The other models that this model refers to or depends on, each once, in the order of the declaration.
fn dependencies<'a>(declaration: &'a Declaration, fields: &'a [Field]) -> Vec<&'a Path> {
    let mut dependencies: Vec<&Path> = Vec::new();
    let references = fields.iter().flat_map(Field::targets);
    for path in references.chain(declaration.depends_on.as_option().into_iter().flatten()) {
        if !declaration.is_itself(path) && !dependencies.contains(&path) {
            dependencies.push(path);
        }
    }
    dependencies
}

/// The column of the field `name`.
fn column_of(declaration: &Declaration, fields: &[Field], name: &Ident) -> Option<ColumnName> {
    match fields.iter().find(|field| field.ident == *name) {
        Some(field) => Some(ColumnName::Known(field.column())),
        None if declaration.flattened.is_empty() => None,
        None => Some(ColumnName::Flattened { field: name.unraw().to_string(), span: name.span() }),
    }
}

fn template(declaration: &Declaration, text: &LitStr, fields: &[Field]) -> Option<Template> {
    let column = |name: &str| match fields.iter().find(|field| field.name() == name) {
        Some(field) => Some(ColumnName::Known(field.column())),
        None if declaration.flattened.is_empty() => None,
        None => Some(ColumnName::Flattened { field: name.to_owned(), span: text.span() }),
    };
    let value = text.value();
    let pieces = template::parse(&value).ok()?.into_iter().map(|piece| match piece {
        Piece::Text(text) => Some(TemplatePiece::Text(text.to_owned())),
        Piece::Field { name, when_null } => {
            Some(TemplatePiece::Column { name: column(name)?, when_null: when_null.map(str::to_owned) })
        }
    });
    pieces.collect()
}

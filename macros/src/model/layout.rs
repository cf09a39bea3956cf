//! The model as the expansion needs it: columns in order, with every name resolved.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Path};

use super::ast::{Declaration, Field};
use super::template::{self, Piece};
use crate::root::Root;

/// The columns that every synced table has. Structs do not declare them.
pub(super) const IMPLIED: [&str; 3] = ["_morango_source_id", "_morango_partition", "_morango_dirty_bit"];

/// The implied columns that are part of the record's JSON text. They follow the id.
const WRITTEN: [&str; 2] = [IMPLIED[0], IMPLIED[1]];

/// A model that passed the checks.
pub(super) struct Model<'a> {
    pub(super) root: Root,
    pub(super) ident: &'a Ident,
    pub(super) profile: &'a Path,
    pub(super) name: &'a LitStr,
    pub(super) table: &'a LitStr,
    /// The discriminator's column and its value.
    pub(super) discriminator: Option<(String, &'a LitStr)>,
    /// The synced columns, in the order of their keys in the record's JSON text.
    pub(super) columns: Vec<Column<'a>>,
    pub(super) local_columns: Vec<Column<'a>>,
    pub(super) self_reference: Option<usize>,
    pub(super) dependencies: Vec<&'a Path>,
    pub(super) partition: Option<Template>,
    /// A column that may be `NULL`, and the partition of the records in which it is.
    pub(super) partition_without: Option<(String, Template)>,
    pub(super) source_id: Option<Template>,
}

/// A parsed template. Its placeholders name columns instead of fields.
pub(super) type Template = Vec<TemplatePiece>;

pub(super) enum TemplatePiece {
    Text(String),
    Column { name: String, when_null: Option<String> },
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
    /// The default as an SQL literal.
    pub(super) default: Option<String>,
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
        let (local, synced): (Vec<_>, Vec<_>) = fields.iter().partition(|field| field.is_local());
        let mut columns = Vec::new();
        let mut self_reference = None;
        for field in synced {
            if refers_to_itself(declaration, field) {
                self_reference = Some(columns.len());
            }
            columns.push(Column::of(declaration, field));
            if field.name() == "id" {
                columns.extend(WRITTEN.map(Column::implied));
            }
        }
        Some(Self {
            root: declaration.root.as_option().cloned().map(Root::new).unwrap_or_default(),
            ident: &declaration.ident,
            profile: declaration.profile.as_option()?,
            name,
            table: declaration.table.as_option().unwrap_or(name),
            discriminator: declaration.discriminator.as_option().and_then(|(name, value)| {
                let field = fields.iter().find(|field| field.ident == *name)?;
                Some((field.column(), value))
            }),
            columns,
            local_columns: local.into_iter().map(|field| Column::of(declaration, field)).collect(),
            self_reference,
            dependencies: dependencies(declaration, fields),
            partition: declaration.partition.as_option().and_then(|text| template(&text.value(), fields)),
            partition_without: declaration.partition_without.as_option().and_then(|(name, text)| {
                let field = fields.iter().find(|field| field.ident == *name)?;
                Some((field.column(), template(&text.value(), fields)?))
            }),
            source_id: declaration.source_id.as_option().and_then(|text| template(&text.value(), fields)),
        })
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
            default: field.default.as_option().map(sql_literal),
            nested: field.nested.as_option().is_some(),
        }
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
        }
    }
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

fn template(text: &str, fields: &[Field]) -> Option<Template> {
    let column = |name: &str| fields.iter().find(|field| field.name() == name).map(Field::column);
    let pieces = template::parse(text).ok()?.into_iter().map(|piece| match piece {
        Piece::Text(text) => Some(TemplatePiece::Text(text.to_owned())),
        Piece::Field { name, when_null } => {
            Some(TemplatePiece::Column { name: column(name)?, when_null: when_null.map(str::to_owned) })
        }
    });
    pieces.collect()
}

/// Converts a Rust literal, as [`Entry::literal`](crate::attribute::Entry::literal) accepts it, to SQL.
fn sql_literal(literal: &Expr) -> String {
    match literal {
        Expr::Unary(negative) => format!("-{}", sql_literal(&negative.expr)),
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Int(number) => number.base10_digits().to_owned(),
            Lit::Float(number) => number.base10_digits().to_owned(),
            Lit::Bool(truth) => u8::from(truth.value).to_string(),
            Lit::Str(text) => format!("'{}'", text.value().replace('\'', "''")),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

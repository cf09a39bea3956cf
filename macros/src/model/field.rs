//! A field of a struct, as it is declared.

use syn::ext::IdentExt as _;
use syn::{Expr, Ident, LitStr, Path, Type};

use super::keys::{Place, unknown_key};
use super::rules::{self, Rules};
use crate::attribute::{Entry, Given, entries};
use crate::errors::Errors;
use crate::ungrouped::ungrouped_type;

/// One field of the struct.
pub(super) struct Field {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) references: Given<Vec<Path>>,
    pub(super) self_reference: Given<Ident>,
    pub(super) on_delete: Given<Ident>,
    pub(super) local: Given<Ident>,
    pub(super) column: Given<LitStr>,
    pub(super) key: Given<LitStr>,
    pub(super) default: Given<Expr>,
    pub(super) nested: Given<Ident>,
    pub(super) renamed_from: Given<LitStr>,
    pub(super) flatten: Given<Ident>,
    pub(super) rules: Rules,
}

impl Field {
    pub(super) fn parse(field: &syn::Field, errors: &mut Errors) -> Option<Self> {
        let mut this = Self {
            ident: field.ident.clone()?,
            ty: ungrouped_type(&field.ty),
            references: Given::Absent,
            self_reference: Given::Absent,
            on_delete: Given::Absent,
            local: Given::Absent,
            column: Given::Absent,
            key: Given::Absent,
            default: Given::Absent,
            nested: Given::Absent,
            renamed_from: Given::Absent,
            flatten: Given::Absent,
            rules: Rules::new(),
        };
        for entry in entries(&field.attrs, "references = ..", errors) {
            match entry.key.to_string().as_str() {
                "references" => this.references.fill(&entry, errors, |entry| entry.paths("Notebook")),
                "self_reference" => this.self_reference.fill(&entry, errors, Entry::flag),
                "on_delete" => {
                    this.on_delete.fill(&entry, errors, |entry| entry.word(&["cascade", "set_null"]));
                }
                "local" => this.local.fill(&entry, errors, Entry::flag),
                "column" => this.column.fill(&entry, errors, Entry::text),
                "key" => this.key.fill(&entry, errors, Entry::text),
                "default" => this.default.fill(&entry, errors, Entry::literal),
                "nested" => this.nested.fill(&entry, errors, Entry::flag),
                "renamed_from" => this.renamed_from.fill(&entry, errors, Entry::text),
                "flatten" => this.flatten.fill(&entry, errors, Entry::flag),
                key if rules::KEYS.contains(&key) => this.rules.parse(&entry, errors),
                _ => {
                    unknown_key(&entry, Place::Field, errors);
                }
            }
        }
        Some(this)
    }

    /// The field's name, without the `r#` of a raw identifier.
    pub(super) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    pub(super) fn is_local(&self) -> bool {
        !matches!(self.local, Given::Absent)
    }

    /// The name of the field's column in the table.
    pub(super) fn column(&self) -> String {
        self.column.as_option().map_or_else(|| self.name(), LitStr::value)
    }

    /// The field's key in the JSON text of a record.
    pub(super) fn key(&self) -> String {
        self.key.as_option().map_or_else(|| self.name(), LitStr::value)
    }

    /// The models that the field refers to.
    pub(super) fn targets(&self) -> &[Path] {
        self.references.as_option().map_or(&[], Vec::as_slice)
    }
}

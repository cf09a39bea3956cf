//! The generated impls of `Syncable` and `Partitioned`: straight-line code with one call for each column.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::definition::{of_field_value, of_trait};
use super::layout::{Column, Columns, Model, Template, TemplatePiece};
use super::literal::{Default, DefaultValue};
use super::{parts, receive, rule_types, rule_values};
use crate::attributes::quiet;

/// The impls for `columns`, those of a struct that several models share.
pub(super) fn expand_shared(columns: &Columns<'_>) -> TokenStream {
    let Columns { root, levels, .. } = columns;
    let ident = quiet(columns.ident);
    let constants = parts::constants(columns);
    let read = read(columns);
    let write_serialized = write_serialized(columns, "", None);
    let store = store(columns);
    let receive = receive::expand(columns, &quote!(<Self as #root::SyncableFields>::COLUMNS));
    let checked_defaults = checked_defaults(columns);
    let checked_rules = rule_types::fitting(columns.all(), root);
    let parts = parts::expand(columns);
    quote! {
        #[automatically_derived]
        #levels
        impl #root::SyncableFields for #ident {
            #constants

            #read

            #write_serialized

            #store

            #receive
        }

        #parts

        #checked_defaults

        #checked_rules
    }
}

/// The impls for `model`.
pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let Model { columns, profiles, name, .. } = model;
    let Columns { root, levels, .. } = columns;
    let ident = quiet(columns.ident);
    let profile = &profiles[0];
    let several_profiles = several_profiles(model);
    let definition = definition(model);
    let read = read(columns);
    let write_serialized = write_serialized(columns, "{", Some('}'));
    let store = store(columns);
    let receive = receive::expand(columns, &quote!(<Self as #root::Syncable>::MODEL.columns));
    let check_record = check_record(model);
    let computed = computed(model);
    let hooks = model.hooks.expand(root);
    let checked_defaults = checked_defaults(columns);
    let checked_rules = rule_types::fitting(columns.all(), root);
    let parts = parts::expand(columns);
    let retired = parts::retired(columns, model.retired);
    let partitioned = model.partition.as_ref().map(|_| {
        quote! {
            #[automatically_derived]
            #levels
            impl #root::Partitioned for #ident {}
        }
    });
    quote! {
        #[automatically_derived]
        #levels
        impl #root::Syncable for #ident {
            type Profile = #profile;

            const NAME: &'static ::core::primitive::str = #name;

            const MODEL: &'static #root::Model = #definition;

            #several_profiles

            #read

            #write_serialized

            #store

            #receive

            #check_record

            fn record_id(&self) -> #root::RecordId {
                self.id
            }

            fn set_record_id(&mut self, id: #root::RecordId) {
                self.id = id;
            }

            #computed

            #hooks
        }

        #partitioned

        #parts

        #retired

        #checked_defaults

        #checked_rules
    }
}

/// The methods that apply the rule of the whole record.
fn check_record(model: &Model<'_>) -> TokenStream {
    let root = &model.columns.root;
    let Some(path) = model.validate else { return TokenStream::new() };
    quote! {
        fn check_record(&self) -> ::core::result::Result<(), #root::__private::RecordFailure> {
            #root::__private::into_failure(#path(self))
        }

        fn check_received(
            row: &impl #root::Row,
        ) -> ::core::result::Result<(), #root::__private::RecordFailure> {
            #root::__private::check_received::<Self>(row)
        }
    }
}

/// The profiles of a model that has several: a database syncs it in one of them.
fn several_profiles(model: &Model<'_>) -> TokenStream {
    let Model { columns: Columns { root, .. }, profiles, .. } = model;
    let [_, others @ ..] = *profiles else { return TokenStream::new() };
    if others.is_empty() {
        return TokenStream::new();
    }
    let names = profiles.iter().map(|profile| {
        let name_of = quote_spanned!(profile.span()=> name_of_profile::<Self, #profile>);
        quote!(#root::__private::#name_of())
    });
    quote! {
        const PROFILES: &'static [&'static ::core::primitive::str] = &[#(#names),*];

        fn models_of_profile(
            name: &::core::primitive::str,
        ) -> &'static [&'static #root::Model] {
            #(if name == <#others as #root::Profile>::NAME {
                return <#others as #root::Profile>::MODELS;
            })*
            <Self::Profile as #root::Profile>::MODELS
        }
    }
}

/// The constant `MODEL`: the model's description at run time, which is a chain of `const` builder calls.
fn definition(model: &Model<'_>) -> TokenStream {
    let Model { columns, table, dependencies, .. } = model;
    let root = &columns.root;
    let dependencies = quote!(&[#(<#dependencies as #root::Syncable>::NAME),*]);
    let synced = parts::synced(columns);
    let (class, verbose) = (&model.class, &model.verbose);
    let mut definition = quote! {
        #root::Model::new(Self::NAME, #table, #synced).names(#class, #verbose)
    };
    if let Some((column, value)) = &model.discriminator {
        let column = parts::name_of(column, columns, "column_of", "a discriminator");
        definition.extend(quote!(.discriminator(#column, #value)));
    }
    if let Some(local) = parts::local(columns) {
        definition.extend(quote!(.local_columns(#local)));
    }
    if columns.flattened.is_empty() {
        if let Some(column) = model.self_reference.map(Literal::usize_unsuffixed) {
            definition.extend(quote!(.self_reference(#column)));
        }
        if !model.dependencies.is_empty() {
            definition.extend(quote!(.dependencies(#dependencies)));
        }
    } else {
        definition.extend(parts::references(columns, &dependencies));
    }
    if let Some(template) = &model.partition {
        let template = definition_of_template(template, columns, "a partition");
        definition.extend(quote!(.partition(#template)));
    }
    if let Some((column, template)) = &model.partition_without {
        let template = definition_of_template(template, columns, "a partition");
        let column = parts::name_of(column, columns, "optional_column_of", "`partition_without`");
        definition.extend(quote!(.partition_without(#column, #template)));
    }
    if let Some(template) = &model.source_id {
        let template = definition_of_template(template, columns, "a source id");
        definition.extend(quote!(.source_id(#template)));
    }
    if model.source_id_with.is_some() {
        definition.extend(quote!(.computes_source_id()));
    }
    if model.id_with.is_some() {
        definition.extend(quote!(.computes_id()));
    }
    if let Some(table) = model.renamed_from {
        definition.extend(quote!(.renamed_from(#table)));
    }
    if !model.unique.is_empty() {
        let keys = model.unique.iter().map(|key| {
            let columns = key.iter().map(|name| parts::name_of(name, columns, "column_of", "a unique key"));
            quote!(&[#(#columns),*])
        });
        definition.extend(quote!(.unique(&[#(#keys),*])));
    }
    if !model.retired.is_empty() {
        let columns = model.retired;
        definition.extend(quote!(.retired(&[#(#columns),*])));
    }
    quote!(&#definition)
}

/// The methods that call the app's functions for identities.
fn computed(model: &Model<'_>) -> TokenStream {
    let root = &model.columns.root;
    let source_id = model.source_id_with.map(|path| {
        // With the span of the path: the compiler reports a function that returns no source id there.
        let span = Span::call_site().located_at(path.span());
        let made = quote_spanned!(span=> #path(self));
        quote! {
            fn computed_source_id(&self) -> ::core::option::Option<::std::string::String> {
                #root::__private::into_source_id(#made)
            }
        }
    });
    let id = model.id_with.map(|path| {
        quote! {
            fn computed_id(
                partition: &::core::primitive::str,
                source_id: &::core::primitive::str,
            ) -> ::core::option::Option<#root::RecordId> {
                ::core::option::Option::Some(#path(partition, source_id))
            }
        }
    });
    quote!(#source_id #id)
}

/// The compile-time checks of the defaults.
fn checked_defaults(columns: &Columns<'_>) -> TokenStream {
    let root = &columns.root;
    let defaults = columns.all().filter_map(|column| Some((column, column.default.as_ref()?)));
    defaults
        .map(|(column, Default { sql, value, span })| {
            let Column { name, ty, references, .. } = column;
            let checks = of_field_value(ty, root, "CHECKS");
            let checks = if references.is_empty() { checks } else { quote!(&[#root::Check::Id]) };
            let value = match value {
                DefaultValue::Integer(number) => {
                    let number = Literal::i64_unsuffixed(*number);
                    quote!(Integer(#number))
                }
                DefaultValue::Real(number) => {
                    let number = Literal::f64_unsuffixed(*number);
                    quote!(Real(#number))
                }
                DefaultValue::Text(text) => quote!(Text(#text)),
            };
            let is_blank = sql == "''" && column.blank == Some(true);
            let of_rules = rule_values::checks_of(column, root);
            let of_rules = (!of_rules.is_empty() && !is_blank).then(|| quote!(&[#(#of_rules),*]));
            let checks = [checks].into_iter().chain(of_rules).map(|checks| {
                let arguments = quote!(#name, #checks, #sql, #root::ColumnValue::#value);
                // With the span of the literal: the compiler reports a value that the field cannot hold at the call.
                let span = Span::call_site().located_at(*span);
                let call = quote_spanned!(span=> check_default(#arguments));
                quote! {
                    const _: () = {
                        use #root::__private::check_default;
                        #call
                    };
                }
            });
            quote!(#(#checks)*)
        })
        .collect()
}

/// The template of `what`, a partition or a source id.
fn definition_of_template(template: &Template, columns: &Columns<'_>, what: &str) -> TokenStream {
    let root = &columns.root;
    let pieces = template.iter().map(|piece| match piece {
        TemplatePiece::Text(text) => quote!(#root::TemplatePiece::Text(#text)),
        TemplatePiece::Column { name, when_null } => {
            let name = parts::name_of(name, columns, "column_of", what);
            let when_null = match when_null {
                None => quote!(::core::option::Option::None),
                Some(text) => quote!(::core::option::Option::Some(#text)),
            };
            quote!(#root::TemplatePiece::Column { name: #name, when_null: #when_null })
        }
    });
    quote!(#root::Template::new(&[#(#pieces),*]))
}

fn read(columns: &Columns<'_>) -> TokenStream {
    let root = &columns.root;
    let own = columns.all().enumerate().filter_map(|(index, Column { ty, field, .. })| {
        let field = quiet(field.as_ref()?);
        let index = parts::position(columns, index);
        let read = of_field_value(ty, root, "read");
        Some(quote! {
            #field: #read(#root::__private::column(row, #index)?)
                .map_err(#root::__private::in_column(#index))?
        })
    });
    let fields = own.chain(parts::read(columns));
    quote! {
        fn read(row: &impl #root::Row) -> ::core::result::Result<Self, #root::FieldError> {
            ::core::result::Result::Ok(Self { #(#fields),* })
        }
    }
}

/// The method that writes the members of the record's JSON, after the text `opening` and before `closing`.
fn write_serialized(columns: &Columns<'_>, opening: &str, closing: Option<char>) -> TokenStream {
    let root = &columns.root;
    let mut members = TokenStream::new();
    for (number, Column { key, ty, nested, .. }) in columns.synced.iter().enumerate() {
        members.extend(parts::write_before(columns, number, opening));
        let key = json_string(key);
        let prefix = |separator: &str| format!("{separator}{key}: ");
        let prefix = match (number, columns.flattened.first()) {
            (0, Some(part)) if part.synced_before == 0 => {
                parts::prefix(columns, &prefix(opening), &prefix(", "))
            }
            (0, _) => prefix(opening).to_token_stream(),
            _ => prefix(", ").to_token_stream(),
        };
        let index = parts::position(columns, number);
        let write_json = if *nested {
            of_trait(ty, root, "NestedValue", "write_nested_json")
        } else {
            of_field_value(ty, root, "write_json")
        };
        members.extend(quote! {
            json.push_str(#prefix);
            #write_json(#root::__private::column(row, #index)?, json)
                .map_err(#root::__private::in_column(#index))?;
        });
    }
    members.extend(parts::write_before(columns, columns.synced.len(), opening));
    if let Some(closing) = closing {
        members.extend(quote!(json.push(#closing);));
    }
    quote! {
        fn write_serialized(
            row: &impl #root::Row,
            json: &mut ::std::string::String,
        ) -> ::core::result::Result<(), #root::FieldError> {
            #members
            ::core::result::Result::Ok(())
        }
    }
}

/// The methods that convert the struct to its columns, by the column's position.
fn store(columns: &Columns<'_>) -> TokenStream {
    let root = &columns.root;
    let arms = columns.all().enumerate().filter_map(|(index, Column { ty, field, .. })| {
        let field = quiet(field.as_ref()?);
        let index = Literal::usize_unsuffixed(index);
        let store = of_field_value(ty, root, "to_column");
        Some(quote!(#index => ::core::option::Option::Some(#store(&self.#field)),))
    });
    let stored = parts::by_part(
        columns,
        &quote! {
            match index {
                #(#arms)*
                _ => ::core::option::Option::None,
            }
        },
        "stored",
        |field| quote!(&self.#field, index),
    );
    let checks = columns.all().enumerate().filter_map(|(index, Column { ty, field, .. })| {
        field.as_ref()?;
        let index = Literal::usize_unsuffixed(index);
        let check = of_field_value(ty, root, "check");
        Some(quote!(#index => #check(value),))
    });
    let check = parts::by_part(
        columns,
        &quote! {
            match index {
                #(#checks)*
                _ => ::core::result::Result::Ok(()),
            }
        },
        "check",
        |_| quote!(index, value),
    );
    let check_default = check_default(columns);
    quote! {
        fn stored(
            &self,
            index: ::core::primitive::usize,
        ) -> ::core::option::Option<::core::result::Result<#root::StoredValue<'_>, #root::InvalidValue>> {
            #stored
        }

        fn check(
            index: ::core::primitive::usize,
            value: #root::ColumnValue<'_>,
        ) -> ::core::result::Result<(), #root::InvalidValue> {
            #check
        }

        #check_default
    }
}

/// The method that checks the defaults. Only the type of a field can read some of them, JSON for example.
fn check_default(columns: &Columns<'_>) -> TokenStream {
    let root = &columns.root;
    let checks: Vec<_> = columns
        .all()
        .enumerate()
        .filter(|(_, column)| column.default.is_some())
        .map(|(index, Column { ty, .. })| {
            let index = Literal::usize_unsuffixed(index);
            let read = of_field_value(ty, root, "read");
            quote!(#index => #read(value).map(::core::mem::drop),)
        })
        .collect();
    if checks.is_empty() && columns.flattened.is_empty() {
        return TokenStream::new();
    }
    let check = parts::by_part(
        columns,
        &quote! {
            match index {
                #(#checks)*
                _ => ::core::result::Result::Ok(()),
            }
        },
        "check_default",
        |_| quote!(index, value),
    );
    quote! {
        fn check_default(
            index: ::core::primitive::usize,
            value: #root::ColumnValue<'_>,
        ) -> ::core::result::Result<(), #root::InvalidValue> {
            #check
        }
    }
}

/// `text` as Python's `json.dumps` writes it: quoted, with everything outside of printable ASCII escaped.
fn json_string(text: &str) -> String {
    use std::fmt::Write as _;

    let mut json = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            ' '..='~' => json.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(json, "\\u{unit:04x}").expect("writing to a string succeeds");
                }
            }
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::json_string;

    #[test]
    fn keys_are_escaped_as_python_does() {
        assert_eq!(json_string("id"), r#""id""#);
        assert_eq!(json_string("na\u{ef}ve \"\u{1F600}\""), r#""na\u00efve \"\ud83d\ude00\"""#);
    }
}

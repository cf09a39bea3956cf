//! Snapshots of expansions. The same declaration is compiled and run in `tests/it/expansions.rs` of the face crate.

use proc_macro2::TokenStream;
use quote::quote;

use crate::formatted::formatted;

fn expanded(input: TokenStream) -> String {
    formatted(super::profile(input))
}

#[test]
fn two_models() {
    insta::assert_snapshot!(expanded(quote! {
        /// Everything that somebody wrote down.
        pub Notes = "notes" { Note, records::Notebook }
    }), @r#"
    /// Everything that somebody wrote down.
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub struct Notes;
    const _: () = {
        const COUNT: ::core::primitive::usize = 2;
        const LISTING: ::syncline::__private::Listing<COUNT> = ::syncline::__private::Listing::new(
            "notes",
            ["Note", "records::Notebook"],
            [
                <Note as ::syncline::Syncable>::PROFILES,
                <records::Notebook as ::syncline::Syncable>::PROFILES,
            ],
            [
                <Note as ::syncline::Syncable>::MODEL,
                <records::Notebook as ::syncline::Syncable>::MODEL,
            ],
        );
        #[automatically_derived]
        impl ::syncline::Profile for Notes {
            const NAME: &'static ::core::primitive::str = "notes";
            const MODELS: &'static [&'static ::syncline::Model] = &::syncline::__private::Listing::in_order(
                &LISTING,
            );
            fn visit<V: ::syncline::ModelVisitor>(
                index: ::core::primitive::usize,
                visitor: V,
            ) -> ::core::option::Option<V::Output> {
                const ORDER: [::core::primitive::usize; COUNT] = ::syncline::__private::Listing::order(
                    &LISTING,
                );
                let visits: [fn(V) -> V::Output; COUNT] = [
                    <Note as ::syncline::Syncable>::accept,
                    <records::Notebook as ::syncline::Syncable>::accept,
                ];
                let index = <[::core::primitive::usize]>::get(&ORDER, index)?;
                ::core::option::Option::Some(visits[*index](visitor))
            }
        }
        impl ::syncline::Lists<Note> for Notes {}
        impl ::syncline::Lists<records::Notebook> for Notes {}
        #[automatically_derived]
        impl ::syncline::PartitionedProfile for Notes
        where
            for<'a> Note: ::syncline::Partitioned,
            for<'a> records::Notebook: ::syncline::Partitioned,
        {}
        const _: () = ::syncline::__private::Listing::check_model(&LISTING, 0);
        const _: () = ::syncline::__private::Listing::check_model(&LISTING, 1);
    };
    "#);
}

#[test]
fn a_mistake_leaves_a_stub() {
    insta::assert_snapshot!(expanded(quote! {
        Notes = "" { Note }
    }), @r#"
    ::core::compile_error! {
        "a profile name cannot be empty"
    }
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    struct Notes;
    const _: () = {
        #[automatically_derived]
        impl ::syncline::Profile for Notes {
            const NAME: &'static ::core::primitive::str = "";
            const MODELS: &'static [&'static ::syncline::Model] = &[];
            fn visit<V: ::syncline::ModelVisitor>(
                _: ::core::primitive::usize,
                _: V,
            ) -> ::core::option::Option<V::Output> {
                ::core::option::Option::None
            }
        }
        impl<M> ::syncline::Lists<M> for Notes {}
        impl ::syncline::PartitionedProfile for Notes {}
    };
    "#);
}

#[test]
fn rules_for_conflicts() {
    let rule = |options: TokenStream| {
        let text = expanded(quote!(Notes = "notes" (#options) { Note }));
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        let start = lines.iter().position(|line| line.starts_with("const ON_CONFLICT"));
        start.map(|start| {
            lines[start..].iter().take_while(|line| !line.starts_with("fn")).copied().collect::<String>()
        })
    };
    let of = |value: &str| {
        Some(format!(
            "const ON_CONFLICT: ::syncline::model::OnConflict = ::syncline::model::OnConflict::{value};"
        ))
    };
    assert_eq!(rule(quote!(known = SCHEMA)), None);
    assert_eq!(rule(quote!(on_conflict = mine)), of("Mine"));
    assert_eq!(rule(quote!(known = SCHEMA, on_conflict = theirs,)), of("Theirs"));
    assert_eq!(rule(quote!(on_conflict = by_field, known = SCHEMA)), of("ByField"));
    assert_eq!(rule(quote!(on_conflict = rules::longer)), of("With(rules::longer,)"));
    assert_eq!(rule(quote!(on_conflict = last(by = r#type))), of("Last {by: \"type\",}"));
    let checked = expanded(quote!(Notes = "notes" (on_conflict = last(by = edited)) { Note }));
    assert!(
        checked.contains("::syncline::__private::Listing::check_last(&LISTING, \"edited\");"),
        "{checked}"
    );
}

//! Elided lifetimes of the output. As in a function, they are the lifetime of the only borrowed argument.
//!
//! `run_with` has an additional argument with a lifetime, and the closure of `prepare` another one, so Rust's own
//! elision does not apply. This module gives the lifetime a name.

use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{
    BoundLifetimes, GenericParam, Lifetime, LifetimeParam, ParenthesizedGenericArguments, ReturnType, Type,
    TypeFnPtr, TypeReference,
};

use super::ast::Declaration;
use crate::errors::Errors;

/// Names the elided lifetimes of the output.
pub(super) fn name_lifetimes(declaration: &mut Declaration, errors: &mut Errors) {
    let ReturnType::Type(_, output) = &mut declaration.output else { return };
    let mut elided = Lifetimes::default();
    elided.visit_type_mut(output);
    let Some(first) = elided.elided.first().copied() else { return };
    let mut given = Lifetimes::default();
    let mut types: Vec<&mut Type> =
        declaration.arguments.iter_mut().map(|argument| &mut *argument.ty).collect();
    for ty in &mut types {
        given.visit_type_mut(ty);
    }
    given.named.sort();
    given.named.dedup();
    let name = match (given.elided.len(), given.named.as_slice()) {
        (0, [only]) => only.clone(),
        (elided, named) => {
            if (elided, named.len()) != (1, 0) {
                errors.push(syn::Error::new(first, usage(elided + named.len())));
            }
            let name = Lifetime::new("'__given", Span::mixed_site());
            let parameter = LifetimeParam::new(name.clone());
            declaration.generics.params.insert(0, GenericParam::Lifetime(parameter));
            name
        }
    };
    // After a mistake all lifetimes get one name, so that the mistake causes no further errors.
    let is_for_all = given.elided.len() + given.named.len() > 1;
    let mut naming = Lifetimes { name: Some(name), is_for_all, ..Lifetimes::default() };
    naming.visit_type_mut(output);
    for ty in types {
        naming.visit_type_mut(ty);
    }
}

fn usage(given: usize) -> &'static str {
    if given == 0 {
        "the output is borrowed, and no parameter is a reference: name its lifetime, as in \
         `-> Vec<&'static str>`"
    } else {
        "the output is borrowed, and several parameters are references: name its lifetime, as in \
         `Words<'a>(text: &'a str) -> Vec<&'a str>`"
    }
}

/// A visitor for the lifetimes of a type, except those of functions inside of it.
#[derive(Default)]
struct Lifetimes {
    /// The spans of elided lifetimes.
    elided: Vec<Span>,
    named: Vec<Lifetime>,
    /// The name to write for elided lifetimes.
    name: Option<Lifetime>,
    /// True if the name replaces the other lifetimes as well.
    is_for_all: bool,
}

impl VisitMut for Lifetimes {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            self.elided.push(reference.and_token.span);
            reference.lifetime.clone_from(&self.name);
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        let is_elided = lifetime.ident == "_";
        if is_elided {
            self.elided.push(lifetime.span());
        } else {
            self.named.push(lifetime.clone());
        }
        if let Some(name) = self.name.as_ref().filter(|_| is_elided || self.is_for_all) {
            *lifetime = name.clone();
        }
    }

    fn visit_bound_lifetimes_mut(&mut self, _: &mut BoundLifetimes) {}

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
}

//! Types as they are written: a macro cannot resolve names.

use syn::{GenericArgument, Ident, PathArguments, Type};

/// Returns `true` for `RecordId`.
pub(super) fn is_record_id(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|(name, arguments)| name == "RecordId" && arguments.is_none())
}

/// The `T` of an `Option<T>`.
pub(super) fn optional(ty: &Type) -> Option<&Type> {
    let (name, arguments) = last_segment(ty)?;
    match arguments {
        PathArguments::AngleBracketed(arguments) if name == "Option" => match arguments.args.first()? {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn last_segment(ty: &Type) -> Option<(&Ident, &PathArguments)> {
    match ty {
        Type::Path(ty) => ty.path.segments.last().map(|segment| (&segment.ident, &segment.arguments)),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

//! Literals of a declaration, as the values of columns.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit};

/// The default of a column.
pub(super) struct Default {
    /// The default as an SQL literal.
    pub(super) sql: String,
    pub(super) value: DefaultValue,
    /// The location of the literal.
    pub(super) span: Span,
}

/// The value of a default, as the column stores it.
pub(super) enum DefaultValue {
    Integer(i64),
    Real(f64),
    Text(String),
}

/// Converts a Rust literal, as [`Entry::literal`](crate::attribute::Entry::literal) accepts it, to a default.
///
/// # Errors
///
/// Returns a message if no column can have the literal as its default.
pub(super) fn default_of(literal: &Expr) -> Result<Default, &'static str> {
    const NO_LITERAL: &str = "a default is a number, `true`, `false` or text";

    let (minus, lit) = match literal {
        Expr::Lit(ExprLit { lit, .. }) => ("", lit),
        Expr::Unary(negative) => match &*negative.expr {
            Expr::Lit(ExprLit { lit, .. }) => ("-", lit),
            _ => return Err(NO_LITERAL),
        },
        _ => return Err(NO_LITERAL),
    };
    let (sql, value) = match lit {
        Lit::Int(number) => {
            let sql = format!("{minus}{}", number.base10_digits());
            let number = sql.parse().map_err(
                |_| "a column holds 64 bits: a default is from -9223372036854775808 to 9223372036854775807",
            )?;
            (sql, DefaultValue::Integer(number))
        }
        Lit::Float(number) => {
            let sql = format!("{minus}{}", number.base10_digits());
            let number: Option<f64> = sql.parse().ok().filter(|number: &f64| number.is_finite());
            let number = number.ok_or("a default is a finite number: this is larger than an `f64` holds")?;
            (sql, DefaultValue::Real(number))
        }
        Lit::Bool(truth) => (u8::from(truth.value).to_string(), DefaultValue::Integer(truth.value.into())),
        Lit::Str(text) if text.value().contains('\0') => {
            return Err("a default cannot contain a NUL character, at which SQL ends");
        }
        Lit::Str(text) => {
            (format!("'{}'", text.value().replace('\'', "''")), DefaultValue::Text(text.value()))
        }
        _ => return Err(NO_LITERAL),
    };
    Ok(Default { sql, value, span: literal.span() })
}

//! A cross-section of declarations: each kind of model, profile, operator, closure, policy and part.

pub mod models;
pub mod parts;
pub mod pipelines;

//! The declarations of all versions of the app that have made or tracked this database.
//!
//! `create` and `track` write down what the program declares: for each model its table, and for each field its column, key, type,
//! default and reference. A program that opens the file later compares its own declarations with them:
//!
//! * `newer`: the columns and models that only another version declares. The program is then the older one, and leaves the rows
//!   dirty that it cannot write whole.
//! * `renames`: tables and columns with another name than before, which `create` renames if the declaration says so.
//! * `changes`: types, references and nullability that are declared otherwise than before, and that `ALTER TABLE` cannot change.
//!
//! The record is the table `syncline_declared` in the app's database. A database of another application has none.

mod changes;
mod declaration;
mod newer;
mod record;
mod renames;

pub(crate) use changes::{check_columns, check_rows, needs_another_table};
pub(crate) use declaration::{Declaration, action};
pub(crate) use newer::Newer;
pub(crate) use record::Record;
pub(crate) use renames::{check_names, former_name, former_table, rename};

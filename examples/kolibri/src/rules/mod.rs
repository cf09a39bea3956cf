//! Kolibri's own rules for records that arrive: what it checks, and what it sets by itself (the models in `crate::models` name
//! them).

mod assignment;
pub(crate) mod attendance;
mod author;
pub(crate) mod birth_year;
pub(crate) mod collection;
pub(crate) mod course;
mod dataset;
pub(crate) mod dataset_settings;
pub(crate) mod device_status;
pub(crate) mod exam;
pub(crate) mod lesson;
pub(crate) mod log;
mod marker;
pub(crate) mod membership;
mod now;
pub(crate) mod of_user;
pub(crate) mod role;
mod schema;
pub(crate) mod user;
mod user_and_collection;
pub(crate) mod username;

//! Datasets, facilities, classes, groups, users, roles and memberships.

use chrono::{DateTime, Utc};
use syncline::value::JsonText;
use syncline::{RecordId, Syncable};

use crate::fields::DateTimeTz;

use super::FacilityData;

/// The settings of a facility, and the root of everything that syncs with it.
#[derive(Debug, Clone, Syncable)]
#[expect(clippy::struct_excessive_bools, reason = "the columns are Kolibri's")]
#[syncable(
    profile = FacilityData,
    model = "facilitydataset",
    table = "kolibriauth_facilitydataset",
    partition = "{id}:allusers-ro",
    source_id = "{id}"
)]
pub struct FacilityDataset {
    /// The record's id.
    pub id: RecordId,
    /// Free text about the facility.
    pub description: String,
    /// The location of the facility.
    pub location: String,
    /// The set of defaults that it was created with: `formal`, `nonformal` or `informal`.
    pub preset: String,
    /// `true` if learners may change their user name.
    pub learner_can_edit_username: bool,
    /// `true` if learners may change their full name.
    pub learner_can_edit_name: bool,
    /// `true` if learners may change their password.
    pub learner_can_edit_password: bool,
    /// `true` if anybody may create an account.
    pub learner_can_sign_up: bool,
    /// `true` if learners may delete their account.
    pub learner_can_delete_account: bool,
    /// `true` if learners sign in with their user name alone.
    pub learner_can_login_with_no_password: bool,
    /// `true` if learners may download resources.
    pub show_download_button_in_learn: bool,
    /// `true` if coaches can take attendance.
    pub enable_mark_attendance: bool,
    /// Settings for signing in with pictures.
    pub picture_password_settings: Option<JsonText>,
    /// Settings that have no column of their own.
    pub extra_fields: Option<JsonText>,
    /// `true` if the facility is registered with Kolibri Data Portal.
    pub registered: bool,
}

/// A school: the root of a tree of collections.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "facility",
    table = "kolibriauth_collection",
    discriminator(kind = "facility"),
    partition = "{dataset_id}:allusers-ro"
)]
pub struct Facility {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The title.
    pub name: String,
    /// Always `None`: a facility is a root.
    #[syncable(self_reference)]
    pub parent_id: Option<RecordId>,
    /// `facility`, which tells it from the other collections of the table.
    pub kind: String,
}

/// A class of a facility.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "classroom",
    table = "kolibriauth_collection",
    discriminator(kind = "classroom"),
    partition = "{dataset_id}:allusers-ro"
)]
pub struct Classroom {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The title.
    pub name: String,
    /// Its facility.
    #[syncable(self_reference, references = Facility)]
    pub parent_id: Option<RecordId>,
    /// `classroom`, which tells it from the other collections of the table.
    pub kind: String,
}

/// A group that a coach made for one lesson or quiz, of some learners of a class.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "adhoclearnersgroup",
    table = "kolibriauth_collection",
    discriminator(kind = "adhoclearnersgroup"),
    partition = "{dataset_id}:allusers-ro"
)]
pub struct AdHocLearnersGroup {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The title.
    pub name: String,
    /// Its class.
    #[syncable(self_reference, references = Classroom)]
    pub parent_id: Option<RecordId>,
    /// `adhoclearnersgroup`, which tells it from the other collections of the table.
    pub kind: String,
}

/// A group of learners of a class.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "learnergroup",
    table = "kolibriauth_collection",
    discriminator(kind = "learnergroup"),
    partition = "{dataset_id}:allusers-ro"
)]
pub struct LearnerGroup {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The title.
    pub name: String,
    /// Its class.
    #[syncable(self_reference, references = Classroom)]
    pub parent_id: Option<RecordId>,
    /// `learnergroup`, which tells it from the other collections of the table.
    pub kind: String,
}

/// A person with an account at a facility.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "facilityuser",
    table = "kolibriauth_facilityuser",
    partition = "{dataset_id}:user-ro:{id}"
)]
pub struct FacilityUser {
    /// The hash of the password, as Django writes it.
    pub password: String,
    /// The time of the last sign-in.
    pub last_login: Option<DateTime<Utc>>,
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The name to sign in with.
    pub username: String,
    /// The name to show.
    pub full_name: String,
    /// The time of the account's creation.
    pub date_joined: DateTimeTz,
    /// The facility that the account belongs to.
    #[syncable(references = Facility)]
    pub facility_id: RecordId,
    /// The gender, or what the user said instead.
    pub gender: String,
    /// The year of birth, or what the user said instead.
    pub birth_year: String,
    /// An id of the facility's own.
    pub id_number: String,
    /// Answers to the questions that the facility asks.
    pub extra_demographics: Option<JsonText>,
    /// The time at which the account was deleted. It can be restored for a while.
    pub date_deleted: Option<DateTimeTz>,
    /// The pictures to sign in with, where the facility allows it.
    pub picture_password: Option<String>,
}

/// A user's role in a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "role",
    table = "kolibriauth_role",
    partition = "{dataset_id}:user-ro:{user_id}",
    source_id = "{collection_id}:{kind}"
)]
pub struct Role {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// The collection.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup))]
    pub collection_id: RecordId,
    /// `admin`, `coach` or `assignable coach`.
    pub kind: String,
}

/// A user's membership of a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "membership",
    table = "kolibriauth_membership",
    partition = "{dataset_id}:user-ro:{user_id}",
    source_id = "{collection_id}"
)]
pub struct Membership {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser)]
    pub user_id: RecordId,
    /// The collection.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup))]
    pub collection_id: RecordId,
}

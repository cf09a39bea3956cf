//! Datasets, facilities, classes, groups, users, roles and memberships.

use chrono::{DateTime, Utc};
use syncline::value::JsonText;
use syncline::{RecordId, Syncable};

use crate::fields::DateTimeTz;
use crate::rules;

use super::FacilityData;

/// The settings of a facility, and the root of everything that syncs with it.
#[derive(Debug, Clone, Syncable)]
#[expect(clippy::struct_excessive_bools, reason = "the columns are Kolibri's")]
#[syncable(
    profile = FacilityData,
    model = "facilitydataset",
    table = "kolibriauth_facilitydataset",
    partition = "{id}:allusers-ro",
    source_id = "{id}",
    blank = false,
    save_with = rules::dataset_settings::save
)]
pub struct FacilityDataset {
    /// The record's id.
    pub id: RecordId,
    /// Free text about the facility.
    #[syncable(blank)]
    pub description: String,
    /// The location of the facility.
    #[syncable(blank, max_length = 200)]
    pub location: String,
    /// The set of defaults that it was created with: `formal`, `nonformal` or `informal`.
    #[syncable(max_length = 50, choices("formal", "nonformal", "informal"), default = "nonformal")]
    pub preset: String,
    /// `true` if learners may change their user name.
    #[syncable(default = true)]
    pub learner_can_edit_username: bool,
    /// `true` if learners may change their full name.
    #[syncable(default = true)]
    pub learner_can_edit_name: bool,
    /// `true` if learners may change their password.
    #[syncable(default = true)]
    pub learner_can_edit_password: bool,
    /// `true` if anybody may create an account.
    #[syncable(default = true)]
    pub learner_can_sign_up: bool,
    /// `true` if learners may delete their account.
    #[syncable(default = true)]
    pub learner_can_delete_account: bool,
    /// `true` if learners sign in with their user name alone.
    #[syncable(default = false)]
    pub learner_can_login_with_no_password: bool,
    /// `true` if learners may download resources.
    #[syncable(default = true)]
    pub show_download_button_in_learn: bool,
    /// `true` if coaches can take attendance.
    #[syncable(default = false)]
    pub enable_mark_attendance: bool,
    /// Settings for signing in with pictures.
    #[syncable(blank, validate = rules::dataset_settings::check_picture_passwords)]
    pub picture_password_settings: Option<JsonText>,
    /// Settings that have no column of their own.
    #[syncable(blank, default = "{\"facility\": {}, \"on_my_own_setup\": false, \"pin_code\": \"\"}", validate = rules::dataset_settings::check_extra_fields)]
    pub extra_fields: Option<JsonText>,
    /// `true` if the facility is registered with Kolibri Data Portal.
    #[syncable(default = false)]
    pub registered: bool,
}

/// A school: the root of a tree of collections.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "facility",
    table = "kolibriauth_collection",
    discriminator(kind = "facility"),
    partition = "{dataset_id}:allusers-ro",
    blank = false,
    save_with = rules::collection::save_facility
)]
pub struct Facility {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The title.
    #[syncable(max_length = 100)]
    pub name: String,
    /// Always `None`: a facility is a root.
    #[syncable(self_reference, blank, verbose = "collection", on_delete = cascade)]
    pub parent_id: Option<RecordId>,
    /// `facility`, which tells it from the other collections of the table.
    #[syncable(max_length = 20, choices("facility", "classroom", "learnergroup", "adhoclearnersgroup"))]
    pub kind: String,
}

/// A class of a facility.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "classroom",
    table = "kolibriauth_collection",
    discriminator(kind = "classroom"),
    partition = "{dataset_id}:allusers-ro",
    blank = false,
    received_with = rules::collection::received,
    save_with = rules::collection::save_classroom
)]
pub struct Classroom {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The title.
    #[syncable(max_length = 100)]
    pub name: String,
    /// Its facility.
    #[syncable(self_reference, references = Facility, blank, verbose = "collection", on_delete = cascade)]
    pub parent_id: Option<RecordId>,
    /// `classroom`, which tells it from the other collections of the table.
    #[syncable(max_length = 20, choices("facility", "classroom", "learnergroup", "adhoclearnersgroup"))]
    pub kind: String,
}

/// A group that a coach made for one lesson or quiz, of some learners of a class.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "adhoclearnersgroup",
    table = "kolibriauth_collection",
    discriminator(kind = "adhoclearnersgroup"),
    partition = "{dataset_id}:allusers-ro",
    blank = false,
    class = "AdHocGroup",
    verbose = "ad hoc group",
    received_with = rules::collection::ad_hoc_received,
    save_with = rules::collection::save_ad_hoc_group
)]
pub struct AdHocLearnersGroup {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The title.
    #[syncable(max_length = 100)]
    pub name: String,
    /// Its class.
    #[syncable(self_reference, references = Classroom, blank, verbose = "collection", on_delete = cascade)]
    pub parent_id: Option<RecordId>,
    /// `adhoclearnersgroup`, which tells it from the other collections of the table.
    #[syncable(max_length = 20, choices("facility", "classroom", "learnergroup", "adhoclearnersgroup"))]
    pub kind: String,
}

/// A group of learners of a class.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "learnergroup",
    table = "kolibriauth_collection",
    discriminator(kind = "learnergroup"),
    partition = "{dataset_id}:allusers-ro",
    blank = false,
    received_with = rules::collection::received,
    save_with = rules::collection::save_learner_group
)]
pub struct LearnerGroup {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The title.
    #[syncable(max_length = 100)]
    pub name: String,
    /// Its class.
    #[syncable(self_reference, references = Classroom, blank, verbose = "collection", on_delete = cascade)]
    pub parent_id: Option<RecordId>,
    /// `learnergroup`, which tells it from the other collections of the table.
    #[syncable(max_length = 20, choices("facility", "classroom", "learnergroup", "adhoclearnersgroup"))]
    pub kind: String,
}

/// A person with an account at a facility.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "facilityuser",
    table = "kolibriauth_facilityuser",
    partition = "{dataset_id}:user-ro:{id}",
    blank = false,
    unique(dataset_id, picture_password),
    received_with = rules::user::received,
    save_with = rules::user::save
)]
pub struct FacilityUser {
    /// The hash of the password, as Django writes it.
    #[syncable(max_length = 128)]
    pub password: String,
    /// The time of the last sign-in.
    #[syncable(blank)]
    pub last_login: Option<DateTime<Utc>>,
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The name to sign in with.
    #[syncable(max_length = 254, validate = rules::username::check_username)]
    pub username: String,
    /// The name to show.
    #[syncable(blank, max_length = 120)]
    pub full_name: String,
    /// The time of the account's creation.
    #[syncable(editable = false)]
    pub date_joined: DateTimeTz,
    /// The facility that the account belongs to.
    #[syncable(references = Facility, on_delete = cascade)]
    pub facility_id: RecordId,
    /// The gender, or what the user said instead.
    #[syncable(blank, max_length = 16, choices("MALE", "FEMALE", "NOT_SPECIFIED", "DEFERRED"))]
    pub gender: String,
    /// The year of birth, or what the user said instead.
    #[syncable(blank, max_length = 16, default = "", validate = rules::birth_year::check_birth_year)]
    pub birth_year: String,
    /// An id of the facility's own.
    #[syncable(blank, max_length = 64, default = "")]
    pub id_number: String,
    /// Answers to the questions that the facility asks.
    #[syncable(blank)]
    pub extra_demographics: Option<JsonText>,
    /// The time at which the account was deleted. It can be restored for a while.
    #[syncable(blank)]
    pub date_deleted: Option<DateTimeTz>,
    /// The pictures to sign in with, where the facility allows it.
    #[syncable(blank, max_length = 8)]
    pub picture_password: Option<String>,
}

/// A user's role in a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "role",
    table = "kolibriauth_role",
    partition = "{dataset_id}:user-ro:{user_id}",
    source_id = "{collection_id}:{kind}",
    blank = false,
    unique(user_id, collection_id, kind),
    received_with = rules::role::received,
    save_with = rules::role::save
)]
pub struct Role {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub user_id: RecordId,
    /// The collection.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
    /// `admin`, `coach` or `assignable coach`.
    #[syncable(max_length = 26, choices("admin", "coach", "classroom assignable coach"))]
    pub kind: String,
}

/// A user's membership of a collection.
#[derive(Debug, Clone, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "membership",
    table = "kolibriauth_membership",
    partition = "{dataset_id}:user-ro:{user_id}",
    source_id = "{collection_id}",
    blank = false,
    unique(user_id, collection_id),
    received_with = rules::membership::received,
    save_with = rules::membership::save,
    deleted_with = rules::membership::deleted
)]
pub struct Membership {
    /// The record's id.
    pub id: RecordId,
    /// The dataset that the record belongs to.
    #[syncable(references = FacilityDataset, on_delete = cascade)]
    pub dataset_id: RecordId,
    /// The user.
    #[syncable(references = FacilityUser, on_delete = cascade)]
    pub user_id: RecordId,
    /// The collection.
    #[syncable(references(Facility, Classroom, AdHocLearnersGroup, LearnerGroup), verbose = "collection", on_delete = cascade)]
    pub collection_id: RecordId,
}

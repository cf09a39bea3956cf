//! The 28 models of Kolibri 0.19.5 that sync, as in its database.
//!
//! A field has the name of its column, which is also its key in the store. The order of the fields is that of the keys: the order
//! of Kolibri's own classes. Users therefore begin with the two columns that they inherit from Django.
//!
//! `Facility`, `Classroom`, `AdHocLearnersGroup` and `LearnerGroup` share the table `kolibriauth_collection`, which is a tree. The
//! column `kind` tells them apart. A field that refers to a collection of any kind names all four.

mod attendance;
mod auth;
mod bookmarks;
mod courses;
mod device;
mod exams;
mod known;
mod lessons;
mod logger;

pub use attendance::{AttendanceRecord, AttendanceSession};
pub use auth::{
    AdHocLearnersGroup, Classroom, Facility, FacilityDataset, FacilityUser, LearnerGroup, Membership, Role,
};
pub use bookmarks::Bookmark;
pub use courses::{CourseSession, CourseSessionAssignment, UnitTestAssignment};
pub use device::LearnerDeviceStatus;
pub use exams::{Exam, ExamAssignment, IndividualSyncableExam};
pub use known::KNOWN;
pub use lessons::{IndividualSyncableLesson, Lesson, LessonAssignment};
pub use logger::{
    AttemptLog, ContentSessionLog, ContentSummaryLog, ExamAttemptLog, ExamLog, MasteryLog, UserSessionLog,
};

syncline::profile! {
    /// The models that Kolibri syncs.
    pub FacilityData = "facilitydata" (known = KNOWN) {
        FacilityDataset,
        Facility,
        Classroom,
        AdHocLearnersGroup,
        LearnerGroup,
        FacilityUser,
        Role,
        Membership,
        AttendanceSession,
        AttendanceRecord,
        Lesson,
        LessonAssignment,
        IndividualSyncableLesson,
        Exam,
        ExamAssignment,
        IndividualSyncableExam,
        CourseSession,
        CourseSessionAssignment,
        UnitTestAssignment,
        UserSessionLog,
        ContentSessionLog,
        ContentSummaryLog,
        MasteryLog,
        AttemptLog,
        ExamLog,
        ExamAttemptLog,
        LearnerDeviceStatus,
        Bookmark,
    }
}

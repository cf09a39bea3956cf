//! Records that this library writes to Kolibri's own tables: Morango must compute the same ids for them.

use syncline::model::Partitioned;
use syncline::record::Identity;
use syncline::{Access, Database, Pipeline, ReadRecords as _, RecordId, Syncable};
use syncline_kolibri::models::{
    AdHocLearnersGroup, AttemptLog, AttendanceRecord, AttendanceSession, Bookmark, Classroom,
    ContentSessionLog, ContentSummaryLog, CourseSession, Exam, ExamAssignment, FacilityUser,
    LearnerDeviceStatus, LearnerGroup, Lesson, LessonAssignment, MasteryLog, Membership, Role,
    UserSessionLog,
};

use crate::fixtures::Scratch;

/// Makes a database that Morango has serialised, and in which this library has then inserted, changed and deleted records of many
/// models.
pub(crate) fn by_the_helpers() -> Scratch {
    let scratch = Scratch::of("kolibri-30-serialized");
    let mut database = Database::open_existing(scratch.path()).unwrap();
    let transaction = database.connection_mut().transaction().unwrap();
    fill(&transaction);
    transaction.commit().unwrap();
    database.close().unwrap();
    scratch
}

/// Inserts a changed copy of the first record of a model.
fn add<M: Partitioned>(db: &impl Access, change: impl FnOnce(&mut M)) -> RecordId {
    let mut record = first::<M>(db);
    record.set_record_id(RecordId::NEW);
    change(&mut record);
    db.insert(&mut record).unwrap_or_else(|error| panic!("{}: {error:?}", M::NAME));
    record.record_id()
}

fn first<M: Syncable>(db: &impl Access) -> M {
    let mut records = Pipeline::new("first", M::stream(db)).take(1).into_iter();
    records.next().unwrap_or_else(|| panic!("there is no {}", M::NAME)).unwrap()
}

fn fill(db: &impl Access) {
    let class = add::<Classroom>(db, |class| "7c".clone_into(&mut class.name));
    let group = add::<LearnerGroup>(db, |group| {
        "Größe \u{1f600}".clone_into(&mut group.name);
        group.parent_id = Some(class);
    });
    add::<AdHocLearnersGroup>(db, |group| group.parent_id = Some(class));
    let user = add::<FacilityUser>(db, |user| {
        "zoe".clone_into(&mut user.username);
        "Zoë".clone_into(&mut user.full_name);
        user.last_login = None;
    });
    for collection in [class, group] {
        add::<Membership>(db, |membership| {
            (membership.user_id, membership.collection_id) = (user, collection);
        });
    }
    add::<Role>(db, |role| (role.user_id, role.collection_id) = (user, class));

    let lesson = add::<Lesson>(db, |lesson| lesson.collection_id = class);
    add::<LessonAssignment>(db, |assignment| {
        (assignment.lesson_id, assignment.collection_id) = (lesson, group);
    });
    let exam = add::<Exam>(db, |exam| exam.collection_id = class);
    add::<ExamAssignment>(db, |assignment| (assignment.exam_id, assignment.collection_id) = (exam, class));
    let session = add::<AttendanceSession>(db, |session| session.collection_id = class);
    add::<AttendanceRecord>(db, |record| (record.attendance_session_id, record.user_id) = (session, user));

    add::<UserSessionLog>(db, |log| log.user_id = user);
    let sitting = add::<ContentSessionLog>(db, |log| log.user_id = Some(user));
    add::<ContentSessionLog>(db, |log| log.user_id = None);
    let summary = add::<ContentSummaryLog>(db, |log| {
        log.user_id = user;
        log.progress = 0.1 + 0.2;
    });
    let mastery = add::<MasteryLog>(db, |log| {
        (log.user_id, log.summarylog_id, log.mastery_level) = (user, summary, -3);
    });
    add::<AttemptLog>(db, |log| {
        (log.user_id, log.masterylog_id, log.sessionlog_id) = (Some(user), Some(mastery), sitting);
    });
    add::<AttemptLog>(db, |log| (log.user_id, log.masterylog_id) = (None, None));
    add::<Bookmark>(db, |bookmark| bookmark.user_id = user);
    let at = first::<Bookmark>(db).created;
    let mut status = LearnerDeviceStatus {
        id: RecordId::NEW,
        dataset_id: first::<FacilityUser>(db).dataset_id,
        instance_id: RecordId::random(),
        user_id: user,
        created_at: at,
        updated_at: at,
        status: "OldLearnerDevice".to_owned(),
        status_sentiment: -1,
    };
    db.insert(&mut status).unwrap();

    // The partition depends on the group's class, which no template can look up.
    let dataset_id = status.dataset_id;
    let mut course = CourseSession {
        id: RecordId::NEW,
        dataset_id,
        course: RecordId::random(),
        title: "Gärtnern".to_owned(),
        description: None,
        is_active: true,
        collection_id: group,
        created_by_id: Some(user),
        date_created: first::<Lesson>(db).date_created,
        channel_version: Some(3),
    };
    let source_id = RecordId::random().to_string();
    let identity =
        Identity::derive::<CourseSession>(&format!("{dataset_id}:classroom:{class}:coach-rw"), source_id)
            .unwrap();
    db.insert_as(&mut course, identity).unwrap();

    let mut old = first::<FacilityUser>(db);
    old.full_name.push_str(" the Elder");
    assert!(db.update(&old).unwrap());
    let mut old = first::<Exam>(db);
    old.date_archived = Some(old.date_created);
    assert!(db.update(&old).unwrap());
    let gone = first::<Bookmark>(db).id;
    assert!(db.delete::<Bookmark>(gone).unwrap());
    let gone = first::<UserSessionLog>(db).id;
    assert!(db.delete::<UserSessionLog>(gone).unwrap());
}

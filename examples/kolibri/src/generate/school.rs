//! Generated people, classes, lessons, quizzes and attendance.

use syncline::json;

use super::content::Content;
use super::moment::Moment;
use super::names;
use super::random::Random;
use super::sheets::Sheets;

/// A class with its two groups and its exams.
#[derive(Debug, Default)]
pub(super) struct Class {
    id: String,
    groups: [String; 2],
    pub(super) exams: Vec<Exam>,
}

/// An exam of a class.
#[derive(Debug)]
pub(super) struct Exam {
    pub(super) id: String,
    pub(super) questions: Vec<Question>,
}

/// A question of an exam.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) exercise: String,
    pub(super) item: String,
}

/// The users and classes of the school.
#[derive(Debug)]
pub(super) struct School {
    pub(super) classes: Vec<Class>,
    /// The ids of the users. The user with number n is in class n, modulo the number of classes.
    pub(super) users: Vec<String>,
}

/// The partition that `user` can read.
fn read_only(user: &str) -> String {
    format!(":user-ro:{user}")
}

impl School {
    /// Adds a school of `users` users. The first user of each class is its coach.
    pub(super) fn found(
        users: usize,
        facility: &str,
        sheets: &mut Sheets<'_>,
        random: &mut Random,
    ) -> anyhow::Result<Self> {
        let classes = (0..(users / 30).max(1))
            .map(|number| class(number, facility, sheets, random))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let users = (0..users)
            .map(|number| user(number, facility, sheets, random))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let school = Self { classes, users };
        school.assign(facility, sheets, random)?;
        Ok(school)
    }

    fn assign(&self, facility: &str, sheets: &mut Sheets<'_>, random: &mut Random) -> anyhow::Result<()> {
        for (number, user) in self.users.iter().enumerate() {
            let class = &self.classes[number % self.classes.len()];
            let partition = read_only(user);
            sheets.add("membership", &partition, &class.id, &[&class.id, user])?;
            if random.chance(0.6) {
                let group = random.pick(&class.groups);
                sheets.add("membership", &partition, group, &[group, user])?;
            }
            if number < self.classes.len() {
                role(user, &class.id, "coach", sheets)?;
            }
        }
        let assistants = (self.users.len() / 100).max(1);
        for user in self.users.iter().rev().take(assistants) {
            role(user, facility, "classroom assignable coach", sheets)?;
        }
        Ok(())
    }

    /// Adds lessons, quizzes and attendance of all classes.
    pub(super) fn teach(
        &mut self,
        library: &[Content],
        dataset: &str,
        sheets: &mut Sheets<'_>,
        random: &mut Random,
    ) -> anyhow::Result<()> {
        let exercises: Vec<&Content> = library.iter().filter(|content| content.kind == "exercise").collect();
        let count = self.classes.len();
        for (number, class) in self.classes.iter_mut().enumerate() {
            let coach = &self.users[number];
            let pupils: Vec<&String> = self.users.iter().skip(number).step_by(count).collect();
            for lesson_number in 0..3 {
                let selected = if lesson_number == 0 { &pupils[..pupils.len().min(2)] } else { &[] };
                lesson(lesson_number, &class.id, coach, selected, library, dataset, sheets, random)?;
            }
            for exam_number in 0..2 {
                let selected = if exam_number == 0 { &pupils[..pupils.len().min(2)] } else { &[] };
                let exam =
                    exam(exam_number, &class.id, coach, selected, &exercises, dataset, sheets, random)?;
                class.exams.push(exam);
            }
            for _ in 0..3 {
                let [start, created, modified] = [(); 3].map(|()| Moment::within(200, random).with_zone());
                let session = sheets.add(
                    "attendancesession",
                    "",
                    &random.id(),
                    &[&start, &created, &modified, &class.id, coach],
                )?;
                for pupil in &pupils {
                    let source = format!("{session}:{pupil}");
                    sheets.add("attendancerecord", "", &source, &[&random.chance(0.85), &session, pupil])?;
                }
            }
        }
        Ok(())
    }
}

fn class(
    number: usize,
    facility: &str,
    sheets: &mut Sheets<'_>,
    random: &mut Random,
) -> anyhow::Result<Class> {
    const EVERYONE: &str = ":allusers-ro";

    let name = format!(
        "Class {}{} {}",
        number + 1,
        random.pick(&["A", "B", "C", "D"]),
        random.pick(&["", "– Año", "第一班"])
    );
    let id = sheets.add("classroom", EVERYONE, &random.id(), &[&name, &"classroom", &facility])?;
    let mut group =
        |name: &str| sheets.add("learnergroup", EVERYONE, &random.id(), &[&name, &"learnergroup", &id]);
    let groups = [group("Group 1")?, group("Group 2")?];
    if random.chance(0.3) {
        sheets.add("adhoclearnersgroup", EVERYONE, &random.id(), &[&"Ad hoc", &"adhoclearnersgroup", &id])?;
    }
    Ok(Class { id, groups, exams: Vec::new() })
}

fn user(
    number: usize,
    facility: &str,
    sheets: &mut Sheets<'_>,
    random: &mut Random,
) -> anyhow::Result<String> {
    let password = if random.chance(0.5) {
        format!("pbkdf2_sha256$260000${}${}=", random.letters(22), random.letters(43))
    } else {
        "NOT_SPECIFIED".to_owned()
    };
    let last_login = random.chance(0.5).then(|| Moment::within(30, random).utc());
    let birth_year = match random.below(4) {
        0 => (2026 - random.between(6, 60)).to_string(),
        1 => "NOT_SPECIFIED".to_owned(),
        2 => "DEFERRED".to_owned(),
        _ => String::new(),
    };
    let gender = *random.pick(&["MALE", "FEMALE", "NOT_SPECIFIED", "DEFERRED", ""]);
    let id_number = if random.below(3) == 0 { format!("ID-{number:05}") } else { String::new() };
    let demographics = random.chance(0.25).then_some(r#"{"d1": "value \u00e9", "d2": "B"}"#);
    let deleted = random.chance(0.01).then(|| Moment::within(20, random).with_zone());
    sheets.add(
        "facilityuser",
        &read_only("${id}"),
        &random.id(),
        &[
            &password,
            &last_login,
            &names::user_name(number, random),
            &names::full_name(random),
            &Moment::within(400, random).with_zone(),
            &facility,
            &birth_year,
            &gender,
            &id_number,
            &demographics,
            &deleted,
        ],
    )
}

/// Adds a role of a user in a collection.
pub(super) fn role(user: &str, collection: &str, kind: &str, sheets: &mut Sheets<'_>) -> anyhow::Result<()> {
    sheets.add("role", &read_only(user), &format!("{collection}:{kind}"), &[&collection, &user, &kind])?;
    Ok(())
}

/// The beginning of the JSON object that Kolibri copies into individual records.
fn copy_of(id: &str, source: &str, dataset: &str, title: &str) -> String {
    format!(
        r#"{{"id": "{id}", "_morango_source_id": "{source}", "_morango_partition": "{dataset}", "dataset_id": "{dataset}", "title": "{title}""#
    )
}

fn quoted(text: &str) -> String {
    let mut json = String::new();
    json::write_string(&mut json, text);
    json
}

#[expect(clippy::too_many_arguments, reason = "all that a lesson is about")]
fn lesson(
    number: usize,
    class: &str,
    coach: &str,
    pupils: &[&String],
    library: &[Content],
    dataset: &str,
    sheets: &mut Sheets<'_>,
    random: &mut Random,
) -> anyhow::Result<()> {
    let count = random.between(1, 10);
    let resources: Vec<String> = random
        .sample(count, library)
        .into_iter()
        .map(|Content { node, channel, id: content, .. }| {
            format!(r#"{{"contentnode_id": "{node}", "channel_id": "{channel}", "content_id": "{content}"}}"#)
        })
        .collect();
    let resources = format!("[{}]", resources.join(", "));
    let title = format!("Lesson {number}-{}", random.pick(&["A", "B", "C", "D", "E", "F"]));
    let description = *random.pick(&["", "Fractions ½ & “more”"]);
    let source = random.id();
    let created = Moment::within(200, random).with_zone();
    let values: [&dyn rusqlite::ToSql; 7] =
        [&description, &resources, &random.chance(0.8), &class, &title, &created, &coach];
    let id = sheets.add("lesson", "", &source, &values)?;
    sheets.add("lessonassignment", "", &format!("{id}:{class}"), &[&class, &id, &coach])?;
    for pupil in pupils {
        let copy = format!(
            r#"{}, "description": {}, "resources": {}, "collection_id": "{class}"}}"#,
            copy_of(&id, &source, dataset, &title),
            quoted(description),
            quoted(&resources)
        );
        sheets.add("individualsyncablelesson", &read_only(pupil), &id, &[&id, &copy, &class, pupil])?;
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "all that an exam is about")]
fn exam(
    number: usize,
    class: &str,
    coach: &str,
    pupils: &[&String],
    exercises: &[&Content],
    dataset: &str,
    sheets: &mut Sheets<'_>,
    random: &mut Random,
) -> anyhow::Result<Exam> {
    let questions: Vec<Question> = random
        .sample(5, exercises)
        .into_iter()
        .map(|exercise| Question {
            exercise: exercise.node.clone(),
            item: random.pick(&exercise.items).clone(),
        })
        .collect();
    let written: Vec<String> = questions
        .iter()
        .enumerate()
        .map(|(number, Question { exercise, item })| {
            format!(
                r#"{{"exercise_id": "{exercise}", "question_id": "{item}", "title": "Q {number} \u2014 \u201cquiz\u201d", "counter_in_exercise": {number}}}"#
            )
        })
        .collect();
    let sections = format!(
        r#"[{{"section_title": "", "description": "", "questions": [{}], "learners_see_fixed_order": false}}]"#,
        written.join(", ")
    );
    let title = format!("Exam {number}");
    let seed = random.between(1, 1000);
    let source = random.id();
    let activated = random.chance(0.5).then(|| Moment::within(50, random).utc());
    let visible = *random.pick(&[Some(true), Some(false), None]);
    let created = Moment::within(200, random).utc();
    let id = sheets.add(
        "exam",
        "",
        &source,
        &[
            &title,
            &5,
            &sections,
            &i64::try_from(seed)?,
            &random.chance(0.5),
            &false,
            &class,
            &coach,
            &3,
            &false,
            &created,
            &activated,
            &visible,
        ],
    )?;
    sheets.add("examassignment", "", &format!("{id}:{class}"), &[&class, &id, &coach])?;
    for pupil in pupils {
        let visible = visible.map_or("null", |visible| if visible { "true" } else { "false" });
        let copy = format!(
            r#"{}, "question_count": 5, "question_sources": {}, "seed": {seed}, "learners_see_fixed_order": false, "collection_id": "{class}", "data_model_version": 3, "instant_report_visibility": {visible}, "archive": false, "date_archived": null}}"#,
            copy_of(&id, &source, dataset, &title),
            quoted(&sections),
        );
        sheets.add("individualsyncableexam", &read_only(pupil), &id, &[&id, &copy, &class, pupil])?;
    }
    Ok(Exam { id, questions })
}

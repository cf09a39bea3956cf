//! Generated activity of learners: visits, sessions, attempts, bookmarks.

use super::content::Content;
use super::moment::{Moment, scaled, seconds};
use super::random::Random;
use super::school::{Class, Question};
use super::sheets::Sheets;

const DEVICES: [Option<&str>; 4] = [
    Some("Linux,/Firefox,128"),
    Some("Windows,10/Chrome,126"),
    Some("Android,12/Chrome Mobile WebView,91"),
    None,
];

/// A session with one resource.
struct Session {
    id: String,
    start: Moment,
    end: Moment,
    time_spent: f64,
    progress: f64,
}

/// Adds the records of one user's activity.
pub(super) fn of_user(
    user: &str,
    class: &Class,
    library: &[Content],
    sheets: &mut Sheets<'_>,
    random: &mut Random,
) -> anyhow::Result<()> {
    let partition = format!(":user-rw:{user}");
    for _ in 0..random.between(3, 9) {
        let start = Moment::within(200, random);
        let last = start.plus(scaled(3_600_000_000, random.fraction()));
        let device = random.pick(&DEVICES);
        sheets.add(
            "usersessionlog",
            &partition,
            &random.id(),
            &[&"", &start.with_zone(), &last.with_zone(), &"", &user, device],
        )?;
    }
    let count = random.between(2, 8);
    for content in random.sample(count, library) {
        learn(user, &partition, content, sheets, random)?;
    }
    if random.chance(0.4) {
        sit_exam(user, class, sheets, random)?;
    }
    if random.chance(0.3) {
        let Content { node, id: content, channel, .. } = random.pick(library);
        let created = Moment::within(200, random).utc();
        sheets.add("bookmark", &partition, &random.id(), &[content, channel, node, &user, &created])?;
    }
    Ok(())
}

/// Adds sessions of visitors without an account.
pub(super) fn of_guests(
    count: usize,
    library: &[Content],
    sheets: &mut Sheets<'_>,
    random: &mut Random,
) -> anyhow::Result<()> {
    for _ in 0..count {
        let Content { id: content, channel, kind, .. } = random.pick(library);
        let start = Moment::within(200, random).plus(-60_000_000).with_zone();
        let visitor = random.id();
        sheets.add(
            "contentsessionlog",
            ":anonymous",
            &random.id(),
            &[
                content,
                &start,
                &None::<String>,
                &12.5,
                &0.25,
                kind,
                &"{}",
                &None::<String>,
                &visitor,
                channel,
            ],
        )?;
    }
    Ok(())
}

fn learn(
    user: &str,
    partition: &str,
    resource: &Content,
    sheets: &mut Sheets<'_>,
    random: &mut Random,
) -> anyhow::Result<()> {
    let Content { id: content, channel, kind, .. } = resource;
    let mut sessions = Vec::new();
    for _ in 0..random.between(1, 3) {
        sessions.push(session(user, partition, resource, sheets, random)?);
    }
    let start = sessions.iter().map(|session| session.start).min();
    let end = sessions.iter().map(|session| session.end).max();
    let (start, end) = start.zip(end).expect("there is a session at least");
    let progress = sessions.iter().map(|session| session.progress).sum::<f64>().min(1.0);
    let time_spent: f64 = sessions.iter().map(|session| session.time_spent).sum();
    let complete = progress >= 1.0;
    let completed = complete.then(|| end.with_zone());
    let extra = if random.chance(0.5) {
        "{}".to_owned()
    } else {
        format!(r#"{{"contentState": {{"savedLocation": 12, "pct": {}}}}}"#, random.fraction())
    };
    let (start, end) = (start.with_zone(), end.with_zone());
    let summary = sheets.add(
        "contentsummarylog",
        partition,
        content,
        &[content, &start, &end, &completed, &time_spent, &progress, kind, &extra, &user, channel],
    )?;
    if *kind == "exercise" {
        let level = if random.chance(0.9) { 1 } else { -i64::try_from(random.between(1, 0x7fff_ffff))? };
        let mastery_time = random.chance(0.5).then_some(time_spent);
        let mastery = sheets.add(
            "masterylog",
            partition,
            &format!("{summary}:{level}"),
            &[
                &r#"{"m": 5, "n": 5, "type": "m_of_n"}"#,
                &start,
                &end,
                &completed,
                &level,
                &complete,
                &summary,
                &user,
                &mastery_time,
            ],
        )?;
        for session in &sessions {
            attempt(user, partition, resource, &mastery, session, sheets, random)?;
        }
    }
    Ok(())
}

fn session(
    user: &str,
    partition: &str,
    Content { node, id: content, channel, kind, .. }: &Content,
    sheets: &mut Sheets<'_>,
    random: &mut Random,
) -> anyhow::Result<Session> {
    let length = scaled(900_000_000, random.fraction());
    let end = Moment::within(200, random);
    let start = end.plus(-length);
    let time_spent = seconds(length) * random.fraction();
    let progress = [0.0, 1.0, random.fraction()][random.below(3)];
    let extra = match random.below(5) {
        0..3 => "{}".to_owned(),
        3 => format!(
            r#"{{"contentState": {{"savedLocation": {}, "note": "\u00fcn\u00ef"}}}}"#,
            random.between(1, 500)
        ),
        _ => format!(r#"{{"context": {{"node_id": "{node}"}}}}"#),
    };
    let id = sheets.add(
        "contentsessionlog",
        partition,
        &random.id(),
        &[
            content,
            &start.with_zone(),
            &end.with_zone(),
            &time_spent,
            &progress,
            kind,
            &extra,
            &user,
            &None::<String>,
            channel,
        ],
    )?;
    Ok(Session { id, start, end, time_spent, progress })
}

/// Adds the attempts at the questions of an exercise in one session.
fn attempt(
    user: &str,
    partition: &str,
    exercise: &Content,
    mastery: &str,
    session: &Session,
    sheets: &mut Sheets<'_>,
    random: &mut Random,
) -> anyhow::Result<()> {
    const ANSWER: &str = r#"{"radio": [false, true, false], "txt": "\u201c\u00bd\u201d <b>\n\ud83d\ude00"}"#;

    let count = i64::try_from(random.between(2, 7))?;
    let span = session.end.microseconds_since(session.start) / count;
    for number in 0..count {
        let correct = random.chance(0.6);
        let start = session.start.plus(span * number);
        let tries = if correct { 1 } else { random.between(2, 4) };
        let hinted = !correct && random.chance(0.5);
        let history = history(start, span / i64::try_from(tries)?, correct, hinted, tries, random);
        let end = start.plus(span).with_zone();
        let completed = random.chance(0.5).then_some(&end);
        let time_spent = if random.chance(0.5) { seconds(span) } else { seconds(span).trunc() };
        let answer = random.pick(&[Some("{}"), Some("{}"), None, Some(ANSWER)]);
        let simple = random.pick(&["", "", "42", "naïve \"q\""]);
        sheets.add(
            "attemptlog",
            partition,
            &random.id(),
            &[
                &random.pick(&exercise.items),
                &start.with_zone(),
                &end,
                &completed,
                &time_spent,
                &true,
                &if correct { 1.0 } else { 0.0 },
                &hinted,
                answer,
                simple,
                &history,
                &mastery,
                &session.id,
                &user,
                &false,
            ],
        )?;
    }
    Ok(())
}

/// The interaction history of an answer, as JSON.
fn history(
    start: Moment,
    interval: i64,
    correct: bool,
    hinted: bool,
    tries: usize,
    random: &mut Random,
) -> String {
    let entry = |correct: bool, kind: &str, answer: &str, at: Moment| {
        let correct = u8::from(correct);
        let at = at.iso();
        format!(r#"{{"correct": {correct}, "type": "{kind}", "answer": {answer}, "timestamp": "{at}"}}"#)
    };
    let mut at = start.plus(interval);
    let mut entries = vec![entry(correct, if hinted { "hint" } else { "answer" }, "{}", at)];
    for number in 1..tries {
        at = at.plus(interval);
        let answer = if random.chance(0.2) {
            format!(
                r#"{{"question": {{"content": "\u201c\u00e9\u201d \\frac{{{}}}{{{}}}", "widgets": {{}}}}}}"#,
                random.between(1, 9),
                random.between(1, 9)
            )
        } else {
            "{}".to_owned()
        };
        entries.push(entry(number == tries - 1, "answer", &answer, at));
    }
    format!("[{}]", entries.join(", "))
}

fn sit_exam(user: &str, class: &Class, sheets: &mut Sheets<'_>, random: &mut Random) -> anyhow::Result<()> {
    let exam = random.pick(&class.exams);
    let completed = random.chance(0.5).then(|| Moment::within(200, random).with_zone());
    let log = sheets.add(
        "examlog",
        "",
        &format!("{}:{user}", exam.id),
        &[&random.chance(0.7), &exam.id, &user, &completed],
    )?;
    for Question { exercise, item } in &exam.questions {
        let start = Moment::within(200, random);
        let length = scaled(300_000_000, random.fraction());
        let history = history(start, length, true, false, 1, random);
        sheets.add(
            "examattemptlog",
            "",
            &random.id(),
            &[
                item,
                &start.with_zone(),
                &start.plus(length).with_zone(),
                &None::<String>,
                &seconds(length),
                &true,
                &random.pick(&[0.0, 1.0]),
                &false,
                &random.pick(&[Some("{}"), None]),
                &"",
                &history,
                exercise,
                &log,
                &user,
                &false,
            ],
        )?;
    }
    Ok(())
}

//! Values that Kolibri writes by itself and refuses when it receives them (quirk Q34).

use syncline::cli::KnownFailure;

const AUTHOR: &str =
    "Kolibri leaves out an author from another device, and requires one when it receives the record";

/// The errors of received records that `status` shows as known: they need no attention, and no peer can mend them.
pub const KNOWN_FAILURES: &[KnownFailure] = &[
    KnownFailure {
        model: "exam",
        text: "instant_report_visibility",
        explanation: "Kolibri writes no value there, and refuses that when it receives the record",
    },
    KnownFailure {
        model: "masterylog",
        text: "mastery_criterion",
        explanation: "Kolibri writes an empty criterion by default, and refuses that when it receives the record",
    },
    KnownFailure { model: "exam", text: "'creator'", explanation: AUTHOR },
    KnownFailure { model: "lesson", text: "'created_by'", explanation: AUTHOR },
    KnownFailure { model: "lessonassignment", text: "'assigned_by'", explanation: AUTHOR },
    KnownFailure { model: "examassignment", text: "'assigned_by'", explanation: AUTHOR },
    KnownFailure {
        model: "attendancesession",
        text: "AttendanceSession must be saved with a creator",
        explanation: AUTHOR,
    },
];

#[cfg(test)]
mod tests {
    use syncline::Profile as _;

    use super::KNOWN_FAILURES;
    use crate::models::FacilityData;

    #[test]
    fn each_names_a_model_and_a_field_of_it() {
        for known in KNOWN_FAILURES {
            let model = FacilityData::MODELS.iter().find(|model| model.name == known.model).unwrap();
            let field = known.text.trim_matches('\'');
            let is_of = |name: &str| name == field || name == format!("{field}_id");
            assert!(
                known.text.contains(' ') || model.columns.iter().any(|column| is_of(column.key)),
                "{known:?}"
            );
        }
    }
}

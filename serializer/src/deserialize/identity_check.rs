//! Checks that a received record writes only what its id and its partition say (quirk Q28).

use super::tasks::TextId;
use crate::invalid_record::InvalidRecord;
use crate::model::{Model, OWN_ID, OnDelete, ReceivedRow, Template};
use crate::received::{Failure, ValidationErrors};
use crate::value::StoredValue;

/// Checks the id in the record's text, and the partition that its content belongs to.
///
/// # Errors
///
/// If one of them is another than that of the record's row in the store.
pub(super) fn check(row: &ReceivedRow, id: &TextId) -> Result<(), Failure> {
    if let TextId::Text(id) = id
        && id != row.id().as_str()
    {
        let text = format!("the text is that of another record, {id}");
        return Err(ValidationErrors::of_record(text).into());
    }
    let model = row.model();
    let without = match &model.partition_without {
        Some((column, template)) if *row.get(column) == StoredValue::Null => Some(template),
        _ => None,
    };
    let Some(template) = without.or(model.partition.as_ref()) else { return Ok(()) };
    if is_unknown(model, row, template) {
        return Ok(());
    }
    match fill(row, template) {
        Ok(partition) if partition == row.partition() => Ok(()),
        Ok(partition) => {
            let text = format!(
                "the content belongs to the partition {partition:?}, and the record is in {:?}",
                row.partition()
            );
            Err(ValidationErrors::of_record(text).into())
        }
        Err(error) => {
            Err(ValidationErrors::of_record(format!("the content belongs to no partition: {error}")).into())
        }
    }
}

/// Returns `true` if the model declares a source id that is made of the record's columns, and the record has another.
pub(super) fn has_other_source_id(row: &ReceivedRow) -> bool {
    let Some(template) = &row.model().source_id else { return false };
    !template.is_own_id()
        && !row.model().computes_source_id
        && !is_unknown(row.model(), row, template)
        && fill(row, template).is_ok_and(|source_id| source_id != row.source_id())
}

/// Returns `true` if the content does not tell the text of `template`: it names a local column, or a reference that was set to
/// `NULL` because its target was deleted. A record stays in its partition then.
fn is_unknown(model: &Model, row: &ReceivedRow, template: &Template) -> bool {
    template.columns().any(|name| match model.columns.iter().find(|column| column.name == name) {
        None => true,
        Some(column) => column.on_delete == OnDelete::SetNull && *row.get(name) == StoredValue::Null,
    }) || model.partition_without.as_ref().is_some_and(|(name, _)| {
        let column = model.columns.iter().find(|column| column.name == *name);
        column.is_some_and(|column| column.on_delete == OnDelete::SetNull)
            && *row.get(name) == StoredValue::Null
    })
}

fn fill(row: &ReceivedRow, template: &Template) -> Result<String, InvalidRecord> {
    let filled = template.fill(|name| Ok(row.get(name).clone()))?;
    Ok(filled.replace(OWN_ID, row.id().as_str()))
}

//! A row of `morango_transfersession`.

use rusqlite::{Connection, OptionalExtension as _};
use syncline_serializer::counters::{FilterCounters, Fsic, InstanceCounters, InvalidCounters};
use syncline_serializer::filter::Filter;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::transfer_session::{InvalidTransfer, TransferSession};

use super::Format;
use crate::error::{Doing as _, TransferError};
use crate::store::schema::Columns;

/// Reads the transfer session `id`. `format` is the format of counters on which its two sides agreed.
///
/// # Errors
///
/// If there is no such session, its counters are not of this format, or the database cannot be read.
pub fn read_session(
    connection: &Connection,
    id: RecordId,
    format: Format,
) -> Result<TransferSession, TransferError> {
    let row = connection
        .query_row(
            "SELECT filter, push, client_fsic, server_fsic FROM morango_transfersession WHERE id = ?1",
            [id.as_str()],
            |row| {
                let texts: (String, String) = (row.get(2)?, row.get(3)?);
                Ok((row.get::<_, String>(0)?, row.get(1)?, texts))
            },
        )
        .optional()
        .doing("reading the transfer session")?;
    let Some((prefixes, is_push, (client, server))) = row else {
        return Err(TransferError::NoSession { id });
    };
    let parse = |side, text: &str| {
        let parsed: Result<_, InvalidCounters> = match format {
            Format::ByInstance => InstanceCounters::parse(text).map(Fsic::ByInstance),
            Format::ByPartition => FilterCounters::parse(text).map(Fsic::ByPartition),
        };
        parsed.map_err(|source| InvalidTransfer::Counters { side, source })
    };
    let mut filter = Filter::everything();
    filter.add(&prefixes);
    let has_orders = Columns::of(connection, "morango_buffer")?.unwrap_or_default().has("_self_ref_order");
    Ok(TransferSession {
        id,
        filter,
        is_push,
        client: parse("client", &client)?,
        server: parse("server", &server)?,
        has_orders,
    })
}

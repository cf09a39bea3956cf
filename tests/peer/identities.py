"""Lets Morango recompute the identity of each record in KOLIBRI_HOME's database, and compares it with the record's.

Prints one line of JSON: the number of records of each model, and the records whose identity differs.
"""

import json
import logging
import uuid

import kolibri  # noqa: F401  (puts the packages that it bundles on the path)
from kolibri.utils.main import initialize

initialize(skip_update=True)
logging.disable(logging.INFO)

from morango.registry import syncable_models  # noqa: E402


def plain(value):
    """Converts a UUID to the text of a new record."""
    return value.hex if isinstance(value, uuid.UUID) else value


def worked_out(record):
    """Id, source id and partition, as `calculate_uuid` would set them on a record without any."""
    before = record._morango_source_id
    if type(record).__name__ == "FacilityDataset":
        # Without a source id it would make a certificate.
        source_id = before
    else:
        record._morango_source_id = ""
        # What is random cannot be worked out anew.
        source_id = plain(record.calculate_source_id()) or before
        record._morango_source_id = before
    with_placeholder = record.calculate_partition()
    made = record.compute_namespaced_id(with_placeholder, source_id, record.morango_model_name)
    return made, source_id, with_placeholder.replace(record.ID_PLACEHOLDER, made)


counts, wrong = {}, []
for model in syncable_models.get_models("facilitydata"):
    for record in model.syncing_objects.all():
        found = (record.id, record._morango_source_id, record._morango_partition)
        counts[model.morango_model_name] = counts.get(model.morango_model_name, 0) + 1
        expected = worked_out(record)
        if found != expected:
            wrong.append([model.morango_model_name, found, expected])
print(json.dumps({"records": counts, "wrong": wrong}))

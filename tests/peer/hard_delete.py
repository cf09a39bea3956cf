"""Hard-deletes one record of KOLIBRI_HOME's database by Kolibri's own model. The arguments are a model's name and an id.

Prints one line of JSON: the number of records that Morango listed as hard deleted.
"""

import json
import logging
import sqlite3
import sys

import kolibri  # noqa: F401  (puts the packages that it bundles on the path)
from kolibri.utils.main import initialize

initialize(skip_update=True)
logging.disable(logging.INFO)

from django.db import connection  # noqa: E402
from morango.models.core import HardDeletedModels  # noqa: E402
from morango.registry import syncable_models  # noqa: E402

name, record = sys.argv[1:]
model = next(m for m in syncable_models.get_models("facilitydata") if m.morango_model_name == name)
model.syncing_objects.get(id=record).delete(hard_delete=True)
listed = HardDeletedModels.objects.count()
connection.close()
# What is in the log goes to the file, which alone is copied back.
path = connection.settings_dict["NAME"]
sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
print(json.dumps({"listed": listed}))

"""Lets Morango serialise the database of KOLIBRI_HOME. The argument has partition prefixes, separated by commas.

Prints one line of JSON: the seconds of the operation itself.
"""

import json
import logging
import sqlite3
import sys
import time

import kolibri  # noqa: F401  (puts the packages that it bundles on the path)
from kolibri.utils.main import initialize

initialize(skip_update=True)
logging.disable(logging.INFO)

from django.db import connection  # noqa: E402
from morango.models.certificates import Filter  # noqa: E402
from morango.sync.operations import _serialize_into_store  # noqa: E402

prefixes = sys.argv[1].replace(",", "\n")
connection.ensure_connection()
path = connection.settings_dict["NAME"]
start = time.perf_counter()
_serialize_into_store("facilitydata", filter=Filter(prefixes) if prefixes else None)
seconds = time.perf_counter() - start
connection.close()
# What is in the log goes to the file, which alone is copied back.
sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
print(json.dumps({"wall_s": round(seconds, 3)}))

"""Lets Morango serialise every database of a folder in place. The argument is the folder.

Prints one line of JSON: for each file the error that Morango raised, or null.
"""

import json
import logging
import sys
from pathlib import Path

import kolibri  # noqa: F401  (puts the packages that it bundles on the path)
from kolibri.utils.main import initialize

initialize(skip_update=True)
logging.disable(logging.CRITICAL)

from django.db import connection  # noqa: E402
from morango.models.core import InstanceIDModel  # noqa: E402
from morango.sync.operations import _serialize_into_store  # noqa: E402

refused = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    connection.close()
    connection.settings_dict["NAME"] = str(path)
    InstanceIDModel._cached_instance = None
    try:
        _serialize_into_store("facilitydata")
        refused[path.name] = None
    except Exception as error:
        refused[path.name] = f"{type(error).__name__}: {error}"
connection.close()
print(json.dumps(refused))

"""Writes a file with the texts that Morango serialises for odd stored values.

    python field_values.py HOME ../fixtures/field_values.json

Run it with the Python of a Kolibri installation. HOME is a provisioned KOLIBRI_HOME; a copy of it is used.

The script writes each value to a column of one row by raw SQL, and lets Morango serialise that row alone. It reads the stored value
back with its SQL type, because a column may convert text to a number. In the file integers and reals are strings and blobs
hexadecimal digits, so that no JSON parser changes them.
"""

import json
import os
import shutil
import sqlite3
import sys
import tempfile
from json.decoder import scanstring

home = tempfile.mkdtemp()
shutil.copytree(sys.argv[1], home, dirs_exist_ok=True)
os.environ.update(
    KOLIBRI_HOME=home,
    KOLIBRI_NO_FILE_BASED_LOGGING="1",
    MORANGO_SYSTEM_ID="field-values",
    MORANGO_NODE_ID="field-values",
    TZ="UTC",
)

import kolibri  # noqa: E402, F401  (puts the packages that it bundles on the path)
from kolibri.utils.main import initialize  # noqa: E402

initialize(skip_update=True)

from django.db import models  # noqa: E402
from kolibri.core.auth.models import FacilityUser  # noqa: E402
from kolibri.core.exams.models import Exam  # noqa: E402
from kolibri.core.fields import DateTimeTzField, JSONField  # noqa: E402
from kolibri.core.logger.models import ContentSessionLog, MasteryLog  # noqa: E402
from morango.registry import syncable_models  # noqa: E402
from morango.sync.operations import _serialize_into_store  # noqa: E402

from field_value_cases import CASES  # noqa: E402

PROFILE = "facilitydata"
ROW = "0123456789abcdef0123456789abcdef"
MODELS = (ContentSessionLog, Exam, FacilityUser, MasteryLog)
database = sqlite3.connect(os.path.join(home, "db.sqlite3"), isolation_level=None)


def ordinary(field):
    """A value that is as it should be."""
    kinds = (
        (models.ForeignKey, ROW),
        (DateTimeTzField, "2025-01-02 03:04:05.000006(UTC)"),
        (JSONField, "{}"),
        (models.DateTimeField, "2025-01-02 03:04:05"),
        (models.BooleanField, 0),
        (models.IntegerField, 1),
        (models.FloatField, 1.0),
    )
    if field.null:
        return None
    return next((value for kind, value in kinds if isinstance(field, kind)), ROW)


def reset():
    """One ordinary row in each table that is used, a clean one in every other, and an empty store."""
    for model in syncable_models.get_models(PROFILE):
        database.execute(f"UPDATE {model._meta.db_table} SET _morango_dirty_bit = 0")
    for table in ("recordmaxcounter", "store", "deletedmodels", "harddeletedmodels"):
        database.execute(f"DELETE FROM morango_{table}")
    for model in MODELS:
        fields = model._meta.concrete_fields
        names = ", ".join(field.column for field in fields)
        marks = ", ".join("?" for _ in fields)
        database.execute(f"DELETE FROM {model._meta.db_table}")
        database.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})",
            [0 if field.column == "_morango_dirty_bit" else ordinary(field) for field in fields],
        )


def members(text):
    """The keys of a JSON object, each with the text of its value as it stands."""
    at = 1
    while text[at - 1] != "}":
        key, at = scanstring(text, at + 1)
        _, end = json.JSONDecoder().raw_decode(text, at + 2)
        yield key, text[at + 2 : end]
        at = end + 2 if text[end] == "," else end + 1


def stored_value(kind, value):
    """The value as the fixture has it."""
    forms = {"null": lambda value: None, "blob": bytes.hex}
    return {kind: forms.get(kind, str)(value)}


def ask(table, column, value):
    """What SQLite makes of the value, and what Morango makes of that."""
    reset()
    database.execute(f"UPDATE {table} SET _morango_dirty_bit = 1, {column} = ?", [value])
    ((kind, stored),) = database.execute(f"SELECT typeof({column}), {column} FROM {table}")
    case = {"stored": stored_value(kind, stored)}
    try:
        _serialize_into_store(PROFILE)
    except Exception as error:
        return {**case, "refused": type(error).__name__}
    ((serialized,),) = database.execute("SELECT serialized FROM morango_store")
    return {**case, "json": dict(members(serialized))[column]}


def main():
    answers = []
    for field, places in CASES.items():
        for place, values in places.items():
            table, column = place.split(".")
            for value in values:
                answer = {"field": field, "column": place, **ask(table, column, value)}
                if answer not in answers:
                    answers.append(answer)
    with open(sys.argv[2], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(answer) for answer in answers) + "\n]\n")


main()
shutil.rmtree(home)

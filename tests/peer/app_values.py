"""Writes a file with the texts that Morango serialises for the fields of an application other than Kolibri.

    python app_values.py HOME ../fixtures/app_values.json

Run it with the Python of a Kolibri installation. HOME is a provisioned KOLIBRI_HOME; a copy of it is used.

The script defines a model of Django's own fields with Morango's mixin. It writes each value to a column of one row by raw SQL,
reads it back as SQLite has it, and serialises the row as Morango does: by `serialize()` and Django's encoder. In the file integers
and reals are strings and blobs hexadecimal digits, so that no JSON parser changes them.
"""

import json
import os
import shutil
import sqlite3
import sys
import tempfile

home = tempfile.mkdtemp()
shutil.copytree(sys.argv[1], home, dirs_exist_ok=True)
os.environ.update(
    KOLIBRI_HOME=home,
    KOLIBRI_NO_FILE_BASED_LOGGING="1",
    MORANGO_SYSTEM_ID="app-values",
    MORANGO_NODE_ID="app-values",
    TZ="UTC",
)

import kolibri  # noqa: E402, F401  (puts the packages that it bundles on the path)
from kolibri.utils.main import initialize  # noqa: E402

initialize(skip_update=True)

from django.conf import settings  # noqa: E402
from django.core.serializers.json import DjangoJSONEncoder  # noqa: E402
from django.db import connection, models  # noqa: E402
from morango.models.core import SyncableModel  # noqa: E402


class Bytes(models.BinaryField):
    """JSON has no bytes: Morango is told to write this field as text."""

    morango_serialize_to_string = True


class Sample(SyncableModel):
    morango_profile = "samples"
    morango_model_name = "sample"

    integer = models.BigIntegerField(null=True)
    real = models.FloatField(null=True)
    boolean = models.BooleanField(null=True)
    text = models.TextField(null=True)
    bytes = Bytes(null=True)
    uuid = models.UUIDField(null=True)
    date = models.DateField(null=True)
    time = models.TimeField(null=True)
    moment = models.DateTimeField(null=True)
    span = models.DurationField(null=True)
    nested = models.JSONField(null=True)

    class Meta:
        app_label = "kolibriauth"
        db_table = "sample"


MOMENTS = [
    "2025-01-02 03:04:05",
    "2025-01-02 03:04:05.678901",
    "2025-01-02 03:04:05.678901234",
    "2025-01-02 03:04:05.000500",
    "2025-01-02 03:04:05.000000999",
    "2025-01-02T03:04",
    "2025-1-2 3:4:5,5",
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59.999999",
    "2025-01-02",
    "soon",
    "",
    "2025-02-30 00:00:00",
    "2025-01-02 24:00:00",
    "2025-01-02 03:04:60",
    20250102,
    2.5,
    None,
]
UUID = "0123456789abcdef0123456789ABCDEF"
CASES = {
    "integer": [0, -1, 2**63 - 1, -(2**63), 1.5, "abc", "12", None],
    "real": [0.0, -0.0, 0.1, 1e16, 1e-5, 5e-324, 1.7976931348623157e308, float("inf"), 5, 2**53 + 1, "abc", None],
    "boolean": [0, 1, 2, "1", "x", None],
    "text": ["", "naïve \U0001F600", "a\0b", 5, 1.5, None],
    "bytes": [b"", b"\0\xff\xfe", b"four", bytes(range(256)), "text", 5],
    "uuid": [UUID, "{01234567-89ab-cdef-0123-456789abcdef}", "x", "", None],
    "date": [
        "2025-01-02", "2025-1-2", "0001-01-01", "9999-12-31", " 2025-01-0_2 ", "2025-01-02\n", "2025-02-30",
        "2025-01", "2025-01-02 03:04", "+2025-01-02", "0-1-1", "10000-01-01", "soon", "", 2025, None,
    ],
    "time": [
        "03:04:05", "03:04:05.678901", "03:04:05.000500", "03:04:05.000000999", "3:4", "03:04:05,5", "03:04:05.5 pm",
        "03:04:x", "24:00", "03:60", "23:59:60", "soon", "", 5, None,
    ],
    "moment": MOMENTS + [
        "2025-01-02 03:04:05+05:30", "2025-01-02 03:04:05.5-0330", "2025-01-02 03:04:05Z", "2025-01-02 03:04:05+24:00",
    ],
    "naive": MOMENTS + ["2025-01-02 03:04:05+05:30", "2025-01-02 03:04:05Z"],
    "span": [
        0, 1, -1, 999999, 1000000, 93784000000, -93784000001, 86400000000, 2**63 - 1, -(2**63), 1.5, "abc", None,
    ],
    "nested": [
        "{}", '{"b":1,"a":[1.50,1e5,-0,null,true,"\\u00e9é"]}', '{"a":1,"a":2}', "123456789012345678901234567890",
        '"text"', "null", "NaN", "not JSON", "", '"\\ud800"', "1E400", None,
    ],
}


def stored_value(kind, value):
    """The value as the fixture has it."""
    forms = {"null": lambda value: None, "blob": bytes.hex}
    return {kind: forms.get(kind, str)(value)}


def ask(field, value):
    """What SQLite makes of the value, and what Morango makes of that."""
    # A moment without a zone is what Django has where it is told not to use zones.
    settings.USE_TZ = field != "naive"
    column = "moment" if field == "naive" else field
    plain = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    # Django lets SQLite check that JSON is JSON; a database that others write to may hold anything.
    plain.execute("PRAGMA ignore_check_constraints = ON")
    plain.execute("DELETE FROM sample")
    names, marks = "id, _morango_dirty_bit, _morango_source_id, _morango_partition", f"'{UUID.lower()}', 1, 's', 'p'"
    if column != "bytes":
        # There is no text for bytes that are missing.
        names, marks = f"{names}, bytes", f"{marks}, x''"
    plain.execute(f"INSERT INTO sample ({names}, {column}) VALUES ({marks}, ?)", [value])
    ((kind, stored),) = plain.execute(f"SELECT typeof({column}), {column} FROM sample")
    plain.close()
    case = {"field": field, "stored": stored_value(kind, stored)}
    try:
        serialized = Sample.objects.get().serialize()
        return {**case, "json": json.dumps(serialized[column], cls=DjangoJSONEncoder)}
    except Exception as error:
        return {**case, "refused": type(error).__name__}


def main():
    with connection.schema_editor() as editor:
        editor.create_model(Sample)
    answers = []
    for field, values in CASES.items():
        for value in values:
            answer = ask(field, value)
            if answer not in answers:
                answers.append(answer)
    with open(sys.argv[2], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(answer) for answer in answers) + "\n]\n")


main()
shutil.rmtree(home)

"""Writes the table of time zones that Kolibri's pytz knows.

    python time_zones.py ../../examples/kolibri/src/fields/time_zone/table.rs

Run it with the Python of a Kolibri installation.
"""

import sys

import kolibri  # noqa: F401  (puts the packages that it bundles on the path)
import pytz

HEAD = f"""\
//! The time zones of pytz {pytz.__version__} (Olson {pytz.OLSON_VERSION}), as Kolibri bundles it.
//!
//! Written by `tests/peer/time_zones.py`; do not edit.

use super::TimeZone;

/// All zones, sorted by name in lower case.
pub(super) const ZONES: &[TimeZone] = &[
"""


def minutes(offset):
    """pytz rounds to whole minutes."""
    whole, rest = divmod(offset.total_seconds(), 60)
    assert rest == 0
    return int(whole)


def row(name):
    zone = pytz.timezone(name)
    offsets = [info[0] for info in getattr(zone, "_transition_info", [])] or [zone.utcoffset(None)]
    return f'    TimeZone::new("{name}", {minutes(offsets[0])}, {minutes(offsets[-1])}),\n'


with open(sys.argv[1], "w") as file:
    file.write(HEAD + "".join(map(row, sorted(pytz.all_timezones, key=str.lower))) + "];\n")

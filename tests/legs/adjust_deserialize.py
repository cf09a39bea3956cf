"""adjust_deserialize.py CASES.jsonl OUT.jsonl | adjust_deserialize.py --pair FOLDER OUT.jsonl: small cases of deserialise, and pairs of databases, as
the rules of docs/morango.md change them before Morango is asked.

The first form runs in the home of a Kolibri whose database is legs-base-30, with the scripts of the peer (legs_cases.py) on PYTHONPATH. It writes a line for
each case that a rule changes: {"name", "clean": [id, ..], "changes": {..}}. The second form runs in the home of a Kolibri whose database is FOLDER's
in.sqlite3, and adds the pair's line to OUT. Its changes are those since the serialisation that the pair begins with.

Rules: a record that ends Morango's run is an error on that record, and the others are as if it were clean (Q29, Q30): "clean" names it, and the
changes are Morango's without it. Failures of a run are tried again while that changes something, at most twice more (Q32).
A text of a hard deleted record that is '' reads as {} (Q4)."""
import itertools, json, os, sys

import legs, legs_cases

ASKED = ("name", "store", "app", "filter", "skip_erroring")


class Bench(legs_cases.Bench):
    runs = 1

    def changes(self, made):
        from morango.models.certificates import Filter
        import morango.sync.operations as ops
        found = super().changes(made)
        for _ in range(1, self.runs):
            prefixes = Filter("\n".join(self.case["filter"])) if self.case.get("filter") is not None else None
            ops._deserialize_from_store(legs.PROFILE, skip_erroring=bool(self.case.get("skip_erroring")), filter=prefixes)
            if self.db.execute("pragma foreign_key_check").fetchone():
                return found
            again = super().changes(made)
            if again == found:
                break
            found = again
        return found

    def ask(self, case, clean=(), runs=1):
        case = json.loads(json.dumps({key: case[key] for key in ASKED if key in case}))
        for key in clean:
            case["store"][key]["dirty_bit"] = 0
        self.case, self.runs = case, runs
        return json.loads(json.dumps(self.try_case(case)))


def endings(bench, case, dirty):
    """The records without which Morango's run of the case does not fail."""
    if bench.ask(case)["result"] == "done":
        return ()
    ways = itertools.chain.from_iterable(itertools.combinations(dirty[::-1], n) for n in (1, 2))
    return next(way for way in ways if bench.ask(case, way)["result"] == "done")


def line(bench, case, clean):
    again = bench.ask(case, clean, 3)
    if again["result"] != "done":
        sys.exit("%s: aborted again: %r" % (case["name"], again))
    return {"name": case["name"], "clean": list(clean), "changes": again["changes"]}


def small(cases, out):
    bench = Bench()
    for case in map(json.loads, cases):
        dirty = [key for key, row in case["store"].items() if row and row.get("dirty_bit")]
        if len(dirty) < 2:
            continue
        clean = endings(bench, case, dirty) if case["result"] == "aborted" else ()
        adjusted = line(bench, case, clean)
        if clean or adjusted["changes"] != case["changes"]:
            out.write(json.dumps(adjusted) + "\n")


def pair(folder, out):
    from django.db import connection
    from morango.models.certificates import Filter
    import morango.sync.operations as ops
    with open(os.path.join(folder, "case.json"), encoding="utf-8") as file:
        case = json.load(file)
    case["name"] = os.path.basename(os.path.normpath(folder))
    with connection.cursor() as cursor:
        cursor.execute("update morango_store set serialized = '{}' where serialized = '' and deleted")
        if case.get("serialize_first"):
            ops._serialize_into_store(legs.PROFILE, filter=Filter("\n".join(case["filter"])) if case["filter"] else None)
        cursor.execute("select id from morango_store where dirty_bit")
        dirty = [key for key, in cursor.fetchall()]
    bench = Bench()
    case["store"] = {key: {"dirty_bit": 1} for key in dirty}
    out.write(json.dumps(line(bench, case, endings(bench, case, dirty))) + "\n")


def main():
    legs.boot(legs_cases.legs_clock())
    if sys.argv[1] == "--pair":
        with open(sys.argv[3], "a", encoding="utf-8") as out:
            pair(sys.argv[2], out)
    else:
        with open(sys.argv[1], encoding="utf-8") as cases, open(sys.argv[2], "w", encoding="utf-8") as out:
            small(cases, out)


main()

"""adjust.py CASES.jsonl ASK.jsonl | adjust.py CASES.jsonl --answers ANSWERS.jsonl OUT.jsonl: small cases of fsic, queue and dequeue, as the
rules of docs/morango.md change them before Morango is asked.

The first form writes to ASK the cases that a rule changes, without their outcome. The script of the peer then runs Morango on them
("legs small DB check ASK": each one differs, since it has no outcome). The second form reads what it printed and writes to OUT the
outcome of each, with the original letters, as {"name", "out"}.

Rules: partitions are literal and case-sensitive (Q10); another session's buffers do not count (Q8); counters of records that are neither
buffered nor stored are left out (Morango's transaction fails); a peer that names this instance above its counter raises it (Q26)."""
import json, string, sys

SPECIAL = set("%_'\"\\" + string.ascii_uppercase)


def partitions(case):
    yield from (row["partition"] for row in case["store"])
    yield from (row[0] for row in case["dmc"])
    yield from (row["partition"] for row in case.get("buffer", []))
    if "filter" in case["run"]:
        yield case["run"]["filter"]
    for session in case.get("sessions", []):
        yield session["filter"]
        for side in ("client_fsic", "server_fsic"):
            fsic = json.loads(session[side])
            if "super" in fsic:
                for part in fsic.values():
                    yield from part


def letters(case):
    text = "".join(partitions(case))
    special = sorted(set(text) & SPECIAL)
    free = [letter for letter in string.ascii_lowercase if letter not in text.lower()]
    return dict(zip(special, free, strict=False)) if len(special) <= len(free) else sys.exit("no letters left: " + case["name"])


def renamed(text, table):
    return "".join(table.get(letter, letter) for letter in text)


def rename_fsic(fsic, table):
    if "super" not in fsic:
        return fsic
    return {part: {renamed(partition, table): counters for partition, counters in partitions.items()} for part, partitions in fsic.items()}


def rename(case, table):
    for row in [*case["store"], *case.get("buffer", [])]:
        row["partition"] = renamed(row["partition"], table)
    for row in case["dmc"]:
        row[0] = renamed(row[0], table)
    if "filter" in case["run"]:
        case["run"]["filter"] = renamed(case["run"]["filter"], table)
    for session in case.get("sessions", []):
        session["filter"] = renamed(session["filter"], table)
        for side in ("client_fsic", "server_fsic"):
            session[side] = json.dumps(rename_fsic(json.loads(session[side]), table))


def rename_outcome(out, table):
    for name, value in out.items():
        if name.startswith("v2"):
            out[name] = rename_fsic(value, table)
        elif name in ("store", "buffer"):
            for row in value:
                row["partition"] = renamed(row["partition"], table)
        elif name == "dmc":
            for row in value:
                row[0] = renamed(row[0], table)


def in_dequeue(case):
    run, (me, counter) = case["run"], case["instance"]
    session = next(s for s in case["sessions"] if s["id"] == run["session"])
    case["buffer"] = [row for row in case["buffer"] if row["transfer_session_id"] == session["id"]]
    known = {row["model_uuid"] for row in case["buffer"]} | {row["id"] for row in case["store"]}
    case["rmcb"] = [row for row in case["rmcb"] if row[0] == session["id"] and row[1] in known]
    if not session["records_transferred"]:
        return
    sent = json.loads(session["client_fsic"] if session["push"] else session["server_fsic"])
    counters = [c for part in sent.values() for c in part.values()] if "super" in sent else [sent]
    named = [c.get(me, 0) for c in counters] + [row[3] for row in case["rmcb"] if row[2] == me]
    named += [row["last_saved_counter"] for row in case["buffer"] if row["last_saved_instance"] == me]
    case["instance"][1] = max([counter, *named])


def adjusted(case):
    case = json.loads(json.dumps(case))
    case.pop("out", None), case.pop("aborted", None)
    if case["run"]["call"] == "dequeue":
        in_dequeue(case)
    table = letters(case)
    rename(case, table)
    return case, table


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = {case["name"]: case for case in map(json.loads, file)}
    changed = {}
    for name, case in cases.items():
        other, table = adjusted(case)
        if other != {key: value for key, value in case.items() if key not in ("out", "aborted")}:
            changed[name] = other, table
    if sys.argv[2] != "--answers":
        with open(sys.argv[2], "w", encoding="utf-8") as file:
            file.writelines(json.dumps(case) + "\n" for case, _ in changed.values())
        return
    with open(sys.argv[3], encoding="utf-8") as answers, open(sys.argv[4], "w", encoding="utf-8") as file:
        for answer in map(json.loads, answers):
            if "differs" in answer:
                outcome = answer["got"]
                back = {new: old for old, new in changed[answer["differs"]][1].items()}
                rename_outcome(outcome.get("out", {}), back)
                file.write(json.dumps(dict(name=answer["differs"], **outcome)) + "\n")


main()

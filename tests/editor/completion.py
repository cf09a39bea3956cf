#!/usr/bin/env python3
"""Asks rust-analyzer for completions in half-written pipelines, and fails if it does not offer the fields.

Usage: tests/editor/completion.py [SECONDS]

Needs rust-analyzer (`rustup component add rust-analyzer`). It works on a copy of half_written.rs in a crate of its own,
and waits up to SECONDS (300) until rust-analyzer has read everything.
"""

import json
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
NOTE = {"title", "body", "scroll_position"}
# The text before the cursor, and the fields to be offered there.
CASES = [
    ("map(|note| note.", NOTE),
    ("filter(|note| note.scr", NOTE),
    ("=> map(|note| note.title", NOTE),
    ("Load(settings.", {"folder", "depth"}),
    ("map(|page| page.", NOTE),
    ("filter(|draft| draft.", NOTE),
    ("dedup(|entry| entry.", NOTE),
    ("keep(|kept| kept.", NOTE),
    ("|routed| routed.", NOTE),
    ("|merged| merged.", NOTE),
]
FIELD = 5


class Server:
    """rust-analyzer, spoken to over its standard input and output."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            ["rust-analyzer"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.messages = queue.Queue()
        self.is_ready = False
        self.last_id = 0
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while header := self.process.stdout.readline():
            length = int(header.split(b":")[1])
            while self.process.stdout.readline().strip():
                pass
            self.messages.put(json.loads(self.process.stdout.read(length)))

    def send(self, message):
        text = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
        self.process.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def call(self, method, params, seconds=120):
        self.last_id += 1
        self.send({"id": self.last_id, "method": method, "params": params})
        return self.wait(seconds, lambda message: message.get("id") == self.last_id and "method" not in message)

    def wait(self, seconds, is_wanted):
        """The next message that is wanted; what the server asks meanwhile is answered with nothing."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                message = self.messages.get(timeout=1)
            except queue.Empty:
                continue
            if "method" in message and "id" in message:
                asked = message.get("params", {}).get("items", [])
                nothing = [None] * len(asked) if message["method"] == "workspace/configuration" else None
                self.send({"id": message["id"], "result": nothing})
            if is_wanted(message):
                return message.get("result")
        sys.exit("rust-analyzer does not answer")


def is_quiescent(message):
    return message.get("method") == "experimental/serverStatus" and message["params"].get("quiescent")


def position(source, before):
    at = source.index(before) + len(before)
    return {"line": source.count("\n", 0, at), "character": at - source.rfind("\n", 0, at) - 1}


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    source = (HERE / "half_written.rs").read_text()
    with tempfile.TemporaryDirectory() as folder:
        crate = pathlib.Path(folder)
        (crate / "src").mkdir()
        (crate / "src/main.rs").write_text(source)
        (crate / "Cargo.toml").write_text(
            '[package]\nname = "half-written"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n'
            f'[dependencies]\nsyncline = {{ path = "{HERE.parent.parent}" }}\n'
        )
        (crate / "Cargo.lock").write_text((HERE.parent.parent / "Cargo.lock").read_text())
        server = Server(folder)
        uri = (crate / "src/main.rs").as_uri()
        capabilities = {"experimental": {"serverStatusNotification": True}}
        options = {"checkOnSave": False}
        root = {"processId": None, "rootUri": crate.as_uri()}
        server.call("initialize", {**root, "capabilities": capabilities, "initializationOptions": options})
        server.notify("initialized", {})
        document = {"uri": uri, "languageId": "rust", "version": 1, "text": source}
        server.notify("textDocument/didOpen", {"textDocument": document})
        server.wait(seconds, is_quiescent)
        failed = False
        for before, wanted in CASES:
            where = {"textDocument": {"uri": uri}, "position": position(source, before)}
            found = server.call("textDocument/completion", where) or {}
            items = found if isinstance(found, list) else found.get("items", [])
            fields = {item["label"] for item in items if item.get("kind") == FIELD}
            failed |= fields != wanted
            print("ok    " if fields == wanted else "FAILED", before, sorted(fields))
        server.process.kill()
        server.process.wait()
    sys.exit(failed)


if __name__ == "__main__":
    main()

"""Runs a function as callers reach it: the program that SAM has uploaded, with the environment of its live version.

It runs as a process of this machine, which gets its event by Lambda's runtime API. moto would need Docker for that.
"""

import http.server
import json
import os
import pathlib
import subprocess
import tempfile
import threading

from place import ACCOUNT, REGION

TIMEOUT = 60


class _Runtime(http.server.BaseHTTPRequestHandler):
    """Lambda's runtime API, for one invocation."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.server.given:
            self.server.answered.wait()  # there is no second event
            return
        self.server.given = True
        self._send(200, json.dumps(self.server.event).encode(), {
            "Lambda-Runtime-Aws-Request-Id": "00000000-0000-4000-8000-000000000000", "Lambda-Runtime-Deadline-Ms": "4102444800000",
            "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rehearsal:live"})

    def do_POST(self):
        body = self._body()
        self.server.response = json.loads(body) if self.path.endswith("/response") else {"error": body.decode()}
        self._send(202, b"", {})
        self.server.answered.set()

    def _body(self):
        if "Content-Length" in self.headers:
            return self.rfile.read(int(self.headers["Content-Length"]))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _send(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Says nothing: the function is ended while it waits for its next event."""


def invoke(account, function, event):
    """Returns the function's response, and what it has logged."""
    with _Server(("127.0.0.1", 0), _Runtime) as server, tempfile.TemporaryDirectory() as folder:
        server.event, server.given, server.response, server.answered = event, False, None, threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        program = pathlib.Path(folder, "bootstrap")
        program.write_bytes(account.code(function))
        program.chmod(0o700)
        log = pathlib.Path(folder, "log")
        with log.open("wb") as out, subprocess.Popen([program], env=_environment(account, function, server), stdout=out, stderr=out) as process:
            threading.Thread(target=lambda: (process.wait(), server.answered.set()), daemon=True).start()
            server.answered.wait(TIMEOUT)
            process.kill()
        server.answered.set()
        server.shutdown()
        return server.response, log.read_text()


def _environment(account, function, server):
    """What Lambda sets, and what the function's live version has. The plain AWS_ENDPOINT_URL leads to moto."""
    return {
        **account.variables()[function], "PATH": os.environ["PATH"], "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "rehearsal",
        "AWS_SECRET_ACCESS_KEY": "rehearsal", "AWS_SESSION_TOKEN": "rehearsal", "AWS_ENDPOINT_URL": account.cloud.url,
        "AWS_LAMBDA_FUNCTION_NAME": account.functions()[function], "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_address[1]}"}

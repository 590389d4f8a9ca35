"""A web server of another product, whose page has the elements of the chat: another origin, with a strict policy."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POLICY = "default-src 'none'; script-src 'self' {chat}; connect-src 'self' {chat}; style-src 'self'; base-uri 'none'"
HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A host</title><link rel="stylesheet" href="/host.css">
<script type="module" src="/host.js"></script></head>
<body><h1>A host</h1>{body}</body></html>"""
# The token is in the address, as a test's product has no people of its own.
SCRIPT = """
import {{ configureChat }} from "{chat}/static/chats/widget.js";
const token = new URLSearchParams(location.search).get("token");
window.unread = [];
addEventListener("chat-unread", (event) => window.unread.push(event.detail.count));
configureChat({{ token: async () => token, texts: {texts} }});
"""


class Host:
    """A web server of somebody else; `body` is what its page has."""

    def __init__(self) -> None:
        self.chat = ""
        self.body = ""
        self.texts = "{}"
        self.script = SCRIPT
        self.token = self.css = ""
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text = host.answer(self.path.partition("?")[0])
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Security-Policy", POLICY.format(chat=host.chat))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever).start()

    def answer(self, path: str) -> tuple[str, str]:
        if path.endswith(".js"):
            return "text/javascript", self.script.format(chat=self.chat, texts=self.texts)
        if path == "/host.css":
            return "text/css", self.css
        if path == "/chat-token/":
            return "application/json", json.dumps({"token": self.token})
        return "text/html", HTML.format(body=self.body)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

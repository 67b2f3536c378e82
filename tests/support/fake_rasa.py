"""A server that speaks our Rasa channel's protocol and misbehaves on demand."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {
    "cost": ("cost", "how much", "price"),
    "session_experience": ("session",),
    "side_effects": ("side effect",),
    "greet": ("hello", "hi"),
    "emergency_crisis": ("second net", "only the classifier"),
}


class FakeRasa:
    """``behaviour``: ok, slow, garbage, nothing, unknown_answer, error or no_model."""

    def __init__(self, secret: str = "test-secret", port: int = 0) -> None:
        self.secret = secret
        self.behaviour = "ok"
        self.delay = 0.0
        self.asked: list[dict[str, str]] = []
        self._busy = threading.Lock()
        self.most_at_once = 0
        self._at_once = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, body: dict[str, str]) -> tuple[int, bytes]:
        if self.behaviour == "slow":
            time.sleep(3)
        if self.behaviour == "garbage":
            return 200, b"<html>not what you expect</html>"
        if self.behaviour == "error":
            return 500, b'{"error": {"code": "failed"}}'
        if self.behaviour == "no_model":
            return 503, b'{"error": {"code": "no_model"}}'
        said = [{"answer": key, "topics": [], "text": ""} for key in [self._key(body["text"])]]
        if self.behaviour == "nothing":
            said = []
        if self.behaviour == "unknown_answer":
            said = [{"answer": "no_such_answer"}]
        screened = "second net" in body["text"]
        intent = {"name": "x", "confidence": 1.0}
        turn = {"said": said, "intent": intent, "screened": screened, "model": "m"}
        return 200, json.dumps(turn).encode()

    @staticmethod
    def _key(text: str) -> str:
        for key, words in ANSWERS.items():
            if any(word in text.lower() for word in words):
                return key
        return "fallback"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                ok = fake.behaviour != "no_model"
                body = {"status": "ok" if ok else "no_model", "model": "fake" if ok else None}
                self._send(200, json.dumps(body).encode())

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.headers.get("Authorization") != f"Bearer {fake.secret}":
                    self._send(401, b"{}")
                    return
                with fake._busy:
                    fake.asked.append(body)
                    fake._at_once += 1
                    fake.most_at_once = max(fake.most_at_once, fake._at_once)
                time.sleep(fake.delay)
                answer = fake.answer(body)
                with fake._busy:
                    fake._at_once -= 1
                self._send(*answer)

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler

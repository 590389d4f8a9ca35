"""nginx, before several servers."""

import signal
from pathlib import Path

from benchmarks.processes.nginx import HEAD
from benchmarks.processes.program import Program, answers, free_port, wait_for

NGINX = (
    HEAD
    + """    upstream chatserver {{
        {servers}
        keepalive 32;
    }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        # A machine that vanished, or drains: the next one takes over, for what was not sent to it yet.
        proxy_connect_timeout 1s;
        proxy_next_upstream error timeout http_503;
        location / {{
            proxy_pass http://chatserver;
            proxy_read_timeout 5s;
        }}
        location ~ ^/(api/v1/)?stream/?$ {{
            proxy_pass http://chatserver;
            proxy_buffering off;
            proxy_read_timeout 20s;
        }}
    }}
}}
"""
)


class Nginx:
    """In front of these servers, `host:port` each."""

    def __init__(self, folder: Path, servers: list[str]) -> None:
        self.port = free_port()
        lines = "\n        ".join(f"server {server} max_fails=1 fail_timeout=5s;" for server in servers)
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, port=self.port, servers=lines))
        self.program = Program(folder / "nginx.log", "nginx", "-c", str(config), "-p", str(folder))
        self.program.start()
        wait_for(lambda: answers("127.0.0.1", self.port), "nginx")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.program.stop(signal.SIGTERM)

"""nchan: publish and subscribe in C, inside nginx. From Debian: `apt install nginx libnginx-mod-nchan`."""

from pathlib import Path

from benchmarks.processes.nginx import Nginx
from benchmarks.processes.program import find_program, free_port

MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
MISSING = "nchan is not installed: apt install nginx libnginx-mod-nchan"
# Messages are in memory only: nothing here lasts.
CONFIG = """
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /publish {{
            nchan_publisher;
            nchan_channel_id room;
            nchan_message_buffer_length 5000;
            nchan_message_timeout 1m;
        }}
        location = /subscribe {{
            nchan_subscriber eventsource;
            nchan_channel_id room;
            nchan_subscriber_first_message newest;
        }}
    }}
"""


def is_installed() -> bool:
    return find_program("nginx") is not None and MODULE.exists()


def nchan(folder: Path) -> Nginx:
    port = free_port()
    return Nginx(folder, port, CONFIG.format(port=port), f"load_module {MODULE};")

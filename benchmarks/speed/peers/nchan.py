"""nchan: publish and subscribe in C, inside nginx. From Debian: `apt install nginx libnginx-mod-nchan`."""

import shutil
from pathlib import Path

from benchmarks.processes.nginx import HEAD
from benchmarks.speed.peers.process import PeerProcess, free_port

MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
MISSING = "nchan is not installed: apt install nginx libnginx-mod-nchan"
# Messages are in memory only: nothing here lasts.
CONFIG = (
    "load_module {module};\n"
    + HEAD
    + """    keepalive_requests 1000000000;
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
}}
"""
)


def find_nginx() -> str | None:
    """nginx, where nchan is there as well."""
    found = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    return found if found and MODULE.exists() else None


def nchan(folder: Path) -> PeerProcess:
    nginx = find_nginx()
    if nginx is None:
        raise FileNotFoundError(MISSING)
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(CONFIG.format(module=MODULE, folder=folder, port=port))
    return PeerProcess("nginx", [nginx, "-c", str(config), "-e", str(folder / "nginx-error.log")], port, folder)

"""nginx, as Debian has it, with a configuration of the run's own."""

from pathlib import Path

from benchmarks.processes.program import Program

# All files in the folder, else it takes the system's. One worker, as one server process of ours.
CONFIG = """{modules}
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
}}
"""


class Nginx(Program):
    """`http` is what stands in the block of that name, and listens on `port`; `modules` are lines before all others."""

    def __init__(self, folder: Path, port: int, http: str, modules: str = "") -> None:
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, http=http, modules=modules))
        places = ("-c", str(config), "-e", str(folder / "nginx-error.log"), "-p", str(folder))
        super().__init__(folder / "nginx.log", "nginx", *places, port=port)

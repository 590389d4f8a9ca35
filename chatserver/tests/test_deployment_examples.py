"""What deploy/ holds is taken by the programs that it is for, and names only what ChatServer has."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from chatserver.server.granian import DRAIN_SECONDS
from chatserver.storage.embedded.account import engine_account, own_folder
from chatserver.tests.harness.documents import blocks_of
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.programs import program
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for
from chatserver.tests.test_env_example import shown_in_example
from chatserver.tests.test_metrics import scraped

DEPLOY = PROJECT / "deploy"
# What Prometheus itself adds to each series, and to a histogram.
TARGET_LABELS = {"job", "instance", "le"}
KUBERNETES = "1.33"


def shown(page: str, kind: str, mark: str) -> str:
    (found,) = [block.text for block in blocks_of(PROJECT / page) if block.kind == kind and mark in block.text]
    return found


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    return group["rules"]


def drawn() -> list[str]:
    """The expressions of the dashboard, with Grafana's variables filled in."""
    dashboard = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
    values = {"$__rate_interval": "5m", "$job": "chatserver", "$instance": ".*"}
    found = []
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            expression = target["expr"]
            for name, value in values.items():
                expression = expression.replace(name, value)
            found.append(expression)
    return found


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run([program("promtool", package="prometheus"), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_and_the_dashboard_name_metrics_and_labels_that_are_served(granian: Service) -> None:
    granian.people()[0].get("/api/v1/users/me/")
    served: dict[str, set[str]] = {"up": set()}
    for name, labels in scraped(granian):
        served.setdefault(name, set()).update(label for label, _ in labels)
    named = set()
    for expression in [rule["expr"] for rule in alerts()] + drawn():
        for name, matchers in re.findall(r"\b(up|chat_\w+)\b(?:\{(.*?)\})?", expression):
            assert name in served, expression
            asked = set(re.findall(r'(\w+)\s*(?:=~|!=|!~|=)\s*"', matchers))
            grouped = {label.strip() for by in re.findall(r"by \((.*?)\)", expression) for label in by.split(",")}
            assert asked | grouped <= served[name] | TARGET_LABELS, expression
            named.add(name)
    families = {re.sub("_(bucket|sum|count|created)$", "", name) for name in served}
    assert families - {re.sub("_bucket$", "", name) for name in named} == set()


def test_nginx_has_what_the_docs_show() -> None:
    config = (DEPLOY / "nginx.conf").read_text()
    assert config.split("\n", 2)[2].strip() == shown("docs/operations.md", "nginx", "upstream chatserver").strip()


def test_pgbouncer_has_what_the_docs_show() -> None:
    config = (DEPLOY / "pgbouncer.ini").read_text()
    assert config.endswith(shown("docs/scaling.md", "ini", "pool_mode"))


@pytest.mark.clients
def test_pgbouncer_starts_with_the_file(tmp_path: Path) -> None:
    config, log = tmp_path / "pgbouncer.ini", tmp_path / "pgbouncer.log"
    text = re.sub(
        "/(var/run|var/log|etc)/(postgresql|pgbouncer)", str(tmp_path), (DEPLOY / "pgbouncer.ini").read_text()
    )
    config.write_text(text.replace("listen_addr = 127.0.0.1", "listen_addr ="))
    (tmp_path / "userlist.txt").write_text('"chat" "secret"\n')
    account = engine_account(PROJECT)  # root may not run it
    if account is not None:
        own_folder(tmp_path, account)
        for file in (config, tmp_path / "userlist.txt"):
            file.chmod(0o644)
    command = [program("pgbouncer", package="pgbouncer"), str(config)]
    started = subprocess.Popen(command, stderr=subprocess.DEVNULL, user=account.pw_uid if account else None)
    try:
        wait_for(lambda: (log.exists() and "process up" in log.read_text()) or started.poll() is not None)
        assert started.poll() is None
        assert not re.search("unrecognized|invalid|WARNING|FATAL|ERROR", log.read_text())
    finally:
        started.terminate()
        started.wait()


@pytest.mark.clients
def test_prometheus_takes_the_alerts_and_what_the_dashboard_asks(tmp_path: Path) -> None:
    rules = tmp_path / "drawn.yml"
    records = [{"record": f"drawn:{number}", "expr": expression} for number, expression in enumerate(drawn())]
    rules.write_text(yaml.safe_dump({"groups": [{"name": "drawn", "rules": records}]}))
    promtool("check", "rules", DEPLOY / "alerts.yml", rules)


@pytest.mark.clients
def test_alerts_fire_for_what_they_are_about(tmp_path: Path) -> None:
    """Series of one-minute samples, and the alert that there is in the end."""
    here = {"instance": "a"}
    series = {
        'up{job="chatserver",instance="a"}': ("1 0 0 0", "ChatServerDown", {"job": "chatserver"}),
        'chat_database_up{instance="a"}': ("1 0 0 0", "ChatServerDatabaseAway", {}),
        'chat_request_errors_total{instance="a",status="500"}': ("0 0 1 1", "ChatServerBugs", {"status": "500"}),
        'chat_hub_histories_lost_total{instance="a"}': ("0 0 1 1", "ChatServerHistoryLost", {}),
        'chat_reader_poisoned_total{instance="a",reader="trim"}': (
            "0 0 1 1",
            "ChatServerRowsPutAside",
            {"reader": "trim"},
        ),
    }
    by_name = {rule["alert"]: rule for rule in alerts()}
    tests = []
    for name, (values, alert, labels) in series.items():
        severity = by_name[alert]["labels"]["severity"]
        summary = by_name[alert]["annotations"]["summary"].replace("{{ $labels.instance }}", "a")
        fired = {
            "exp_labels": {**here, **labels, "severity": severity},
            "exp_annotations": {"summary": summary.replace("{{ $labels.reader }}", "trim")},
        }
        checks = [{"eval_time": "0m", "alertname": alert, "exp_alerts": []}]
        checks.append({"eval_time": "3m", "alertname": alert, "exp_alerts": [fired]})
        tests.append(
            {"interval": "1m", "input_series": [{"series": name, "values": values}], "alert_rule_test": checks}
        )
    file = tmp_path / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(DEPLOY / "alerts.yml")], "tests": tests}))
    promtool("test", "rules", file)


@pytest.fixture(scope="module")
def manifests() -> dict[str, Any]:
    return {found["kind"]: found for found in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())}


def test_kubernetes_takes_the_manifests(manifests: dict[str, Any]) -> None:
    assert set(manifests) == {"ConfigMap", "Deployment", "Service", "PodDisruptionBudget", "Ingress"}
    for manifest in manifests.values():
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_the_pods_are_as_the_image_and_the_settings_are(manifests: dict[str, Any]) -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text()
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    (server,) = pod["containers"]
    (migrate,) = pod["initContainers"]
    assert f"--uid {pod['securityContext']['runAsUser']} " in dockerfile
    assert f"EXPOSE {server['ports'][0]['containerPort']}\n" in dockerfile
    assert pod["terminationGracePeriodSeconds"] > DRAIN_SECONDS + 5 + 5
    assert server["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert server["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert server["image"] == migrate["image"]
    secrets = re.findall(r"--from-literal=(\w+)=", (DEPLOY / "kubernetes.yaml").read_text())
    assert {*manifests["ConfigMap"]["data"], *secrets} <= set(shown_in_example())
    for container in (server, migrate):
        assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}  # noqa: S108 - in a container
    labels = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert manifests["Service"]["spec"]["selector"] == labels

"""Processes that are held to a share of a core. Folders stand for the kernel's, which only root may use."""

from pathlib import Path

import pytest

from benchmarks.speed import quota


def written(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_with_control_groups_of_version_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "ROOT", tmp_path)
    (tmp_path / "cpu").mkdir()
    group = quota.hold_process(4711, 0.25)
    assert group.parent == tmp_path / "cpu"
    assert written(group) == {"cpu.cfs_period_us": "10000", "cpu.cfs_quota_us": "2500", "cgroup.procs": "4711"}


def test_with_control_groups_of_version_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "ROOT", tmp_path)
    group = quota.hold_process(4711, 1.5)
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpu"
    assert group.parent == tmp_path
    assert written(group) == {"cpu.max": "15000 10000", "cgroup.procs": "4711"}


def test_where_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "ROOT", tmp_path / "none")
    with pytest.raises(RuntimeError, match="takes root"):
        quota.hold_process(4711, 0.25)

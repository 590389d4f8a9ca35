"""The site that `make docs` builds from README and docs/."""

import re
import subprocess
from pathlib import Path

import pytest

from chatserver.tests.harness.processes import PROJECT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built strictly: a link or an anchor that leads nowhere fails it."""
    folder = tmp_path_factory.mktemp("site") / "built"
    built = subprocess.run([PROJECT / "docs/build_site.sh", folder], cwd=PROJECT, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "html"


def test_each_page_is_in_the_menu(site: Path) -> None:
    menu = (PROJECT / "docs/zensical.toml").read_text()
    pages = [page.relative_to(PROJECT) for page in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")]]
    assert [str(page) for page in pages if f'"{page}"' not in menu] == []
    assert [
        str(page) for page in pages if page.stem != "README" and not (site / page.with_suffix(".html")).exists()
    ] == []


def test_it_loads_nothing_from_elsewhere(site: Path) -> None:
    loads = (
        r'<(?:script|img|iframe)[^>]+src="?(https?:[^"\s>]+)|<link[^>]+rel="?stylesheet"?[^>]+href="?(https?:[^"\s>]+)'
    )
    assert len(list(site.rglob("*.html"))) > 20
    assert [page.name for page in site.rglob("*.html") if re.search(loads, page.read_text())] == []

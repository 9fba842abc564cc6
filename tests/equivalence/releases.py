"""Which releases of which packages are replayed, and where are their files?"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from itertools import pairwise
from pathlib import Path

RELEASES = {
    "attrs": "21.4.0 22.1.0 22.2.0 23.1.0 23.2.0 24.1.0 24.2.0 24.3.0 25.1.0 25.3.0",
    "cachetools": "5.0.0 5.2.0 5.2.1 5.3.0 5.3.1 5.3.2 5.3.3 5.4.0 5.5.0 5.5.2",
    "click": "8.0.4 8.1.0 8.1.2 8.1.3 8.1.4 8.1.5 8.1.6 8.1.7 8.1.8 8.2.0 8.2.1",
    "h11": "0.9.0 0.10.0 0.11.0 0.12.0 0.13.0 0.14.0 0.15.0 0.16.0",
    "idna": "3.0 3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.10",
    "inflection": "0.4.0 0.5.0 0.5.1",
    "itsdangerous": "2.0.0 2.0.1 2.1.0 2.1.1 2.1.2 2.2.0",
    "jmespath": "0.9.3 0.9.4 0.9.5 0.10.0 1.0.0 1.0.1",
    "more-itertools": "8.12.0 8.13.0 8.14.0 9.0.0 9.1.0 10.0.0 10.1.0 10.2.0 10.3.0 10.4.0 10.5.0",
    "packaging": "20.8 20.9 21.0 21.2 21.3 22.0 23.0 23.1 23.2 24.0 24.1 24.2 25.0",
    "parso": "0.7.1 0.8.0 0.8.1 0.8.2 0.8.3 0.8.4",
    "pluggy": "0.13.1 1.0.0 1.2.0 1.3.0 1.4.0 1.5.0 1.6.0",
    "sortedcontainers": "2.0.5 2.1.0 2.2.0 2.2.1 2.2.2 2.3.0 2.4.0",
    "sqlparse": "0.4.0 0.4.1 0.4.2 0.4.3 0.4.4 0.5.0 0.5.1 0.5.2 0.5.3",
    "tabulate": "0.8.7 0.8.9 0.8.10 0.9.0",
    "tomlkit": "0.11.4 0.11.5 0.11.6 0.11.7 0.11.8 0.12.0 0.12.1 0.12.2 0.12.3 0.12.4 0.13.0 0.13.2",
    "toolz": "0.11.1 0.11.2 0.12.0 0.12.1 1.0.0",
}
SHORT = ("itsdangerous", "jmespath", "pluggy")
"""The packages that every test run replays."""


def pairs(packages: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Consecutive releases: a package, the version before, the one after."""
    return [
        (package, *pair) for package in packages for pair in pairwise(RELEASES[package].split())
    ]


def fetch(package: str, version: str, cache: Path) -> Path:
    """
    The folder that holds a release, downloaded by pip unless it was before.

    Raises:
        OSError: pip cannot download it.
    """
    folder = cache / f"{package}-{version}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as made:
            wheels, files = Path(made, "wheels"), Path(made, "files")
            _download(f"{package}=={version}", wheels)
            for wheel in wheels.glob("*.whl"):
                zipfile.ZipFile(wheel).extractall(files)
            try:
                files.rename(folder)
            except OSError:
                if not folder.exists():  # else another run was faster
                    raise
    return folder


def _download(requirement: str, folder: Path) -> None:
    options = [
        "--no-deps",
        "--quiet",
        "--platform=any",
        "--only-binary=:all:",
        "--retries=1",
        "--timeout=10",
    ]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder)]
    done = subprocess.run(
        [*command, "--ignore-requires-python", requirement],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["nothing said"]
        raise OSError(f"pip cannot download {requirement}: {lines[-1]}")

"""Where no comparison with other libraries is asked for, their files are not even imported: the libraries may lack."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if "not peers" in (config.getoption("markexpr") or "") else None

"""Where no comparison with other libraries is asked for, their files are not even imported: the libraries may lack."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    asked = config.getoption("markexpr") or "peers"
    return None if "peers" in asked.replace("not peers", "") else True

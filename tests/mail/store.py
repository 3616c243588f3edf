"""A store of passwords in one file, as a machine without a desktop may have it, spoken to through `keyring` itself."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class FileStore(KeyringBackend):
    """Chosen by PYTHON_KEYRING_BACKEND; the file is named by GREMIUM_TEST_STORE, and without one the store is locked."""

    priority = 1

    def _file(self) -> Path:
        if not os.environ.get("GREMIUM_TEST_STORE"):
            raise KeyringLocked
        return Path(os.environ["GREMIUM_TEST_STORE"])

    def _all(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._file().read_text("utf-8")) if self._file().exists() else {}
        return found

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._file().write_text(json.dumps(self._all() | {f"{service}/{username}": password}), "utf-8")

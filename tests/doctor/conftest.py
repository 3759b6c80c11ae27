import json

import pytest

from experiments.cli import main


@pytest.fixture
def found(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder; return each part's text and warnings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*argv):
        assert main(["doctor", "--json", *map(str, argv)]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out)

    return run

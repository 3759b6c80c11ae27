"""What `minigrad bench` writes: slopes, the table of a README, the chart."""

import pytest

from experiments import charts
from experiments.benchmarks import chart, output, report
from experiments.benchmarks.row import OURS, PYTORCH, Key, Row, slope
from experiments.errors import UsageError

SIZES = (8, 16, 32)


def grown(way, power):
    """Rows in which minigrad's cost grows with a power of the size, and PyTorch's is constant."""
    return [
        Row(Key("slopes", f"Linear by batch, {way}", size), {OURS: [size**power], PYTORCH: [1.0]})
        for size in SIZES
    ]


@pytest.fixture
def phases():
    many = {OURS: [1.0, 2.0], PYTORCH: [4.0, 4.0], "JAX": [1.0, 1.0], "a slow one": [40.0]}
    rows = [
        Row(Key("epochs", "MLP epoch"), {OURS: [1e-3], PYTORCH: [2e-3]}),
        Row(Key("epochs", "MLP steps"), many),
        Row(Key("memory", "memory of a step"), {OURS: [2.0**20], PYTORCH: [2.0**21]}),
        Row(Key("import", "import"), {OURS: [0.1], report.NUMPY: [0.05]}),
        *grown("forward", 2),
        *grown("backward", 1),
    ]
    return {1: rows, 2: rows}


def test_slopes(phases):
    found = report.slopes(phases[1])
    assert found["Linear by batch, forward"]["sizes"] == list(SIZES)
    assert found["Linear by batch, forward"]["slopes"] == pytest.approx({OURS: 2, PYTORCH: 0})
    assert found["Linear by batch, backward"]["slopes"][OURS] == pytest.approx(1)
    # Least squares: one point off moves the line, not to that point alone.
    assert slope([1, 10, 100], [1, 10, 1000]) == pytest.approx(1.5)


def test_text(phases):
    text = report.text(phases, ["JAX is not timed: a reason"], "a machine", turns=2)
    assert "1 MiB" in text
    assert text.count("Linear by batch, forward") == 1
    assert "8 to 32" in text
    assert "JAX is not timed: a reason" in text
    assert text.endswith("\na machine")
    assert report.rows_table({1: []}) == report.slopes_table({1: []}) == ""


def test_ratios_are_of_the_same_turn():
    row = Row(Key("epochs", ""), {OURS: [1.0, 8.0, 3.0], PYTORCH: [1.0, 4.0, 3.0], "slow": [5.0]})
    assert row.ratios(OURS) == [1.0, 2.0, 1.0]
    assert row.ratio(OURS) == 1.0  # not 3 / 3 of the medians by chance
    assert row.ratios("slow") == [5.0]
    assert row.ratios(OURS, "slow") == [0.2]


def test_readme_only_the_table_changes(tmp_path):
    path = tmp_path / "README.md"
    path.write_bytes("# Ü\r\n<!-- bench -->\nold\n<!-- /bench -->\nafter\r\n".encode())
    for table in ("first", "second"):
        output.write_readme(path, table)
        expected = f"# Ü\r\n<!-- bench -->\n{table}\n<!-- /bench -->\nafter\r\n"
        assert path.read_bytes() == expected.encode()
    assert [file.name for file in tmp_path.iterdir()] == ["README.md"]


@pytest.mark.parametrize(
    "text",
    [
        "# nothing here",
        "<!-- bench -->",
        "<!-- /bench -->",
        "<!-- /bench --> <!-- bench -->",
        2 * "<!-- bench --> <!-- /bench -->",
    ],
)
def test_readme_without_one_place_is_left_alone(text, tmp_path):
    path = tmp_path / "README.md"
    path.write_text(text)
    with pytest.raises(UsageError, match="expected one place for the table; write two lines"):
        output.write_readme(path, "table")
    assert path.read_text() == text


def test_readme_that_is_no_text(tmp_path):
    path = tmp_path / "README.md"
    path.write_bytes(b"\xff<!-- bench --><!-- /bench -->")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        output.around_markers(path)


def test_chart(phases, tmp_path):
    charts.write(tmp_path / "bench.png", chart.draw(phases))
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")
    svg = (tmp_path / "bench.svg").read_text()
    assert "<svg" in svg
    figure = chart.draw(phases)
    wide, memory_and_epoch, growth = figure.axes
    assert [label.get_text() for label in wide.get_yticklabels()] == ["a slow one", OURS, "JAX"]
    assert [t.get_text() for t in wide.texts] == ["10.00", "0.38", "0.25"] * 2
    names = [label.get_text() for label in memory_and_epoch.get_yticklabels()]
    assert names == ["memory of a step", "MLP epoch"]
    assert [list(line.get_xdata()) for line in growth.lines] == [list(SIZES)] * 4

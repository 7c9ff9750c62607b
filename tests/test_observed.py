"""Observed cascades: what the reader takes, what it refuses in one line, and what is measured of them."""

import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffusion.errors import InputError
from diffusion.study import CascadeSample, quantities, read_cascades
from diffusion.study.samples import generations, parent_rows

# Two cascades, the rows in no order: a (0 s) <- b (60) <- d (600), a <- c (120); x (0) alone.
ROWS = """cascade,user,seconds,parent,followers
1,d,600,b,4
1,b,60,a,20
2,x,0,,7
1,a,0,,1000
1,c,120,a,
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(text: str | bytes, name: str = "observed.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


def values(sample: CascadeSample, name: str) -> list[float]:
    return sorted(quantities(sample)[name].values.tolist())


def check(sample: CascadeSample) -> None:
    """The two cascades above, as worked out by hand."""
    assert sample.sizes.tolist() == [4, 1]
    assert sample.seconds.tolist() == [0, 60, 120, 600, 0]
    assert sample.parent is not None
    assert sample.parent.tolist() == [-1, 0, 0, 1, -1]
    assert values(sample, "size") == [1, 4]
    assert values(sample, "share delay") == [1, 2, 10]
    assert (values(sample, "t50"), values(sample, "t90")) == ([2], [10])
    assert values(sample, "parent delay") == [1, 2, 9]
    assert values(sample, "depth") == [0, 2]
    # a-b a-c b-d at 1, a-d b-c at 2, c-d at 3
    assert values(sample, "virality") == [pytest.approx((3 * 1 + 2 * 2 + 3) / 6)]
    assert values(sample, "followers of sources") == [7, 1000]
    assert values(sample, "followers of resharers") == [4, 20]


def test_a_text_of_columns_is_read_plain_packed_and_with_other_signs(write: Any) -> None:
    check(read_cascades(write(ROWS)))
    check(read_cascades(write(gzip.compress(ROWS.encode()), "observed.csv.gz")))
    check(read_cascades(write(ROWS.replace(",", "\t"), "observed.tsv")))
    check(read_cascades(write(ROWS.replace(",", ";").replace("\n", "\r\n"))))
    check(read_cascades(write("\ufeff" + ROWS)))


def test_parquet_is_read_with_its_own_types(write: Any, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    table = pacsv.read_csv(write(ROWS))  # whole numbers, and empty texts of parents
    pq.write_table(table, tmp_path / "observed.parquet")
    check(read_cascades(tmp_path / "observed.parquet"))
    # As data frames hold them: a missing number makes the whole column one of floats.
    numbers = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "x": 5.0, "": math.nan}
    floats = {name: [numbers[cell] for cell in table[name].to_pylist()] for name in ("user", "parent")}
    followers = [math.nan if n is None else float(n) for n in table["followers"].to_pylist()]
    for name, column in {**floats, "followers": followers}.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(column))
    pq.write_table(table, tmp_path / "observed.parquet")
    check(read_cascades(tmp_path / "observed.parquet"))


def test_columns_may_be_called_otherwise(write: Any) -> None:
    path = write(ROWS.replace("seconds", "time").replace("parent", "of").replace("cascade", "tweet"))
    check(read_cascades(path, columns={"seconds": "time", "parent": "of", "cascade": "tweet"}))


def test_without_parents_the_first_row_at_no_time_is_the_source(write: Any) -> None:
    sample = read_cascades(write("cascade,user,seconds\n1,b,60\n1,a,0\n1,c,0\n"))
    assert sample.parent is None
    assert sample.seconds.tolist() == [0, 0, 60]
    assert {"depth", "virality", "parent delay"}.isdisjoint(quantities(sample))
    assert values(sample, "followers of sources") == []
    assert "depth and virality are not compared" in sample.notes[0]


def test_who_shares_again_is_refused_or_counts_once(write: Any) -> None:
    path = write("cascade,user,seconds\n1,a,0\n1,b,90\n1,b,60\n1,a,70\n2,a,0\n")
    with pytest.raises(InputError, match=r'row 2 below the header: user "b" stands twice in cascade "1"; --repeats'):
        read_cascades(path)
    sample = read_cascades(path, repeats="first")
    assert sample.seconds.tolist() == [0, 60, 0]
    assert sample.notes[0].startswith("2 posts by users who had posted")


HEAD = "cascade,user,seconds,parent,followers\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (HEAD, "has a header and no rows"),
        ("cascade,user,second\n1,a,0\n", r'no column "seconds"; did you mean "second"\?; name it with --columns'),
        ("a,b,c\n1,2,3\n", r'no column "cascade" \(known: a, b, c\)'),
        (HEAD + "1,a,0,,1\n,b,1,a,1\n", r'row 2 below the header: "cascade" is empty'),
        (HEAD + "1,a,0,,1\n1,,1,a,1\n", r'row 2 below the header: "user" is empty'),
        (HEAD + "1,a,0,,1\n1,b,soon,a,1\n", r'row 2 below the header: seconds = "soon": give seconds after'),
        (HEAD + "1,a,0,,1\n1,b,,a,1\n", "row 2 below the header: seconds is empty"),
        (HEAD + "1,a,0,,1\n1,b,-3,a,1\n", r'row 2 below the header: seconds = "-3"'),
        (HEAD + "1,a,0,,1\n1,b,nan,a,1\n", r'row 2 below the header: seconds = "nan"'),
        (HEAD + "1,a,0,,-1\n", r'row 1 below the header: followers = "-1": give a number of followers'),
        (HEAD + "1,a,0,,1\n1,b,1,z,1\n", r'row 2 below the header: parent "z" has no post in cascade "1"'),
        (HEAD + "1,a,0,,1\n2,b,0,,1\n1,c,1,b,1\n", r'parent "b" has no post in cascade "1"'),
        (HEAD + "1,a,0,,1\n1,b,1,c,1\n1,c,1,b,1\n", r'row 2 below the header: the parents of "b" go in a circle'),
        (HEAD + "1,a,0,,1\n1,b,1,b,1\n", r'the parents of "b" go in a circle'),
        (HEAD + "1,a,0,,1\n1,b,9,a,1\n1,c,8,b,1\n", r'row 3 below the header: shared at 8 s, before its parent "b"'),
        (HEAD + "1,a,0,b,1\n1,b,1,a,1\n", r'cascade "1" has no source; give a row without a parent'),
        (HEAD + "1,a,0,,1\n1,b,1,,1\n", r'row 2 below the header: cascade "1" has a second row without a parent'),
        (HEAD + "1,a,5,,1\n", "row 1 below the header: the source has seconds = 5"),
        ("cascade,user,seconds\n1,a,0\n7,b,2\n", r'row 2 below the header: cascade "7" has no source; give a row at 0'),
        (HEAD + "1,a,0,,1\n1,b\n", "Expected 5 columns, got 2"),
        (b"PAR1 broken", "observed.csv"),
        (b"\xff\xb4,b\n1,2\n", "neither a text in UTF-8 nor Parquet"),
        (b"\x1f\x8b broken", "gzip"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(write: Any, text: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        read_cascades(write(text))
    assert "\n" not in str(refused.value)
    assert "observed.csv" in str(refused.value)


def test_wrong_options_are_refused_with_what_would_do(write: Any) -> None:
    path = write(ROWS)
    with pytest.raises(InputError, match=r'no layout "evenly"; did you mean "evently"'):
        read_cascades(path, layout="evenly")
    with pytest.raises(InputError, match=r'no column "second" to be named; did you mean "seconds"'):
        read_cascades(path, columns={"second": "time"})
    with pytest.raises(InputError, match=r'no column "size" \(of followers\)'):
        read_cascades(path, columns={"followers": "size"})
    with pytest.raises(InputError, match=r"no such file; did you mean .observed"):
        read_cascades(path.with_name("observe.csv"))


def test_a_window_cuts_shares_and_a_floor_cuts_cascades(write: Any) -> None:
    sample = read_cascades(write(ROWS))
    seen = sample.within(200.0)
    assert (seen.sizes.tolist(), seen.parent.tolist()) == ([3, 1], [-1, 0, 0, -1])  # type: ignore[union-attr]
    assert values(seen, "depth") == [0, 1]
    large = sample.at_least(2)
    assert (large.sizes.tolist(), large.unit.tolist(), large.n_cascades) == ([4], [0], 1)


def test_generations_of_a_circle_are_none() -> None:
    assert generations(np.array([-1, 0, 1, 4, 3, 3])).tolist() == [0, 1, 2, -1, -1, -1]


def test_parents_are_looked_up_within_their_cascade() -> None:
    tree, user, parent = np.array([[0, 5, -1], [0, 6, 5], [1, 6, -1], [1, 7, 5], [1, 5, 6]]).T
    assert parent_rows(tree, user, parent).tolist() == [-1, 0, -1, 4, 2]
    assert parent_rows(tree, user, np.array([-1, 7, -1, 8, 6])).tolist() == [-1, -2, -1, -2, 2]


def test_retweet_cascades_of_evently_are_read(real_data: Path) -> None:
    sample = read_cascades(real_data / "cascades" / "auspol.csv.gz", layout="evently")
    assert sample.n_cascades == 3333
    assert sample.tree.size == 10504 - 125
    found = quantities(sample)
    # Quantiles of all delays, minutes (10, 25, 50, 75 and 90 %): 4.5, 25, 142, 403, 1119 before repeats were left out.
    quantiles = np.quantile(found["share delay"].values, (0.1, 0.25, 0.5, 0.75, 0.9))
    assert quantiles == pytest.approx((4.5, 25, 142, 403, 1119), rel=0.05)
    # Their followers' logarithms: mean 6.74, sd 1.79.
    everybody = [found[f"followers of {who}"].values for who in ("sources", "resharers")]
    logs = np.log(np.concatenate(everybody) + 1)
    assert (logs.mean(), logs.std()) == (pytest.approx(6.74, abs=0.1), pytest.approx(1.79, abs=0.1))
    assert not math.isnan(found["t50"].values.max())

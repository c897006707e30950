"""A trace and a table as pandas and xarray have them."""

import sys

import numpy as np
import pandas
import pytest
import torch
import xarray
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures import Table, trace

X = torch.randn(6, 3, 5, generator=torch.Generator().manual_seed(0))
LSTM = nn.LSTM(5, 4, num_layers=2, bidirectional=True, proj_size=2)
LENGTHS = [6, 4, 1]


@pytest.fixture(scope="module")
def run():
    return trace(LSTM, pack_padded_sequence(X, LENGTHS))


def test_a_frame_has_every_number_once(run):
    frame = run.to_pandas()

    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == ["i", "f", "g", "o", "c", "h"]
    assert len(frame) == 2 * 2 * sum(LENGTHS) * 4
    f, h = (dict(zip(frame.index, frame[letter], strict=True)) for letter in "fh")
    assert f[1, "reverse", 1, 3, 2] == run[1, 1].f[3, 1, 2].item()
    assert h[0, "forward", 0, 5, 1] == run[0, 0].h[5, 0, 1].item()
    missing = {letter: int(frame[letter].isna().to_numpy().sum()) for letter in "hc"}
    assert missing == {"h": len(frame) // 2, "c": 0}  # h is projected to 2 of 4 units


def test_a_dataset_has_every_number(run):
    dataset = run.to_xarray()

    assert isinstance(dataset, xarray.Dataset)
    assert dataset["f"].dims == ("layer", "direction", "step", "sequence", "unit")
    value = dataset["f"].sel(layer=1, direction="reverse", step=3, sequence=1, unit=2)
    assert value.item() == run[1, 1].f[3, 1, 2].item()
    assert dataset["h"].sizes["h_unit"] == 2
    assert dataset["length"].values.tolist() == LENGTHS
    assert np.isnan(dataset["h"].sel(step=5, sequence=2)).all()


def test_a_part_keeps_its_numbers():
    part = trace(LSTM, X, layers=1, steps=[2, 5], sequences=[2, 0])

    frame, dataset = part.to_pandas(), part.to_xarray()

    assert sorted(frame.index.unique("step")) == [2, 5]
    assert dataset["sequence"].values.tolist() == [2, 0]
    expected = trace(LSTM, X)[1, 0].o[5, 2, 1].item()
    assert frame.loc[(1, "forward", 2, 5, 1), "o"] == expected
    assert dataset["o"].sel(layer=1, direction="forward", step=5, sequence=2, unit=1) == expected


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_every_dtype_has_a_frame(dtype):
    run = trace(nn.GRU(5, 3, dtype=dtype), X.to(dtype))

    assert run.to_pandas()["z"].iloc[0] == run[0, 0].z[0, 0, 0].double().item()
    assert run.to_xarray()["z"].dtype == (np.float64 if dtype == torch.float64 else np.float32)


def test_a_table_has_both_forms():
    table = Table(["name", "shape", "size"], [("x", (8, 1), 3.0), ("h", None, 4.0)])

    frame, dataset = table.to_pandas(), table.to_xarray()

    assert frame.to_dict("list") == {
        "name": ["x", "h"],
        "shape": [(8, 1), None],
        "size": [3.0, 4.0],
    }
    assert dataset["size"].values.tolist() == [3.0, 4.0]
    assert dataset["size"].dims == ("row",)


@pytest.mark.parametrize("name", ["pandas", "xarray"])
def test_what_is_not_installed_is_named(name, run, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)

    for figure in (run, Table(["a"], [(1,)])):
        with pytest.raises(ImportError, match=f"pip install {name}") as caught:
            getattr(figure, f"to_{name}")()
        assert "\n" not in str(caught.value)

"""Models of packages on PyPI, as they are: each with an input, and the layers that it has."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class Real(NamedTuple):
    """A model of a package.

    Attributes:
        model: As the package makes it.
        args: What it takes.
        kwargs: What it takes by name.
    """

    model: nn.Module
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = MappingProxyType({})


def _numbers(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def _tokens(below: int, *shape: int) -> Tensor:
    return torch.randint(below, shape, generator=torch.Generator().manual_seed(0))


def voice_encoder() -> Real:
    """Resemblyzer's speaker encoder, with its trained weights."""
    from resemblyzer import VoiceEncoder  # pyright: ignore[reportMissingImports]

    return Real(VoiceEncoder("cpu", verbose=False), (_numbers(1, 160, 40),))


def open_unmix() -> Real:
    from openunmix.model import OpenUnmix  # pyright: ignore[reportMissingImports]

    model = OpenUnmix(nb_bins=65, nb_channels=1, hidden_size=32)
    return Real(model, (_numbers(2, 1, 65, 30).abs(),))


def tacotron2() -> Real:
    from torchaudio.models import Tacotron2  # pyright: ignore[reportMissingImports]

    model = Tacotron2(
        n_symbol=20,
        n_mels=10,
        symbol_embedding_dim=32,
        prenet_dim=16,
        encoder_embedding_dim=32,
        decoder_rnn_dim=48,
        attention_rnn_dim=48,
        attention_hidden_dim=16,
        attention_location_n_filter=4,
        attention_location_kernel_size=5,
        encoder_kernel_size=3,
        postnet_n_convolution=2,
        postnet_embedding_dim=16,
    )
    frames, lengths = _numbers(2, 10, 12), torch.tensor([12, 10])
    return Real(model, (_tokens(20, 2, 9), torch.tensor([9, 7]), frames, lengths))


def wave_rnn() -> Real:
    from torchaudio.models import WaveRNN  # pyright: ignore[reportMissingImports]

    model = WaveRNN(
        upsample_scales=[2, 2],
        n_classes=8,
        hop_length=4,
        n_rnn=32,
        n_fc=32,
        n_freq=10,
        n_hidden=8,
        n_output=16,
        n_res_block=1,
    )
    return Real(model, (_numbers(1, 1, 24), _numbers(1, 1, 10, 10)))


def encodec() -> Real:
    from transformers import EncodecConfig, EncodecModel  # pyright: ignore[reportMissingImports]

    sizes = {"num_filters": 4, "hidden_size": 16, "codebook_dim": 16, "codebook_size": 32}
    model = EncodecModel(EncodecConfig(upsampling_ratios=[4, 2], **sizes))
    return Real(model, (_numbers(1, 1, 800),))


def demucs() -> Real:
    from demucs.demucs import Demucs  # pyright: ignore[reportMissingImports]

    model = Demucs(["a", "b"], channels=4, depth=3, audio_channels=1, lstm_layers=2)
    return Real(model, (_numbers(1, 1, 4000),))


def hybrid_demucs() -> Real:
    from demucs.hdemucs import HDemucs  # pyright: ignore[reportMissingImports]

    model = HDemucs(["a", "b"], channels=4, audio_channels=1, nfft=4096)
    return Real(model, (_numbers(1, 1, 30000),))


def text_reader() -> Real:
    from easyocr.model.vgg_model import Model  # pyright: ignore[reportMissingImports]

    return Real(Model(1, 64, 32, 20), (_numbers(1, 1, 64, 200), torch.zeros(1, 5)))


def older_text_reader() -> Real:
    from easyocr.model.model import Model  # pyright: ignore[reportMissingImports]

    return Real(Model(1, 64, 32, 20), (_numbers(1, 1, 64, 200), torch.zeros(1, 5)))


def recurrent_policy() -> Real:
    import gymnasium  # pyright: ignore[reportMissingImports]
    from sb3_contrib.common.recurrent.type_aliases import (  # pyright: ignore[reportMissingImports]
        RNNStates,
    )
    from sb3_contrib.ppo_recurrent.policies import (  # pyright: ignore[reportMissingImports]
        RecurrentActorCriticPolicy,
    )

    box, actions = gymnasium.spaces.Box(-1, 1, (5,)), gymnasium.spaces.Discrete(3)
    model = RecurrentActorCriticPolicy(box, actions, lambda _: 1e-3, lstm_hidden_size=32)
    zeros = torch.zeros(1, 2, 32)
    states = RNNStates((zeros, zeros), (zeros, zeros))
    return Real(model, (_numbers(20, 5), states, torch.zeros(20)))


def _graph(name: str, *sizes: int) -> Real:
    """Return an aggregation of torch_geometric over four sets of three nodes."""
    from torch_geometric import nn as geometric  # pyright: ignore[reportMissingImports]

    index = torch.arange(4).repeat_interleave(3)
    return Real(getattr(geometric, name)(*sizes), (_numbers(12, 8),), {"index": index})


def lstm_aggregation() -> Real:
    return _graph("LSTMAggregation", 8, 16)


def gru_aggregation() -> Real:
    return _graph("GRUAggregation", 8, 16)


def set2set() -> Real:
    return _graph("Set2Set", 8, 3)


def gated_graph() -> Real:
    from torch_geometric.nn import GatedGraphConv  # pyright: ignore[reportMissingImports]

    return Real(GatedGraphConv(8, 3), (_numbers(12, 8), _tokens(12, 2, 40)))


def attentive_fingerprint() -> Real:
    from torch_geometric.nn import AttentiveFP  # pyright: ignore[reportMissingImports]

    sets = torch.arange(4).repeat_interleave(3)
    given = (_numbers(12, 8), _tokens(12, 2, 40), _numbers(40, 3), sets)
    return Real(AttentiveFP(8, 16, 2, 3, 2, 2), given)


def jumping_knowledge() -> Real:
    from torch_geometric.nn import JumpingKnowledge  # pyright: ignore[reportMissingImports]

    return Real(JumpingKnowledge("lstm", 8, 3), ([_numbers(12, 8) for _ in range(3)],))


def _ocr(name: str, height: int) -> Real:
    """Return a reader of words of doctr, as it is before training."""
    from doctr.models import recognition  # pyright: ignore[reportMissingImports]

    options = {"pretrained": False, "pretrained_backbone": False, "vocab": "abcdef"}
    return Real(getattr(recognition, name)(**options), (_numbers(2, 3, height, 128),))


def word_reader() -> Real:
    return _ocr("crnn_mobilenet_v3_small", 32)


def attending_word_reader() -> Real:
    """A reader whose decoder calls a cell of two layers for each letter."""
    return _ocr("sar_resnet31", 32)


def packed_lstm() -> Real:
    """Stanza's LSTM over a batch that it packs itself."""
    from stanza.models.common.packed_lstm import (  # pyright: ignore[reportMissingImports]
        PackedLSTM,
    )

    model = PackedLSTM(8, 16, 2, batch_first=True, bidirectional=True, pad=True)
    return Real(model, (_numbers(3, 20, 8), [20, 15, 6]))


def highway_lstm() -> Real:
    """Stanza's LSTM with highway connections between its layers, which are modules of their own."""
    from stanza.models.common.hlstm import HighwayLSTM  # pyright: ignore[reportMissingImports]

    model = HighwayLSTM(8, 16, 2, batch_first=True, bidirectional=True, pad=True)
    return Real(model, (_numbers(3, 20, 8), [20, 15, 6]))


def lemmatizer() -> Real:
    """Stanza's sequence to sequence model, with attention."""
    from stanza.models.common.seq2seq_model import (  # pyright: ignore[reportMissingImports]
        Seq2SeqModel,
    )

    sizes = {"vocab_size": 20, "emb_dim": 8, "hidden_dim": 16, "num_layers": 1}
    options = {"dropout": 0.0, "max_dec_len": 10, "attn_type": "soft"}
    model = Seq2SeqModel(sizes | options)
    letters = 4 + _tokens(16, 3, 12)
    return Real(model, (letters, torch.zeros(3, 12, dtype=torch.bool), letters[:, :9]))


def speech_network() -> Real:
    from speechbrain.lobes.models.CRDNN import CRDNN  # pyright: ignore[reportMissingImports]
    from speechbrain.nnet.RNN import LSTM  # pyright: ignore[reportMissingImports]

    sizes = {"rnn_layers": 2, "rnn_neurons": 16, "dnn_neurons": 16, "cnn_channels": [4, 4]}
    model = CRDNN(input_shape=[2, 40, 20], rnn_class=LSTM, **sizes)
    return Real(model, (_numbers(2, 40, 20),))


def attending_decoder() -> Real:
    """Speechbrain's decoder: a GRU cell for each token, and what it attends to."""
    from speechbrain.nnet.RNN import (  # pyright: ignore[reportMissingImports]
        AttentionalRNNDecoder,
    )

    sizes = {"enc_dim": 8, "input_size": 6, "hidden_size": 16, "attn_dim": 8, "num_layers": 1}
    model = AttentionalRNNDecoder(rnn_type="gru", attn_type="content", **sizes)
    return Real(model, (_numbers(2, 12, 6), _numbers(2, 15, 8), torch.ones(2)))


def source_separation() -> Real:
    """Asteroid's dual path network: the same sequence in chunks, along both axes."""
    from asteroid.models import DPRNNTasNet  # pyright: ignore[reportMissingImports]

    sizes = {"bn_chan": 8, "hid_size": 8, "chunk_size": 10, "n_repeats": 2, "n_filters": 8}
    return Real(DPRNNTasNet(2, **sizes), (_numbers(1, 400),))


def lstm_source_separation() -> Real:
    from asteroid.models import LSTMTasNet  # pyright: ignore[reportMissingImports]

    model = LSTMTasNet(2, n_layers=2, hid_size=16, n_filters=16, kernel_size=16, stride=8)
    return Real(model, (_numbers(1, 400),))


def deep_ar() -> Real:
    """Gluonts' forecaster, which goes on from its own samples."""
    from gluonts.torch.model.deepar.module import (  # pyright: ignore[reportMissingImports]
        DeepARModel,
    )

    model = DeepARModel("h", context_length=24, prediction_length=5, num_parallel_samples=3)
    given = model.describe_inputs(2).zeros()
    given["past_target"] = _numbers(*given["past_target"].shape).abs()
    given["past_observed_values"] = torch.ones_like(given["past_observed_values"])
    return Real(model, (), given)


def temporal_fusion() -> Real:
    """Pytorch-forecasting's temporal fusion transformer, over a data set of its own making."""
    import pandas
    from pytorch_forecasting import (  # pyright: ignore[reportMissingImports]
        TemporalFusionTransformer,
        TimeSeriesDataSet,
    )

    values = _numbers(60).numpy()
    frame = pandas.DataFrame({"time": list(range(60)), "value": values, "series": ["a"] * 60})
    data = TimeSeriesDataSet(
        frame,
        time_idx="time",
        target="value",
        group_ids=["series"],
        max_encoder_length=20,
        max_prediction_length=5,
        time_varying_unknown_reals=["value"],
    )
    x, _ = next(iter(data.to_dataloader(train=False, batch_size=4)))
    return Real(TemporalFusionTransformer.from_dataset(data, hidden_size=8), (x,))


MODELS: dict[str, tuple[Callable[[], Real], int, int]] = {
    "resemblyzer": (voice_encoder, 1, 1),
    "openunmix": (open_unmix, 1, 1),
    "torchaudio Tacotron2": (tacotron2, 3, 3),
    "torchaudio WaveRNN": (wave_rnn, 2, 2),
    "transformers EnCodec": (encodec, 2, 2),
    "demucs": (demucs, 1, 1),
    "demucs hybrid": (hybrid_demucs, 4, 4),
    "easyocr": (text_reader, 2, 2),
    "easyocr, first generation": (older_text_reader, 2, 2),
    "sb3-contrib": (recurrent_policy, 2, 2),
    "torch_geometric LSTMAggregation": (lstm_aggregation, 1, 1),
    "torch_geometric GRUAggregation": (gru_aggregation, 1, 1),
    "torch_geometric Set2Set": (set2set, 1, 1),
    "torch_geometric GatedGraphConv": (gated_graph, 1, 1),
    "torch_geometric AttentiveFP": (attentive_fingerprint, 3, 4),
    "torch_geometric JumpingKnowledge": (jumping_knowledge, 1, 1),
    "doctr CRNN": (word_reader, 1, 1),
    "doctr SAR": (attending_word_reader, 2, 3),
    "stanza PackedLSTM": (packed_lstm, 1, 1),
    "stanza HighwayLSTM": (highway_lstm, 2, 2),
    "stanza Seq2Seq": (lemmatizer, 2, 2),
    "speechbrain CRDNN": (speech_network, 1, 1),
    "speechbrain decoder": (attending_decoder, 1, 1),
    "asteroid DPRNN": (source_separation, 4, 4),
    "asteroid LSTMTasNet": (lstm_source_separation, 1, 1),
    "gluonts DeepAR": (deep_ar, 1, 2),
    "pytorch-forecasting TFT": (temporal_fusion, 2, 2),
}
"""By name: what makes a model, its recurrent layers, and the traces of one run."""


def built() -> Iterator[tuple[str, Real]]:
    """Walk the models, each from the same seed, in eval mode."""
    for name in MODELS:
        yield name, one(name)


def one(name: str) -> Real:
    """Return a model by its name, from seed 0, in eval mode."""
    torch.manual_seed(0)
    found = MODELS[name][0]()
    return found._replace(model=found.model.eval())

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

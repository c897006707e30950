"""Real Keras, on its torch backend, runs the converted weights as the torch module does."""

import importlib

import numpy as np
import pytest
import torch
from torch import nn

from rnn_figures.configurations import class_name, describe, every_configuration
from rnn_figures.weights import from_keras, to_keras

pytestmark = [
    pytest.mark.slow,
    # Keras' own variables do not follow NumPy 2 yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

L, N, H_in = 7, 4, 6
TOLERANCE = 1e-5
CONFIGURATIONS = [
    module for module in every_configuration() if not module.proj_size and not module.batch_first
]


@pytest.fixture
def keras(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    return importlib.import_module("keras")


def keras_layer(keras, module, **options):
    options |= {"use_bias": module.bias, "return_sequences": True}
    if class_name(module) == "LSTM":
        return keras.layers.LSTM(module.hidden_size, **options)
    if class_name(module) == "GRU":
        return keras.layers.GRU(module.hidden_size, reset_after=True, **options)
    return keras.layers.SimpleRNN(module.hidden_size, activation=module.nonlinearity, **options)


def keras_stack(keras, module):
    """One Keras layer for each layer of the module, in both directions where it has two."""
    layers = [keras.layers.Input((L, H_in))]
    for _ in range(module.num_layers):
        layer = keras_layer(keras, module)
        if module.bidirectional:
            reverse = keras_layer(keras, module, go_backwards=True)
            layer = keras.layers.Bidirectional(layer, backward_layer=reverse)
        layers.append(layer)
    return keras.Sequential(layers)


def largest_difference(output, expected):
    output = output.detach().numpy() if isinstance(output, torch.Tensor) else output
    return np.abs(output - expected.detach().numpy()).max()


@pytest.mark.parametrize("module", CONFIGURATIONS, ids=describe)
def test_to_keras_output_is_the_modules(keras, module):
    torch.manual_seed(0)
    x = torch.randn(L, N, H_in)
    expected, _ = module(x)
    lists = to_keras(module)
    stack = keras_stack(keras, module)

    stack.set_weights([array for arrays in lists for array in arrays])
    output = stack(x.transpose(0, 1))

    assert largest_difference(output, expected.transpose(0, 1)) < TOLERANCE


@pytest.mark.parametrize("module", CONFIGURATIONS, ids=describe)
def test_from_keras_output_is_keras(keras, module):
    torch.manual_seed(0)
    x = torch.randn(L, N, H_in)
    stack = keras_stack(keras, module)
    random = np.random.default_rng(0)
    arrays = [random.uniform(-0.5, 0.5, array.shape) for array in stack.get_weights()]
    stack.set_weights(arrays)
    size = len(arrays) // (module.num_layers * (2 if module.bidirectional else 1))

    module.load_state_dict(
        from_keras(module, [arrays[k : k + size] for k in range(0, len(arrays), size)])
    )
    expected, _ = module(x)

    assert largest_difference(stack(x.transpose(0, 1)), expected.transpose(0, 1)) < TOLERANCE


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_to_keras_second_list_is_the_reverse_direction(keras, kind):
    torch.manual_seed(0)
    module = kind(H_in, 8, bidirectional=True)
    x = torch.randn(L, N, H_in)
    expected, _ = module(x)
    layer = keras_layer(keras, module, go_backwards=True)
    layer.build((N, L, H_in))

    layer.set_weights(to_keras(module)[1])
    output = layer(x.transpose(0, 1))

    # Keras gives a reversed layer's outputs in the order in which they were made
    assert largest_difference(output.flip(1), expected[..., 8:].transpose(0, 1)) < TOLERANCE


def test_to_keras_final_states_are_h_n_and_c_n(keras):
    torch.manual_seed(0)
    module = nn.LSTM(H_in, 8)
    x = torch.randn(L, N, H_in)
    _, (h_n, c_n) = module(x)
    layer = keras_layer(keras, module, return_state=True)
    layer.build((N, L, H_in))

    layer.set_weights(to_keras(module)[0])
    _, h, c = layer(x.transpose(0, 1))

    assert largest_difference(h, h_n[0]) < TOLERANCE
    assert largest_difference(c, c_n[0]) < TOLERANCE


def test_from_keras_refuses_a_real_gru_that_resets_before_the_matrix(keras):
    module = nn.GRU(H_in, 8)
    layer = keras.layers.GRU(8, reset_after=False)
    layer.build((N, L, H_in))

    with pytest.raises(ValueError, match="reset_after=False"):
        from_keras(module, [layer.get_weights()])

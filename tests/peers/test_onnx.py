"""ONNX's reference evaluator and onnxruntime run the converted weights as the torch module does."""

import importlib

import numpy as np
import pytest
import torch
from torch import nn

from rnn_figures.configurations import class_name, describe, every_configuration
from rnn_figures.weights import from_onnx, to_onnx

pytestmark = pytest.mark.slow

L, N, H_in = 7, 4, 6
TOLERANCE = 1e-5
CONFIGURATIONS = [
    module for module in every_configuration() if not module.proj_size and not module.batch_first
]
OPSET = 22


def onnx_model(module, layers):
    """A model of one ONNX node for each layer of the module, joined as torch joins them."""
    onnx = importlib.import_module("onnx")
    num_directions = 2 if module.bidirectional else 1
    options: dict[str, object] = {
        "direction": "bidirectional" if module.bidirectional else "forward"
    }
    if class_name(module) == "GRU":
        options["linear_before_reset"] = 1
    if class_name(module) == "RNN":
        options["activations"] = [module.nonlinearity.capitalize()] * num_directions
    nodes, constants = [], [onnx.numpy_helper.from_array(np.array([0, 0, -1]), "sizes")]
    for layer, tensors in enumerate(layers):
        read = f"output{layer - 1}" if layer else "x"
        names = [f"{name}{layer}" for name in "WRB"]
        constants += [onnx.numpy_helper.from_array(tensors[name[0]], name) for name in names]
        nodes += [
            onnx.helper.make_node(
                class_name(module),
                [read, *names],
                [f"Y{layer}", f"h_n{layer}"],
                hidden_size=module.hidden_size,
                **options,
            ),
            # (L, D, N, H) -> (L, N, D, H) -> (L, N, D·H)
            onnx.helper.make_node("Transpose", [f"Y{layer}"], [f"T{layer}"], perm=[0, 2, 1, 3]),
            onnx.helper.make_node("Reshape", [f"T{layer}", "sizes"], [f"output{layer}"]),
        ]
    of_type = onnx.TensorProto.FLOAT
    outputs = [(f"output{len(layers) - 1}", (L, N, num_directions * module.hidden_size))]
    outputs += [(f"h_n{k}", (num_directions, N, module.hidden_size)) for k in range(len(layers))]
    graph = onnx.helper.make_graph(
        nodes,
        "layers",
        [onnx.helper.make_tensor_value_info("x", of_type, (L, N, H_in))],
        [onnx.helper.make_tensor_value_info(name, of_type, shape) for name, shape in outputs],
        constants,
    )
    opset = [onnx.helper.make_opsetid("", OPSET)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model


def reference_evaluator(model, x):
    return importlib.import_module("onnx.reference").ReferenceEvaluator(model).run(None, {"x": x})


def onnxruntime(model, x):
    engine = importlib.import_module("onnxruntime")
    session = engine.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})


def readable(parameter):
    return describe(parameter) if isinstance(parameter, nn.RNNBase) else parameter.__name__


# The reference evaluator knows no relu.
ENGINES_AND_MODULES = [(onnxruntime, module) for module in CONFIGURATIONS] + [
    (reference_evaluator, module) for module in CONFIGURATIONS if module.mode != "RNN_RELU"
]


@pytest.mark.parametrize(("engine", "module"), ENGINES_AND_MODULES, ids=readable)
def test_to_onnx_outputs_are_the_modules(engine, module):
    torch.manual_seed(0)
    x = torch.randn(L, N, H_in)
    expected, state = module(x)
    h_n = state[0] if class_name(module) == "LSTM" else state

    output, *ends = engine(onnx_model(module, to_onnx(module)), x.numpy())

    assert np.abs(output - expected.detach().numpy()).max() < TOLERANCE
    assert np.abs(np.concatenate(ends) - h_n.detach().numpy()).max() < TOLERANCE


@pytest.mark.parametrize("module", [m for m in CONFIGURATIONS if m.bias], ids=describe)
def test_from_onnx_output_is_onnxruntimes(module):
    torch.manual_seed(0)
    x = torch.randn(L, N, H_in)
    random = np.random.default_rng(0)
    layers = [
        {k: random.uniform(-0.5, 0.5, v.shape).astype(v.dtype) for k, v in tensors.items()}
        for tensors in to_onnx(module)
    ]
    expected, *_ = onnxruntime(onnx_model(module, layers), x.numpy())

    module.load_state_dict(from_onnx(module, layers))
    output, _ = module(x)

    assert np.abs(output.detach().numpy() - expected).max() < TOLERANCE


@pytest.mark.parametrize("engine", [reference_evaluator, onnxruntime])
def test_to_onnx_gru_differs_where_the_reset_comes_first(engine):
    torch.manual_seed(0)
    module = nn.GRU(H_in, 8)
    x = torch.randn(L, N, H_in)
    expected, _ = module(x)
    model = onnx_model(module, to_onnx(module))
    next(a for a in model.graph.node[0].attribute if a.name == "linear_before_reset").i = 0

    output, *_ = engine(model, x.numpy())

    assert np.abs(output - expected.detach().numpy()).max() > 1e-2

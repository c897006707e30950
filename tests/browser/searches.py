"""Searches, and the page that must be found: in the words of people, not of the pages."""

import re

from rnn_figures.site.markdown import releases
from tests.page import DOCS

CARDS = "answers/error-messages/"

MISTAKES = {
    "nn.LSTM(40, 64)(torch.randn(7, 16, 39))": "input-size",
    "nn.GRU(20, 8)(torch.randn(6, 21))": "input-size",
    "nn.GRU(12, 8)(torch.randn(12))": "input-dimensions",
    "nn.RNN(12, 8)(torch.randn(2, 3, 4, 12))": "rnn-dimensions",
    "nn.LSTMCell(12, 8)(torch.randn(9, 4, 12))": "cell-dimensions",
    "nn.LSTMCell(12, 8)(torch.randn(4, 10))": "cell-input-size",
    "nn.GRU(12, 8)(torch.randn(0, 4, 12))": "zero-length",
    "nn.GRU(12, 8)(torch.randn(7, 4, 12).double())": "input-dtype",
    "nn.LSTM(12, 8)(torch.ones(7, 4, 12, dtype=torch.int32))": "input-dtype",
    "nn.LSTM(12, 8)(torch.randn(7, 4, 12), (torch.zeros(1, 4, 8).double(),) * 2)": "state-dtype",
    "nn.LSTM(12, 8)([[1.0, 2.0]])": "no-tensor",
    "nn.LSTM(12, 8)(torch.randn(7, 4, 12).to('meta'))": "device",
    "nn.LSTM(12, 9)(torch.randn(7, 64, 12), (torch.zeros(1, 32, 9),) * 2)": "hidden-size",
    "nn.GRU(12, 9, 2)(torch.randn(7, 64, 12), torch.zeros(1, 64, 9))": "hidden-size",
    "nn.LSTM(12, 8)(torch.randn(7, 4, 12), (torch.zeros(1, 8),) * 2)": "hidden-dimensions",
    "nn.GRU(12, 8)(torch.randn(7, 12), torch.zeros(1, 4, 8))": "hidden-dimensions",
    "nn.LSTM(12, 8)(torch.randn(7, 4, 12), (torch.zeros(1, 4, 8),) * 3)": "three-states",
    "nn.LSTMCell(12, 8)(torch.randn(4, 12), (torch.zeros(4, 7),) * 2)": "cell-hidden",
    "nn.GRU(12, 8, dropout=0.2)": "dropout-one-layer",
    "nn.GRU(12, 8, num_layers=3, dropout=20)": "dropout-range",
    "nn.RNN(12, 8, proj_size=4)": "proj-size",
    "nn.LSTM(12, 8, proj_size=9)": "proj-size",
    "nn.RNN(12, 8, nonlinearity='elu')": "nonlinearity",
    "nn.GRU(12, 8, return_sequences=True)": "nonlinearity",
    "nn.LSTM(12, 8 / 2)": "sizes",
    "nn.GRU(12)": "sizes",
    "pack_padded_sequence(torch.randn(9, 4, 12), [2, 9, 5, 3])": "lengths-sorted",
    "pack_padded_sequence(torch.randn(9, 2, 12), [9, 0])": "length-zero",
    "pack_padded_sequence(torch.randn(9, 2, 12), [9, 6, 2])": "lengths-count",
    "pad_packed_sequence(pack_padded_sequence(torch.randn(9, 1, 2), [9]), total_length=7)": (
        "total-length"
    ),
    "pad_packed_sequence(torch.randn(9, 2, 12))": "packed-not-tensor",
    "nn.Linear(8, 2)(pack_padded_sequence(torch.randn(9, 2, 8), [9, 6]))": "packed-not-tensor",
    "nn.LSTM(12, 8)(torch.randn(7, 4, 12)).shape": "tuple",
    "nn.LSTM(12, 8)(torch.randn(7, 4, 12))[:, -1, :]": "tuple-index",
    "nn.Sequential(nn.GRU(12, 8), nn.Linear(8, 2))(torch.randn(7, 4, 12))": "sequential",
    "a, b, c = nn.GRU(12, 8)(torch.randn(7, 4, 12))": "unpack",
    "nn.Linear(8, 2)(nn.GRU(12, 8, bidirectional=True)(torch.randn(7, 4, 12))[0])": "mat1-mat2",
    "nn.GRU(12, 8, batch_first=True)(torch.randn(7, 4, 12))[0].view(28, -1)": "view",
    "nn.CrossEntropyLoss()(torch.randn(7, 4, 12), torch.ones(7, 4).long())": "target-size",
    "nn.GRU(12, 8)(torch.randn(7, 4, 12))[1].numpy()": "numpy",
    "y = nn.GRU(12, 8)(torch.randn(7, 4, 12))[1].sum(); y.backward(); y.backward()": (
        "second-backward"
    ),
    "y = nn.LSTM(12, 8)(torch.randn(7, 4, 12))[0]; y *= 2; y.sum().backward()": "inplace",
    "nn.Embedding(50, 12)(torch.tensor([3, 50]))": "embedding-range",
    "nn.Embedding(50, 12)(torch.tensor([3.0, 5.0]))": "embedding-float",
    "nn.LSTM(12, 8, 3).load_state_dict(nn.LSTM(12, 8, 2).state_dict())": "state-dict-keys",
    "nn.LSTM(12, 8).load_state_dict(nn.LSTM(12, 16).state_dict())": "state-dict-size",
    "nn.GRU(12, 8).weight_hh_l0 = torch.zeros(24, 8)": "assign",
    "nn.GRU(12, 8).weight_hh": "attribute",
    "torch.vmap(nn.LSTM(12, 8))(torch.randn(7, 4, 12))": "vmap",
}
"""Code that raises or warns, with other numbers than the page's, and the card of its message."""

MESSAGES = {
    "RuntimeError: cudnn RNN backward can only be called in training mode": "cudnn-backward",
    "RuntimeError: rnn: hx is not contiguous": "contiguous",
    "UserWarning: RNN module weights are not part of single contiguous chunk of memory. This means "
    "they need to be compacted at every call, possibly greatly increasing memory usage.": "flatten",
    "RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED": "cudnn-status",
    "RuntimeError: Input and hidden tensors are not at the same device, found input tensor at "
    "cuda:0 and hidden tensor at cpu": "device",
    "RuntimeError: Input and hidden tensors are not the same dtype, found input tensor with Half "
    "and hidden tensor with Float": "state-dtype",
    "RuntimeError: Expected all tensors to be on the same device, but found at least two devices, "
    "cuda:0 and cpu!": "device",
    "'lengths' argument should be a 1D CPU int64 tensor, but got 1D cuda:0 Long tensor": (
        "lengths-cpu"
    ),
    "Double backwards is not supported for CuDNN RNNs due to limitations in the CuDNN API.": (
        "double-backward"
    ),
}
"""Messages that a CPU does not raise."""


def older_messages() -> list[tuple[str, str]]:
    """Return what older releases of torch said, as the records have it, and the card of each."""
    page = (DOCS / CARDS).with_suffix(".md").read_text(encoding="utf-8")
    cards = re.findall(
        r"^### [^\n]* { #([\w-]+) }\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL
    )
    return [
        (said, card)
        for card, text in cards
        for said in releases.other_words(text)
        if said and said != "AssertionError:"  # it has no words to be found by
    ]


NAMES = {
    "batch_first": "sequences/batch-first/",
    "batch first": "sequences/batch-first/",
    "bidirectional=True": "configurations/bidirectional/",
    "proj_size": "configurations/proj-size/",
    "dropout": "configurations/dropout/",
    "num_layers": "configurations/stacked/",
    "c_n": "anatomy/output-and-states/",
    "h0": "sequences/initial-state/",
    "enforce_sorted": "sequences/packed/",
    "enforce_sorted=False": "sequences/packed/",
    "total_length": "sequences/packed/",
    "unsorted_indices": "sequences/packed/",
    "pack_padded_sequence": "sequences/packed/",
    "torch.nn.utils.rnn.pad_packed_sequence": "sequences/packed/",
    "batch_sizes": "sequences/packed/",
    "weight_hh_l0": "anatomy/weights/",
    "weight_hr_l0": "configurations/proj-size/",
    "flatten_parameters()": "configurations/devices-and-export/",
    "nn.LSTMCell": "anatomy/cells/",
    "retain_graph=True": "sequences/step-by-step/",
    "reset_parameters": "answers/questions/",
    "clip_grad_norm_": "answers/questions/",
    "nn.Sequential": "sequences/recipes/",
    "gate_plot": "reference/functions/",
}
"""What is typed out of code, and the page that comes first."""

QUESTIONS = {
    "stateful lstm": "sequences/step-by-step/",
    "gate order": "anatomy/weights/",
    "which layer is h_n[0]": "anatomy/h-n/",
    "difference between output and hidden state": "anatomy/output-and-states/",
    "why are there two biases in nn.LSTM?": "anatomy/rnn/",
    "order of gates in keras": "anatomy/rosetta-stone/",
    "onnx gate order": "anatomy/rosetta-stone/",
    "how many parameters does an lstm have": "configurations/cheat-sheet/",
    "number of parameters formula": "configurations/cheat-sheet/",
    "gru reset gate formula differs from paper": "anatomy/gru/",
    "update gate z keep or replace": "anatomy/gru/",
    "does nn.LSTM keep its state between calls?": "sequences/step-by-step/",
    "truncated bptt": "sequences/step-by-step/",
    "initial hidden state zeros or random": "sequences/initial-state/",
    "learnable initial state": "sequences/initial-state/",
    "output shorter than input after unpacking": "sequences/packed/",
    "mask padding in loss": "sequences/packed/",
    "does padding affect the hidden state": "sequences/packed/",
    "different hidden size per layer": "configurations/stacked/",
    "hidden states of all layers": "configurations/stacked/",
    "unbatched input": "sequences/batch-first/",
    "batch and time swapped": "sequences/batch-first/",
    "why sequence first default": "sequences/batch-first/",
    "view or permute cnn features": "sequences/recipes/",
    "many to one": "sequences/recipes/",
    "seq2seq attention": "sequences/recipes/",
    "multi-step forecast": "sequences/recipes/",
    "loss nan": "answers/questions/",
    "gradient clipping": "answers/questions/",
    "peephole": "anatomy/cells/",
    "reproducible results seed": "answers/questions/",
    "vanishing gradient": "inside/gradients/",
    "export to onnx": "configurations/devices-and-export/",
    "torchscript": "configurations/devices-and-export/",
    "mps wrong results": "configurations/devices-and-export/",
    "half precision bfloat16": "configurations/devices-and-export/",
    "teacher forcing": "anatomy/cells/",
    "convert LSTM to LSTMCell weights": "anatomy/cells/",
    "variational dropout": "configurations/dropout/",
    "optimizer parameter not training after replacing weight": "answers/silent-mistakes/",
    "shape of everything": "configurations/cheat-sheet/",
    "silent bug": "answers/silent-mistakes/",
    "human activity recognition accelerometer lstm input shape": "answers/applications/",
    "validation loss lower than training loss": "answers/training/",
    "LSTM vs ARIMA, is it worth it": "answers/forecasting/",
    "does an LSTM extrapolate beyond the training range": "answers/forecasting/",
    "time complexity of an LSTM": "answers/theory/",
    "what replaces torchtext BucketIterator": "answers/libraries/",
}
"""Questions in short, and the page that comes first."""

AMONG_THREE = {
    "seq2seq": "sequences/recipes/",
    "h_n[-1]": "anatomy/h-n/",
    "h_n": "anatomy/h-n/",
    "last hidden state of a bidirectional lstm": "configurations/bidirectional/",
    "hx": "sequences/initial-state/",
    "hidden_size": "answers/questions/",
    "nonlinearity": "anatomy/rnn/",
    "bias_ih": "anatomy/weights/",
    "nn.GRUCell": "anatomy/cells/",
    "nn.Embedding": "sequences/recipes/",
    "PackedSequence": "sequences/packed/",
    "projection": "configurations/proj-size/",
    "detach hidden state": "sequences/step-by-step/",
    "dropout only one layer": "configurations/dropout/",
    "empty sequence in batch length 0": "sequences/packed/",
    "last valid time step of padded batch": "sequences/packed/",
    "mean pooling with mask": "sequences/recipes/",
    "encoder decoder": "sequences/recipes/",
    "how to concatenate forward and backward hidden state": "configurations/bidirectional/",
    "forward hook every time step": "anatomy/cells/",
    "tanh applied twice to output": "answers/silent-mistakes/",
    "data leakage between samples in a batch": "sequences/batch-first/",
    "documentation is wrong": "answers/docs-say-run-says/",
    "forget gate bias 1": "anatomy/weights/",
    "c_t at every step": "anatomy/output-and-states/",
}
"""Searches to which several pages are an answer, and the one that must be among the first three."""

PLACES = {
    "the input gate is stuck at zero, can the others rescue anything": "anatomy/lstm/#shut-gate",
    "how does it tell dog bites man from man bites dog": "anatomy/rnn/#order",
    "I flip the sign of every input, does the output flip": "anatomy/rnn/#not-linear",
    "the gradient norm becomes larger from step to step, zero_grad": (
        "answers/silent-mistakes/#zero-grad"
    ),
    "three LSTM cells with the parameter count of one": "answers/silent-mistakes/#same-layer",
    "UserWarning: To copy construct from a tensor": "answers/error-messages/#copy-construct",
    "dates in seconds since 1970 as an input": "answers/questions/#scale-input",
    "what do I replace loss.data[0] and volatile by": "answers/questions/#old-lines",
    "hidden state": "answers/theory/#h-and-c",
    "hidden state shape": ("anatomy/output-and-states/#the-shapes-with-2-layers-and-2-directions"),
    "parameters": "configurations/cheat-sheet/#how-many-parameters",
    "save model": "configurations/devices-and-export/#save-and-load",
    "layer norm": "answers/other-cells/#layer-norm",
    "why can't an RNN be parallelised over time": "answers/theory/#complexity",
    "what did Hochreiter's 1991 thesis show": "answers/theory/#names",
    "calculate by hand one step of an LSTM with given weights": "answers/theory/#interview",
    "is it better to use two LSTM layers with 64 units or one with 128": (
        "answers/questions/#hidden-size-choice"
    ),
    "h_n[-1] vs h_n[0]": "anatomy/h-n/#by-name-instead-of-by-number",
    "condition on an image": "sequences/initial-state/#start-from-something-an-image-an-encoder",
    "squeeze batch size 1": "answers/silent-mistakes/#squeeze",
    "lstm vs gru": "anatomy/gru/#lstm-or-gru",
    "what does weight.new(n_layers, batch_size, hidden).zero_() do": "answers/questions/#old-lines",
    "hidden_size equal to the number of classes, no linear layer": (
        "answers/questions/#output-range"
    ),
    "why tanh(c) before the output gate, can I use c directly": "answers/theory/#h-and-c",
    "who added the forget gate and when; original 1997 LSTM had none": "answers/theory/#names",
    "does dropout=0.5 in nn.LSTM apply to the last layer output": (
        "configurations/dropout/#dropout-on-the-input-and-on-the-last-layer"
    ),
    "init_hidden once per epoch or once per batch": "answers/in-service/#self-hidden",
    "zero_grad between backward and step, weights never change": (
        "answers/questions/#does-not-learn"
    ),
    "loss goes down but accuracy stays the same": "answers/training/#curves",
    "target at every time step or only at the last, which trains better": (
        "answers/training/#every-step"
    ),
    "average the weights of two trained LSTMs": "answers/questions/#average-weights",
    "does the order of the input features matter": "answers/questions/#batch-independent",
    "model file size in MB, make it half": "answers/weights-and-checkpoints/#file-size",
    "does Adam move embedding rows that are not in the batch": (
        "answers/questions/#sparse-embedding"
    ),
    "truncate long reviews at the beginning or the end": "answers/text-and-data/#truncate",
    "fixed point LSTM on an FPGA, range of the values": "answers/in-service/#deploy",
    "bits per character from the loss": (
        "sequences/packed/#perplexity-the-mean-over-words-not-over-batches"
    ),
    "roll back the hidden state and try another continuation": "answers/in-service/#branch",
    "is h_n the last output": "anatomy/output-and-states/#is-h_n-the-last-row-of-output",
    "forget bias": "inside/gradients/#the-forget-bias-decides",
    "how to apply zoneout to an LSTM in pytorch": (
        "configurations/dropout/#zoneout-keep-the-old-value-instead-of-zero"
    ),
    "weight_hh_l0_raw": ("configurations/dropout/#weightdrop-dropout-on-the-recurrent-weights"),
    "scheduled sampling in a decoder with LSTM": "anatomy/cells/#scheduled-sampling",
    "coupled input forget gate CIFG": (
        "anatomy/cells/#peephole-connections-coupled-gates-a-minimal-gated-unit"
    ),
    "greedy decoding stops when all sequences have EOS": "answers/questions/#stop-at-end",
    "softmax gives nan when whole row is masked": (
        "sequences/recipes/#softmax-gives-nan-where-a-whole-row-is-masked"
    ),
    "decoder with attention step by step input feeding": (
        "sequences/recipes/#a-decoder-with-attention-at-each-step-bahdanau-luong"
    ),
    "masked mse loss for variable length sequences": (
        "sequences/packed/#masked-mse-masked-l1-regression-at-each-step"
    ),
    "accuracy / F1 ignoring padding": (
        "sequences/packed/#masked-mse-masked-l1-regression-at-each-step"
    ),
    "perplexity: average loss per token with padding, how to compute": (
        "sequences/packed/#perplexity-the-mean-over-words-not-over-batches"
    ),
    "pad left or right for LSTM": "sequences/packed/#pad-left-or-right",
    "R2D2 burn-in stored hidden state for replay buffer": (
        "sequences/recipes/#recurrent-ppo-and-dqn-what-goes-into-the-buffer"
    ),
    "overlap windows hidden state carry over sliding window inference": (
        "sequences/step-by-step/#overlapping-windows-which-state-belongs-to-the-next"
    ),
    "multivariate time series predict only one of the features": (
        "sequences/recipes/#several-series-in-one-out-multivariate-forecasting"
    ),
    "target scaling inverse transform of LSTM predictions MinMaxScaler": (
        "sequences/recipes/#scale-the-target-and-undo-it-on-the-forecast"
    ),
    "predictions look like the input shifted by one step (lag)": (
        "sequences/recipes/#the-forecast-looks-like-the-input-shifted-by-one-step"
    ),
    "train test split for time series windows leakage shuffle": (
        "sequences/recipes/#split-before-you-cut-the-windows"
    ),
    "static covariates with LSTM": (
        "sequences/recipes/#categories-calendars-and-fixed-features-beside-the-numbers"
    ),
    "MFCC or spectrogram (batch, freq, time) into LSTM": (
        "sequences/recipes/#audio-n-mels-time-into-an-lstm-and-lengths-behind-a-stride"
    ),
    "gradient clipping per layer or by value vs norm for LSTM": "answers/questions/#clip-gradients",
    "convert mxnet gluon LSTM parameters to pytorch": "answers/questions/#mxnet",
    "cudnn flat weights blob to pytorch LSTM parameters": "answers/questions/#cudnn-flat",
    "load only the LSTM from a pretrained model, rest random": "answers/questions/#old-checkpoint",
    "extend vocabulary embedding keep old weights": "answers/questions/#extend-vocabulary",
    "orthogonal initialization of recurrent weights for each gate": (
        "answers/questions/#reset-parameters"
    ),
    "GradScaler unscale before clip LSTM nan fp16": (
        "configurations/devices-and-export/#one-training-step-with-amp"
    ),
    "DDP find_unused_parameters LSTM learnable h0 not used": (
        "configurations/devices-and-export/#several-gpus"
    ),
    "onnx runtime streaming LSTM state as input and output": (
        "configurations/devices-and-export/"
        "#streaming-with-onnx-runtime-the-state-as-input-and-output"
    ),
    "probing hidden states linear classifier on hidden units": "answers/questions/#probe",
    "LSTM vs transformer vs mamba state space model": "answers/theory/#when-still",
    "spectral radius of weight_hh echo state network": "answers/questions/#dynamics",
    "GAN with LSTM generator discrete gumbel softmax": "answers/questions/#discrete-gradient",
    "subclass nn.LSTM to change the cell": "answers/questions/#subclass",
    "copy mechanism / pointer network with LSTM decoder": "answers/questions/#pointer",
    "VAE with LSTM decoder, KL goes to zero": "answers/questions/#vae",
    "knowledge distillation from BiLSTM teacher to small student": "answers/questions/#distil",
    "low rank factorization of weight_hh, SVD": "answers/questions/#low-rank",
    "churn survival prediction hazard per time step": "answers/questions/#survival",
    "Overfitting on small dataset, validation loss goes up": "answers/questions/#overfit",
    "warmup scheduler per step or per epoch ReduceLROnPlateau": "answers/questions/#warmup",
    "neural ODE / ODE-RNN for irregular time series": "answers/questions/#neural-ode",
    "2D LSTM multidimensional LSTM for images": "answers/questions/#grid-lstm",
    "GCN + LSTM on a graph, traffic forecasting": "answers/questions/#graph-lstm",
    "mogrifier LSTM, SRU, QRNN: is there a module": "answers/questions/#variants",
    "RNN-T transducer prediction network, rnnt_loss": "answers/questions/#transducer",
    "update the LSTM after every new sample of a stream": "answers/questions/#online",
    "bidirectional for real time streaming, latency, lookahead": "answers/questions/#lookahead",
    "LSTM outputs the same value for every input": "answers/questions/#same-output",
    "convert a trained LSTM to a GRU": "answers/questions/#lstm-to-gru",
    "save hidden state to disk and resume inference after restart": (
        "answers/questions/#keep-state"
    ),
    "MAML meta learning functional_call": "answers/questions/#maml",
    "pytorch lightning truncated_bptt_steps hidden state": "answers/questions/#lightning",
    "freeze only the recurrent weights weight_hh": "answers/questions/#freeze",
    "predict gives different actions for the same obs, MlpLstmPolicy lstm_states": (
        "sequences/recipes/#recurrent-ppo-and-dqn-what-goes-into-the-buffer"
    ),
    "30 days in, 7 days out: output[:, -7:, :] correct?": (
        "sequences/recipes/#30-steps-in-7-steps-out-is-output-7-the-forecast"
    ),
    "decoder with known future inputs e.g. holidays": (
        "sequences/recipes/#a-decoder-that-is-told-the-future-holidays-weather-forecasts-prices"
    ),
    "reshape (samples, 10 lags) to (samples, 10, 1) or (samples, 1, 10)": (
        "sequences/batch-first/#samples-lags-one-step-or-many"
    ),
    "old tutorial Variable, repackage_hidden": (
        "sequences/step-by-step/#detach-data-no_grad-clone"
    ),
    "Keras return_sequences=True, return_state=True in PyTorch": (
        "anatomy/rosetta-stone/#keras-options-in-pytorch"
    ),
    "Keras stateful=True batch_input_shape reset_states": (
        "anatomy/rosetta-stone/#keras-options-in-pytorch"
    ),
    "custom LSTM cell slow, torch.jit.script": "anatomy/cells/#a-faster-loop",
    "No importer registered for op: LSTM, TensorRT": (
        "configurations/devices-and-export/#tensorrt-openvino-executorch"
    ),
    "miopenStatusUnknownError LSTM forward, rocm": (
        "configurations/devices-and-export/#amd-rocm-and-miopen"
    ),
    "LSTM compiles very slowly on TPU torch_xla": (
        "configurations/devices-and-export/#tpu-xla-compiles-for-long"
    ),
    "torchao quantize_ does not change my nn.LSTM": (
        "configurations/devices-and-export/#dynamic-quantisation"
    ),
    "forget gate 0.99: how long until half of the memory is gone": (
        "answers/questions/#time-constant"
    ),
    "I set every weight to zero, does the LSTM forget": "anatomy/lstm/#all-zero",
    "same input at every time step, another output": "anatomy/lstm/#constant-input",
    "input and forget gate both open": "anatomy/lstm/#two-gates",
    "tanh(2h) latch keeps a pulse for ever": "anatomy/rnn/#locked-in",
    "does each time step have different weights": "anatomy/rnn/#same-weights",
    "can the cell state grow without bound": "answers/theory/#h-and-c",
    "CrossEntropyLoss with one output neuron is always 0": "answers/silent-mistakes/#one-score",
    "sigmoid before BCEWithLogitsLoss": "answers/silent-mistakes/#double-softmax",
    "self.cells = [LSTMCell] not in model.parameters()": "answers/silent-mistakes/#plain-list",
    "push one sample per second into an LSTM trained on windows": (
        "answers/in-service/#sample-by-sample"
    ),
    "combine LSTM and self-attention encoder": "sequences/recipes/#transformer-encoder",
    "measure inference time of lstm gpu synchronize": "answers/questions/#profile",
    "loss stuck at 0.69": "answers/questions/#does-not-learn",
    "GRU with as many parameters as my LSTM": "answers/questions/#lstm-or-gru",
    "how do I know whether the LSTM uses the past": "answers/explain/#uses-past",
    "padded with -1, is it worse than 0": "sequences/packed/#does-padding-leak",
    "can forget gate and input gate both be 1": "anatomy/lstm/#two-gates",
    "do the gates see the cell state": "anatomy/lstm/#gates-read-h",
    "is a gate a probability": "anatomy/lstm/#no-chance",
    "weight_hh set to zero, has the LSTM still a memory": "anatomy/lstm/#without-weight-hh",
    "LSTM example with numbers, all weights 1": "anatomy/lstm/#blackboard",
    "GRU has no output gate, where is its memory": "anatomy/gru/#memory-and-output",
    "rnn hidden state oscillates plus minus": "anatomy/rnn/#alternates",
    "exponential smoothing as a recurrent network": "anatomy/rnn/#exponential-average",
    "concatenated h and x, one weight matrix": "anatomy/weights/#one-matrix",
    "print(model) where are the gates": "anatomy/weights/#printed",
    "constant initialization, all units identical": "anatomy/weights/#all-equal",
    "spectral radius of the default init": "anatomy/weights/#start-radius",
    "weight_ih_l1 has 40 columns": "configurations/stacked/#weights-of-each-layer",
    "checkpoint without code, is it LSTM or GRU": "answers/weights-and-checkpoints/#which-layer",
    "permute hidden units": "answers/questions/#permute",
    "memory grows although eval() was called": "answers/in-service/#growing",
    "bytes of the state per user": "answers/in-service/#state-size",
    "parameters of a language model, embedding or LSTM": (
        "answers/text-and-data/#language-model-size"
    ),
    "does zero_grad reset hidden state": "sequences/step-by-step/#what-is-zeroed",
    "input_size sensors machines timesteps": "sequences/recipes/#which-number",
    "embedding dim equal hidden size": "sequences/recipes/#embedding-width",
    "one hot vs embedding lstm input": "sequences/recipes/#one-hot",
    "state_dict save hidden state lstm": "answers/questions/#keep-state",
    "lstm prediction never above 1": "answers/questions/#output-range",
    "lstmcell loop forgets previous step": "answers/silent-mistakes/#cell-alone",
    "swap h0 c0 order lstm": "answers/silent-mistakes/#exchanged-pair",
    "lstm constant input converge fixed point": "anatomy/lstm/#constant-input",
    "print lstm repr missing num_layers": "anatomy/weights/#printed",
    "compute lstm step zero weights": "anatomy/lstm/#all-zero",
    "gru all zero weights hidden state": "anatomy/gru/#all-zero",
    "gru reduces to vanilla rnn": "anatomy/gru/#as-an-rnn",
    "gru hidden size match lstm parameters": "answers/questions/#lstm-or-gru",
    "lstm vs transformer inference memory": "answers/theory/#when-still",
    "model.apply init not applied lstm": "answers/questions/#apply-init",
    "rnn gradient w power T": "answers/theory/#interview",
    "forget gate original 1997 lstm": "answers/theory/#names",
    "lstm cell state bfloat16 stuck 256": "answers/gradients-and-numbers/#half-stops",
    "packedsequence elementwise operation to gpu": (
        "sequences/packed/#linear-dropout-indexing-it-is-a-tuple"
    ),
    "freeze lstm train embedding below": "answers/questions/#freeze",
    "num_layers number of words diagram": "anatomy/rnn/#same-weights",
    "three gates but 4*hidden_size": "anatomy/weights/#gate-order-which-rows-are-which",
    "loss stuck 0.693 padding": "sequences/recipes/#the-last-valid-step-without-packing",
    "train batch 64 predict batch 1": "answers/questions/#batch-independent",
    "weight_hh_l0.grad all zeros": "answers/gradients-and-numbers/#no-gradient",
    "output.grad zero except last step": "answers/questions/#gradient-of-each-step",
    "nn.RNN by hand example": "anatomy/rnn/#blackboard",
    "same seed two LSTMs different weights": "answers/questions/#two-equal",
    "bidirectional hidden 64 vs unidirectional 128": "configurations/bidirectional/#parameters",
    "reverse weights gradient only forward half": (
        "configurations/bidirectional/#forward-half-alone"
    ),
    "jit.trace LSTM batch size crash": "configurations/devices-and-export/#traced-batch",
    "change batch_first after construction": "sequences/batch-first/#change-batch-first",
    "LSTM counter unit weights GRU": "anatomy/lstm/#with-all-gates-open-it-counts",
    "derivative c_t c_{t-1} equals forget gate": "answers/theory/#vanishing",
    "does lstm update weights every step": "anatomy/rnn/#same-weights",
    "lstm updates per epoch time steps": "answers/training/#updates",
    "loaded lstm generates gibberish after restart": "answers/text-and-data/#unknown",
    "lstm proj_size parameter count": "configurations/proj-size/#what-it-saves",
    "lstm proj_size output larger than 1": "configurations/proj-size/#by-hand-two-cells-one-h",
    "share weights forward backward bilstm": "configurations/bidirectional/#shared-directions",
    "Dropout1d lstm drops time steps": "configurations/dropout/#dropout1d",
    "lstm init large input_size saturated gates": "answers/gradients-and-numbers/#wide-input",
    "lstm gates zero gradient one step": "answers/gradients-and-numbers/#one-step",
    "gru reset gate gradient length 1": "answers/gradients-and-numbers/#one-step",
    "haiku hk.LSTM to pytorch": "answers/questions/#tensorflow",
    "count lstm parameters without memory": "configurations/cheat-sheet/#how-many-parameters",
    "lstm weight symmetries permutation sign": "answers/questions/#permute",
    "two small lstms vs one big": "answers/questions/#side-by-side",
    "teacher forcing good generation bad": "anatomy/cells/#scheduled-sampling",
}
"""Questions as people ask them, and the section or card that must be among the first three."""

MISSPELT = {
    "expected hiden size (2, 32, 64) got [2, 16, 64]": f"{CARDS}#hidden-size",
    "mat1 and mat2 shapes cannot be multipled (32x128 and 64x10)": f"{CARDS}#mat1-mat2",
    "tuple object has no atribute size": f"{CARDS}#tuple",
    "modified by an inplace operaton": f"{CARDS}#inplace",
    "RNN module weights are not part of single contigous chunk": f"{CARDS}#flatten",
    "diffrence between hidden state and ouput lstm": "anatomy/output-and-states/",
    "what is batch frist": "sequences/batch-first/",
    "how to intialize hidden state": "sequences/initial-state/#zeros-random-or-learned",
    "lstm droput not working one layer": "configurations/dropout/#one-layer-nothing-happens",
    "how many paramters has lstm": "configurations/cheat-sheet/#how-many-parameters",
    "teacher forsing": "anatomy/cells/#teacher-forcing-and-sampling",
    "keras to pytroch weights": "anatomy/rosetta-stone/",
}
"""What is typed with slips, and the place that comes first."""

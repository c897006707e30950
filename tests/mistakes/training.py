"""Optimizers, models, gradients."""

TRAINING = (
    "torch.optim.SGD(nn.LSTM(5, 3), lr=0.1)",
    "torch.optim.SGD(nn.LSTM(5, 3).parameters, lr=0.1)",
    "torch.optim.SGD([], lr=0.1)",
    "torch.optim.Adam(nn.LSTM(5, 3).parameters(), lr=-1)",
    "torch.optim.Adam(nn.LSTM(5, 3).named_parameters(), lr='0.1')",
    "torch.optim.Adam([nn.LSTM(5, 3).parameters()])",
    "torch.optim.Adam([nn.LSTM(5, 3)(x)[0]])",
    (
        "class Model(nn.Module):\n def __init__(self):\n  super().__init__()\n"
        "  self.layers = [nn.LSTM(5, 3)]\ntorch.optim.SGD(Model().parameters(), lr=0.1)"
    ),
    "class Model(nn.Module):\n def __init__(self):\n  self.lstm = nn.LSTM(5, 3)\nModel()",
    (
        "class Model(nn.Module):\n def __init__(self):\n  super().__init__()\n"
        "  self.lstm = nn.LSTM(5, 3)\nModel()(x)"
    ),
    "class Model(nn.Module):\n def forward(x):\n  return x\nModel()(x)",
    "class Model(nn.Module):\n def forward(self, x):\n  return self.lstm(x)\nModel()(x)",
    "nn.ModuleList([nn.LSTM(5, 3)])(x)",
    "nn.ModuleList([5])",
    "nn.utils.clip_grad_norm_(nn.LSTM(5, 3), 1.0)",
    (
        "lstm = nn.LSTM(5, 3); lstm(x * float('nan'))[0].sum().backward(); "
        "nn.utils.clip_grad_norm_(lstm.parameters(), 1.0, error_if_nonfinite=True)"
    ),
    "o = 0 * nn.LSTM(5, 3)(x)[0]\nwith torch.autograd.detect_anomaly(): o.sqrt().sum().backward()",
    "lstm, s = nn.LSTM(5, 3), None\nfor _ in range(2):\n o, s = lstm(x, s)\n o.sum().backward()",
    "gru, s = nn.GRU(5, 3), None\nfor _ in range(2):\n o, s = gru(x, s)\n o.sum().backward()",
    (
        "lstm, s = nn.LSTM(5, 3), None\nopt = torch.optim.SGD(lstm.parameters(), lr=0.1)\n"
        "for _ in range(2):\n o, s = lstm(x, s)\n o.sum().backward(retain_graph=True)\n opt.step()"
    ),
    "h = zero(1, 4, 3, requires_grad=True); h[0] = 1",
    "h = zero(1, 4, 3, requires_grad=True); h += 1",
    "with torch.no_grad(): nn.LSTM(5, 3)(x)[0].sum().backward()",
    "with torch.inference_mode(): o = nn.LSTM(5, 3)(x)[0]\no.requires_grad_()",
    "with torch.inference_mode(): o = nn.LSTM(5, 3)(x)[0]\nnn.Linear(3, 2)(o).sum().backward()",
    "nn.LSTM(5, 3).requires_grad_(False)(x)[0].sum().backward()",
    "torch.autograd.grad(nn.LSTM(5, 3)(x)[0].sum(), x)",
    "x.requires_grad_(); torch.autograd.grad(nn.LSTM(5, 3)(x.detach())[0].sum(), x)",
    "x.requires_grad_(); torch.autograd.grad(nn.LSTM(5, 3)(x)[0], x)",
    "nn.LSTM(5, 3)(x)[1][0].chunk(1)[0].detach_(); nn.GRU(5, 3)(x)[0][0].detach_()",
    "lstm = nn.LSTM(5, 3); lstm.state = lstm(x)[1]; copy.deepcopy(lstm)",
    "with torch.autocast('cpu', dtype=torch.float16): nn.LSTM(5, 3)(x)",
    "x.long().requires_grad_()",
    "nn.Parameter(torch.ones(3).long())",
    "torch.nn.utils.parameters_to_vector(nn.LSTM(5, 3))",
)

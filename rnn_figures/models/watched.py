"""Functions of torch's that a run is watched in, by what they do."""

import torch
from torch import Tensor
from torch.nn import functional

VIEWS = (Tensor.view, Tensor.reshape, torch.reshape)
CATS = (torch.cat, torch.concat, torch.concatenate)
MEANS = (Tensor.mean, torch.mean)
SELECTS = (Tensor.index_select, torch.index_select)
FLIPS = (Tensor.flip, torch.flip)
DIFFERENCES = (Tensor.sub, torch.sub, Tensor.__rsub__)
PRODUCTS = (Tensor.mul, torch.mul)
PRODUCTS_OF_ROWS = (Tensor.matmul, torch.matmul, Tensor.__matmul__, Tensor.mm, torch.mm)
QUOTIENTS = (Tensor.div, torch.div, Tensor.__rdiv__, Tensor.log, torch.log, Tensor.sqrt, torch.sqrt)
FLOORS = (Tensor.__floordiv__, Tensor.floor_divide, torch.floor_divide)
FILLS = (Tensor.masked_fill, torch.masked_fill)
NOTS = (Tensor.bitwise_not, torch.bitwise_not, Tensor.__invert__)
CHOICES = (Tensor.argmax, torch.argmax)
SCATTERS = (Tensor.scatter, Tensor.scatter_, torch.scatter)
SUMS = (Tensor.cumsum, torch.cumsum, Tensor.cumprod, torch.cumprod)
SPLITS = (Tensor.chunk, torch.chunk, Tensor.split, torch.split)
SIGMOIDS = (Tensor.sigmoid, torch.sigmoid)
TANHS = (Tensor.tanh, torch.tanh)
SIZES = (
    *(Tensor.abs, torch.abs, Tensor.square, torch.square, Tensor.pow, torch.pow),
    *(Tensor.norm, torch.norm, torch.linalg.norm, torch.linalg.vector_norm),
)
ROLLS = (Tensor.roll, torch.roll)
CLAMPS = (Tensor.clamp, torch.clamp, Tensor.clip, torch.clip)
LOSSES = (
    *(functional.mse_loss, functional.l1_loss, functional.smooth_l1_loss, functional.huber_loss),
)
ALONG_THE_LAST = (
    *(functional.max_pool1d, functional.avg_pool1d, torch.conv1d),
    *(functional.adaptive_max_pool1d, functional.adaptive_avg_pool1d),
)
SOFTMAXES = (
    *(functional.softmax, torch.softmax, Tensor.softmax),
    *(functional.log_softmax, torch.log_softmax, Tensor.log_softmax),
)

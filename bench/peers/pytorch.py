"""PyTorch on the processor, asked in lines of JSON as libraries/serve.ts is, whose first lines say what."""

import json
import os
import sys
import time

# A cold start is counted from the first question on, and PyTorch's import with it.
first_line = sys.stdin.readline()
began = time.perf_counter()

import numpy
import torch

torch.set_num_threads(os.cpu_count() or 1)

LEARNING_RATE = 0.01


def host_numbers(seed, length):
    """As src/bench/host_numbers.ts makes them, bit for bit."""
    x = numpy.arange(length, dtype=numpy.uint32) + numpy.uint32((seed + 1) * 0x9E3779B9 & 0xFFFFFFFF)
    x *= numpy.uint32(0x9E3779B9)
    x = (x ^ (x >> numpy.uint32(16))) * numpy.uint32(0x7FEB352D)
    x = (x ^ (x >> numpy.uint32(15))) * numpy.uint32(0x846CA68B)
    return ((x ^ (x >> numpy.uint32(16))) >> numpy.uint32(8)).astype(numpy.float64) * 2.0**-24


def tensor(numbers, *shape):
    return torch.from_numpy(numbers.astype(numpy.float32)).reshape(shape)


def drawing(distribution, count):
    """Into memory that is there, as fanin does."""
    out = torch.empty(count, dtype=torch.int32 if distribution == "bits" else torch.float32)
    draws = {
        "uniform [0,1)": lambda: out.uniform_(),
        "bounded [-0.1,0.1)": lambda: out.uniform_(-0.1, 0.1),
        "uniform [-0.3,0.7)": lambda: out.uniform_(-0.3, 0.7),
        "normal": lambda: out.normal_(),
        "truncated normal": lambda: torch.nn.init.trunc_normal_(out),
        "bits": lambda: out.random_(-(2**31), 2**31),
    }
    draw = draws.get(distribution)

    def run(repetitions):
        for _ in range(repetitions):
            draw()
        out[-1].item()

    return None if draw is None else run


def multiplying(form, m, n, k):
    a, b = host_numbers(0, m * k), host_numbers(1, k * n)
    a = tensor(a, k, m).T if form == "tn" else tensor(a, m, k)
    b = tensor(b, n, k).T if form == "nt" else tensor(b, k, n)
    out = torch.empty(m, n)

    def run(repetitions):
        for _ in range(repetitions):
            torch.mm(a, b, out=out)
        return out[-1, -1].item()

    return run


def network(widths):
    layers = []
    for i, o in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(i, o), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def initializing(widths):
    """Its own first weights: U(-1/sqrt(n), 1/sqrt(n)) as its layers draw them, into memory that is there."""
    layers = [layer for layer in network(widths) if isinstance(layer, torch.nn.Linear)]

    def run(repetitions):
        for _ in range(repetitions):
            for layer in layers:
                layer.reset_parameters()
        for layer in layers:
            layer.bias[-1].item()

    return run


def training(widths, batch, steps):
    model = network(widths)
    with torch.no_grad():
        for i, parameter in enumerate(model.parameters()):
            numbers = (2 * host_numbers(2 + i, parameter.numel()) - 1) * (1 / widths[i // 2] ** 0.5)
            parameter.copy_(tensor(numbers, *parameter.shape))
    x = tensor(host_numbers(1, batch * widths[0]), batch, widths[0])
    y = torch.arange(batch) % widths[-1]
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    def run(repetitions):
        for _ in range(repetitions * steps):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        return loss.item()

    return run


def multiplies_slowly():
    """Whether it multiplies with the reference BLAS, a twentieth as fast as OpenBLAS: no measure of PyTorch."""
    try:
        with open("/proc/self/maps") as maps:
            return "/blas/libblas.so" in maps.read()
    except OSError:
        return False


MAKERS = {"draw": drawing, "matmul": multiplying, "init": initializing, "train": training}
runs = {}


def answer(request):
    if "open" in request:
        task = request["open"]
        kind = task.pop("kind")
        if kind in ("matmul", "train") and multiplies_slowly():
            raise RuntimeError("PyTorch is on the reference BLAS, no measure of it; apt-get install libopenblas0")
        run = MAKERS[kind](**task)
        if run is None:
            return {"id": None}
        number = max(runs, default=-1) + 1
        runs[number] = run
        return {"id": number}
    if "run" in request:
        return {"value": runs[request["run"]](request["repetitions"])}
    del runs[request["close"]]
    return {}


line = first_line
while line:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {"error": str(error) or type(error).__name__}
    reply["seconds"] = time.perf_counter() - began
    print(json.dumps(reply), flush=True)
    line = sys.stdin.readline()

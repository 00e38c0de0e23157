"""The ways that the unlocking trajectory may take: writes unlocking-forks.json beside this file.

Usage: unlocking_forks.py (needs torch, torchvision, numpy)

Adam's first step has the size of the learning rate whatever the gradient, so a gradient that is zero but for rounding
decides by its sign; in the second step a ReLU (layer4.1, photo 0, channel 47) falls on one side or the other by it,
later steps fork again, and all that comes after follows. PyTorch in float64 takes those ways, too, once its starting
weights are off by some units in the last place of a float32: this keeps the losses of such starts.
"""


import json
import pathlib

import numpy as np
import torch
import torchvision

HERE = pathlib.Path(__file__).parent
# Most that a weight is off by, relative: 8 units in the last place.
OFF = 2.0**-20
STARTS = 24


def stream(name, count):
    """`count` draws of README.md's stream: mulberry32, seeded with the name's FNV-1a hash."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    a = (seed + np.arange(1, count + 1, dtype=np.uint64) * 0x6D2B79F5).astype(np.uint32)
    t = (a ^ (a >> 15)) * (a | 1)
    t = (t + (t ^ (t >> 7)) * (t | 61)) ^ t
    return (t ^ (t >> 14)).astype(np.float64) / 2**32


def value(name, shape, u):
    if name.endswith("running_var"):
        return 0.5 + u
    if name.endswith(("running_mean", "bias")):
        return (u - 0.5) * 0.2
    if len(shape) == 1:
        return 0.2 + 0.4 * u
    bound = np.sqrt(6 / np.prod(shape[1:]))
    return (u - 0.5) * 2 * bound * (0.5 if name == "fc.weight" else 1)


def start(fork):
    """The reference's network, its weights off by rounding where `fork` is above 0."""
    model = torchvision.models.resnet18(num_classes=5).double()
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        values = value(name, tensor.shape, stream(name, tensor.numel())).astype(np.float32)
        if fork:
            u = stream(f"fork{fork}:{name}", tensor.numel())
            values = (values * (1 + (2 * u - 1) * OFF)).astype(np.float32)
        tensor.copy_(torch.from_numpy(values.astype(np.float64)).reshape(tensor.shape))
    return model


def batch(k):
    pixels = ((stream(f"input{k}", 4 * 3 * 64 * 64) - 0.5) * 4).astype(np.float32).astype(np.float64)
    return torch.from_numpy(pixels).reshape(4, 3, 64, 64), torch.tensor([(k + 2 * i) % 5 for i in range(4)])


def unlocking(model):
    """Losses of ten steps of Adam; layer3 joins after five."""

    def lock(*stages):
        model.train()
        for stage in stages:
            stage.eval()
            for parameter in stage.parameters():
                parameter.requires_grad = False

    first = (model.conv1, model.bn1, model.layer1, model.layer2)
    lock(*first, model.layer3)
    adam = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    losses = []
    for step in range(10):
        if step == 5:
            for parameter in model.layer3.parameters():
                parameter.requires_grad = True
            lock(*first)
            adam.add_param_group({"params": list(model.layer3.parameters())})
        x, labels = batch(step % 3)
        loss = torch.nn.functional.cross_entropy(model(x), labels)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return losses


def main():
    expected = json.loads((HERE / "resnet18.json").read_text())["unlocking"]["losses"]
    own = unlocking(start(0))
    if max(abs(a - b) for a, b in zip(own, expected)) > 1e-9:
        raise SystemExit(f"this does not follow the reference: {own}")
    forks = []
    for fork in range(1, STARTS + 1):
        losses = unlocking(start(fork))
        print(fork, *(f"{100 * (a / b - 1):.3f}" for a, b in zip(losses, expected)), flush=True)
        forks.append(losses)
    (HERE / "unlocking-forks.json").write_text(json.dumps(forks, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""The ways that the unlocking trajectory may take: writes unlocking-forks.json beside this file.

Usage: unlocking_forks.py (needs what make_reference.py needs)

Adam's first step has the size of the learning rate whatever the gradient, so a gradient that is zero but for rounding
decides by its sign; in the second step a ReLU (layer4.1, photo 0, channel 47) falls on one side or the other by it,
later steps fork again, and all that comes after follows. PyTorch in float64 takes those ways, too, once its starting
weights are off by some units in the last place of a float32: this keeps the losses of such starts.
"""

import json
import pathlib

import torch
from make_reference import build, fnv1a, uniforms, unlocking

HERE = pathlib.Path(__file__).parent
# Most that a weight is off by, relative: 8 units in the last place.
OFF = 2.0**-20
STARTS = 24


def start(fork):
    """The reference's network, its weights off by rounding."""
    net = build(torch.float64)
    for name, tensor in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        u = torch.from_numpy(uniforms(fnv1a(f"fork{fork}:{name}"), tensor.numel())).reshape(tensor.shape)
        tensor.copy_((tensor * (1 + (2 * u - 1) * OFF)).float())
    return net


def main():
    forks = []
    for fork in range(1, STARTS + 1):
        forks.append(unlocking(start(fork))["losses"])
        print(fork, *(f"{loss:.4f}" for loss in forks[-1]), flush=True)
    (HERE / "unlocking-forks.json").write_text(json.dumps(forks, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""Saves a safetensors file's tensors in every form of .pth that a person may have.

Usage: save_pth.py WEIGHTS.safetensors FOLDER
"""

import pathlib
import sys

import torch
import torchvision

from photos import load_file


def main(weights, folder):
    state = load_file(weights)
    model = torchvision.models.resnet18(num_classes=state["fc.weight"].shape[0])
    model.load_state_dict(state, strict=True)
    forms = {
        "bare": model.state_dict(),
        "state_dict": {"epoch": 3, "accuracy": 0.9, "state_dict": model.state_dict()},
        "model": {"model": model.state_dict(), "optimizer": torch.optim.Adam(model.parameters()).state_dict()},
        "data-parallel": torch.nn.DataParallel(model).state_dict(),
        "channels-last": model.to(memory_format=torch.channels_last).state_dict(),
    }
    for name, value in forms.items():
        for kind, zipped in (("zip", True), ("legacy", False)):
            path = pathlib.Path(folder) / f"{name}-{kind}.pth"
            torch.save(value, path, _use_new_zipfile_serialization=zipped)


if __name__ == "__main__":
    main(*sys.argv[1:])

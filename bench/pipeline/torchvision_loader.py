"""Processor time of torchvision's loading: decode by Pillow, then the course's transforms, to a tensor of bytes.

usage: torchvision_loader.py FOLDER SECONDS; prints one JSON object.
"""
import json
import statistics
import sys
import time
from pathlib import Path

import PIL
import torch
import torchvision
from PIL import Image
from torchvision import transforms


def course(size):
    bilinear = transforms.InterpolationMode.BILINEAR
    return transforms.Compose(
        [
            transforms.Resize([size * 3 // 2] * 2),
            transforms.RandomRotation(45, interpolation=bilinear),
            transforms.CenterCrop(size),
            transforms.RandomHorizontalFlip(0.5),
            transforms.RandomVerticalFlip(0.5),
            transforms.ColorJitter(0.2, 0.1, 0.1, 0.1),
            transforms.RandomGrayscale(0.025),
            transforms.PILToTensor(),
        ]
    )


def load(path, transform):
    with open(path, "rb") as file:
        return transform(Image.open(file).convert("RGB"))


def main():
    torch.set_num_threads(1)
    paths = sorted(Path(sys.argv[1]).glob("*.jpg"))
    transform = course(64)

    def one_pass():
        start = time.process_time()
        for path in paths:
            load(path, transform)
        return 1000 * (time.process_time() - start) / len(paths)

    one_pass()
    times = []
    end = time.perf_counter() + float(sys.argv[2])
    while time.perf_counter() < end:
        times.append(one_pass())
    versions = f"torchvision {torchvision.__version__} on Pillow {PIL.__version__}"
    print(json.dumps({"version": versions, "milliseconds": statistics.median(times), "passes": len(times)}))


main()

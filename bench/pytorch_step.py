"""Times PyTorch's ResNet-18 training step on one thread, on the weights and photos that bench.ts wrote.

usage: pytorch_step.py FOLDER [BATCH ...]; prints one JSON object.
"""
import json
import statistics
import sys
import time
from pathlib import Path

import torch
import torchvision

WARM, SAMPLES = 2, 7


def load(folder):
    state = {}
    content = (folder / "weights.bin").read_bytes()
    for entry in json.loads((folder / "weights.json").read_text()):
        values = torch.frombuffer(
            bytearray(content), dtype=torch.float32, count=entry["count"], offset=entry["offset"]
        )
        state[entry["name"]] = values.reshape(entry["shape"]).clone()
    return state


def time_steps(folder, state, batch):
    spec = json.loads((folder / "inputs.json").read_text())
    size = spec["size"]
    model = torchvision.models.resnet18(num_classes=spec["classes"])
    model.load_state_dict(state, strict=False)
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=spec["learningRate"])
    pixels = bytearray((folder / f"photos-{batch}.bin").read_bytes())
    photos = torch.frombuffer(pixels, dtype=torch.uint8).reshape(batch, size, size, 3)
    labels = torch.arange(batch) % spec["classes"]
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)

    def step():
        x = (photos.permute(0, 3, 1, 2).float() / 255 - mean) / std
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    loss = step()
    for _ in range(WARM - 1):
        step()
    times = []
    for _ in range(SAMPLES):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    return {"batch": batch, "milliseconds": statistics.median(times), "samples": SAMPLES, "loss": loss}


def main():
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    state = load(folder)
    steps = [time_steps(folder, state, int(batch)) for batch in sys.argv[2:]]
    print(json.dumps({"version": torch.__version__, "steps": steps}))


main()

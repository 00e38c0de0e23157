"""Times PyTorch's ResNet-18 training step and eval-mode forward pass on one thread, on the weights and photos that bench.ts wrote.

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


def inputs(folder, spec, batch):
    size = spec["size"]
    pixels = bytearray((folder / f"photos-{batch}.bin").read_bytes())
    photos = torch.frombuffer(pixels, dtype=torch.uint8).reshape(batch, size, size, 3)
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
    return lambda: (photos.permute(0, 3, 1, 2).float() / 255 - mean) / std


def network(spec, state):
    model = torchvision.models.resnet18(num_classes=spec["classes"])
    model.load_state_dict(state, strict=False)
    return model


def median_time(run):
    for _ in range(WARM):
        run()
    times = []
    for _ in range(SAMPLES):
        start = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - start))
    return {"milliseconds": statistics.median(times), "samples": SAMPLES}


def time_steps(folder, spec, state, batch):
    model = network(spec, state)
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=spec["learningRate"])
    labels = torch.arange(batch) % spec["classes"]
    photos = inputs(folder, spec, batch)
    losses = []

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(photos()), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    return {"batch": batch, **median_time(step), "loss": losses[0]}


def time_forward(folder, spec, state, batch):
    model = network(spec, state)
    model.eval()
    photos = inputs(folder, spec, batch)
    with torch.inference_mode():
        return {"batch": batch, **median_time(lambda: model(photos()))}


def main():
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    spec = json.loads((folder / "inputs.json").read_text())
    state = load(folder)
    batches = [int(batch) for batch in sys.argv[2:]]
    steps = [time_steps(folder, spec, state, batch) for batch in batches]
    forward = [time_forward(folder, spec, state, batch) for batch in batches]
    print(json.dumps({"version": torch.__version__, "steps": steps, "forward": forward}))


main()

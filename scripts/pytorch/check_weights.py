"""Whether a weight file is exactly a torchvision ResNet-18, and what PyTorch makes of photos with it.

Usage: check_weights.py WEIGHTS.safetensors ANSWER.json [--pixels PIXELS.bin --size SIZE] [--data DATA --recipe RECIPE.json]

PIXELS.bin: uint8 [count, SIZE, SIZE, 3]. The answer says which entries differ from torchvision's, whether
`load_state_dict(strict=True)` took the file, the logits of the pixels, and what DATA's validation photos are
classified as when Pillow reads their files.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import torch
import torchvision

from photos import load_file, normalize, open_photo, preprocess, samples


def main(options):
    state = load_file(options.weights)
    classes = state["fc.weight"].shape[0]
    model = torchvision.models.resnet18(num_classes=classes)
    expected = model.state_dict()
    different = [
        name
        for name in sorted(set(state) | set(expected))
        if name not in state
        or name not in expected
        or state[name].dtype != expected[name].dtype
        or state[name].shape != expected[name].shape
    ]
    answer = {"entries": len(state), "different": different, "by": load_file_name()}
    try:
        model.load_state_dict(state, strict=True)
        answer["strict"] = True
    except RuntimeError as error:
        answer["strict"] = str(error)
    model.eval()
    with torch.no_grad():
        if options.pixels:
            pixels = np.fromfile(options.pixels, np.uint8).reshape(-1, options.size, options.size, 3)
            answer["logits"] = model(normalize(pixels)).tolist()
        if options.data:
            answer["photos"] = classify_files(model, options.data, options.recipe)
    with open(options.answer, "w") as file:
        json.dump(answer, file)


def classify_files(model, data, recipe):
    evaluation = json.loads(pathlib.Path(recipe).read_text())["evaluation"]
    split = "valid" if (pathlib.Path(data) / "valid").is_dir() else "val"
    listed, names = samples(data, split)
    photos = [normalize(preprocess(open_photo(path), evaluation)) for path, _ in listed]
    logits = torch.cat([model(torch.stack(photos[i : i + 32])) for i in range(0, len(photos), 32)])
    top = logits.softmax(1).topk(2)
    return [
        {
            "path": f"{split}/{path.parent.name}/{path.name}",
            "predicted": names[top.indices[i, 0]],
            "probability": top.values[i, 0].item(),
            "margin": (top.values[i, 0] - top.values[i, 1]).item(),
        }
        for i, (path, _) in enumerate(listed)
    ]


def load_file_name():
    try:
        import safetensors
    except ImportError:
        return "a reader of our own"
    return f"safetensors {safetensors.__version__}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("weights")
    parser.add_argument("answer")
    parser.add_argument("--pixels")
    parser.add_argument("--size", type=int)
    parser.add_argument("--data")
    parser.add_argument("--recipe")
    main(parser.parse_args())

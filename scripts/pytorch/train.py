"""The run that a recipe describes, in PyTorch: both stages, augmentation and shuffle off.

Usage: train.py DATA RECIPE.json WEIGHTS.safetensors HISTORY.json
"""

import copy
import json
import sys

import torch
import torchvision
from torch.nn.functional import cross_entropy

from photos import load_file, normalize, open_photo, preprocess, samples

STAGES = {
    "stem": ("conv1.", "bn1."),
    **{name: (f"{name}.",) for name in ("layer1", "layer2", "layer3", "layer4")},
}


def load_split(folder, split, evaluation):
    listed, classes = samples(folder, split)
    pixels = [preprocess(open_photo(path), evaluation) for path, _ in listed]
    photos = torch.stack([normalize(photo) for photo in pixels])
    return photos, torch.tensor([label for _, label in listed]), classes


def make_optimizer(recipe, parameters):
    rate, decay = recipe["learningRate"], recipe["weightDecay"]
    if recipe["kind"] == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=recipe["momentum"], weight_decay=decay)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[recipe["kind"]]
    return kind(parameters, lr=rate, weight_decay=decay)


def lock(model, locked):
    """Frozen parameters get no gradient; the batch norm of a frozen stage is in eval mode."""
    prefixes = tuple(prefix for stage in locked for prefix in STAGES[stage])
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not name.startswith(prefixes)
    model.train()
    for name, module in model.named_modules():
        if f"{name}.".startswith(prefixes):
            module.eval()


def train_epoch(model, photos, labels, batch, optimizer):
    """Mean loss and accuracy over all samples, each before its own step."""
    loss_sum, correct = 0.0, 0
    for x, y in zip(photos.split(batch), labels.split(batch)):
        logits = model(x)
        loss = cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(y)
        correct += (logits.argmax(1) == y).sum().item()
    return {"loss": loss_sum / len(labels), "accuracy": correct / len(labels)}


@torch.no_grad()
def evaluate(model, photos, labels, batch):
    model.eval()
    logits = torch.cat([model(x) for x in photos.split(batch)])
    correct = (logits.argmax(1) == labels).sum().item()
    return {"loss": cross_entropy(logits, labels).item(), "accuracy": correct / len(labels)}


def main(data, recipe_path, weights, history_path):
    with open(recipe_path) as file:
        recipe = json.load(file)
    train_photos, train_labels, classes = load_split(data, "train", recipe["evaluation"])
    valid_photos, valid_labels, _ = load_split(data, "valid", recipe["evaluation"])
    model = torchvision.models.resnet18(num_classes=len(classes))
    model.load_state_dict(load_file(weights), strict=True)

    epochs, best = [], None
    for stage in ("head", "all"):
        plan = recipe["stages"][stage]
        if best:
            model.load_state_dict(best["state"])
        best = None
        lock(model, plan["locked"])
        optimizer = make_optimizer(plan["optimizer"], [p for p in model.parameters() if p.requires_grad])
        schedule = plan["schedule"]
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, schedule["every"], schedule["gamma"])
        for epoch in range(1, plan["epochs"] + 1):
            rate = optimizer.param_groups[0]["lr"]
            lock(model, plan["locked"])
            train = train_epoch(model, train_photos, train_labels, recipe["batch"], optimizer)
            valid = evaluate(model, valid_photos, valid_labels, recipe["batch"])
            scheduler.step()
            epochs.append({"stage": stage, "epoch": epoch, "learningRate": rate, "train": train, "valid": valid})
            mark = (valid["accuracy"], -valid["loss"])
            if best is None or mark > best["mark"]:
                best = {"mark": mark, "state": copy.deepcopy(model.state_dict())}
    with open(history_path, "w") as file:
        json.dump({"epochs": epochs, "version": torch.__version__}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])

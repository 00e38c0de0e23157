"""A study's recipes in PyTorch, by the same rules: resting stages computed once a view, the best weights kept.

Usage: study.py DATA RECIPES.json WEIGHTS.safetensors ANSWER.json

RECIPES.json is a list; each recipe after the first starts from the best weights of the one before. Photos are decoded once
and kept with the short side at most 1.7 crops, as the page keeps them. All cores are used.
"""

import copy
import json
import math
import os
import pathlib
import sys
import time

import numpy as np
import torch
import torchvision
from PIL import Image
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.transforms import InterpolationMode

from photos import load_file, normalize, open_photo, preprocess, samples

STAGES = {
    "stem": ("conv1.", "bn1."),
    **{name: (f"{name}.",) for name in ("layer1", "layer2", "layer3", "layer4")},
    "fc": ("fc.",),
}
LAYERS = ("stem", "layer1", "layer2", "layer3", "layer4")
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


class Kept(Dataset):
    """Decoded photos, no larger than training needs them."""

    def __init__(self, listed, short):
        self.listed, self.short = listed, short

    def __len__(self):
        return len(self.listed)

    def __getitem__(self, index):
        image = open_photo(self.listed[index][0])
        short = min(image.size)
        if short > self.short:
            size = [round(side * self.short / short) for side in image.size]
            image = image.resize(size, Image.BILINEAR)
        return image


class Views(Dataset):
    """Photos as one transform gives them."""

    def __init__(self, images, transform):
        self.images, self.transform = images, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.transform(self.images[index])


def load_images(listed, short):
    return list(DataLoader(Kept(listed, short), batch_size=None, num_workers=CORES))


def to_bytes(image):
    return torch.from_numpy(np.array(image))


def train_transform(augmentation):
    geometry, jitter = augmentation["geometry"], augmentation["jitter"]
    if geometry["kind"] == "random-resized-crop":
        steps = [transforms.RandomResizedCrop(geometry["crop"], geometry["scale"], geometry["ratio"])]
    else:
        steps = [
            transforms.Resize([geometry["resize"], geometry["resize"]]),
            transforms.RandomRotation(geometry["rotation"], InterpolationMode.BILINEAR),
            transforms.CenterCrop(geometry["crop"]),
        ]
    return transforms.Compose(
        steps
        + [
            transforms.RandomHorizontalFlip(augmentation["horizontalFlip"]),
            transforms.RandomVerticalFlip(augmentation["verticalFlip"]),
            transforms.ColorJitter(**jitter),
            transforms.RandomGrayscale(augmentation["grayscale"]),
            to_bytes,
        ]
    )


def parts_of(model):
    """The network as one module for each stage; the last gives logits."""
    stem = torch.nn.Sequential(model.conv1, model.bn1, model.relu, model.maxpool)
    head = torch.nn.Sequential(model.avgpool, torch.nn.Flatten(1), model.fc)
    return [stem, model.layer1, model.layer2, model.layer3, model.layer4, head]


def set_modes(model, locked):
    """Frozen parameters get no gradient; the batch norm of a frozen stage is in eval mode."""
    prefixes = tuple(prefix for stage in locked for prefix in STAGES[stage])
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not name.startswith(prefixes)
    model.train()
    for name, module in model.named_modules():
        if f"{name}.".startswith(prefixes):
            module.eval()


def make_optimizer(recipe, model):
    """A group a stage, each with its factor on the rate."""
    groups = []
    for stage, prefixes in STAGES.items():
        parameters = [p for name, p in model.named_parameters() if p.requires_grad and name.startswith(prefixes)]
        if parameters:
            groups.append({"params": parameters, "scale": recipe["stageScale"].get(stage, 1)})
    values = {"lr": recipe["learningRate"], "weight_decay": recipe["weightDecay"]}
    if recipe["kind"] == "sgd":
        return torch.optim.SGD(groups, momentum=recipe["momentum"], **values)
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[recipe["kind"]](groups, **values)


def rate_at(schedule, base, epoch, epochs, step, steps):
    """PyTorch's schedules by their formulas, since patience goes through the rest of one faster."""
    kind = schedule["kind"]
    if kind == "step":
        return base * schedule["gamma"] ** (int(epoch) // schedule["every"])
    if kind == "cosine":
        return base * (1 + math.cos(math.pi * epoch / epochs)) / 2
    if kind == "one-cycle":
        annealed = lambda start, end, share: end + (start - end) / 2 * (1 + math.cos(math.pi * share))
        first, peak_step = base / 25, schedule["warmup"] * steps - 1
        if step <= peak_step and peak_step > 0:
            return annealed(first, base, step / peak_step)
        start = max(peak_step, 0)
        return annealed(base, first / 1e4, (step - start) / (steps - 1 - start) if steps - 1 > start else 0)
    return base


def mark_of(log):
    return log["accuracy"], -log["loss"]


def stage_end(plan, logs):
    """After how many epochs the stage ends, and the epoch after which patience was over (None where it is not)."""
    best = None
    for log in logs if plan["patience"] is not None else []:
        if best is None or mark_of(log) > mark_of(best):
            best = log
        if log["epoch"] - best["epoch"] >= plan["patience"]:
            return min(plan["epochs"], log["epoch"] + plan["patience"]), log["epoch"]
    return plan["epochs"], None


def position(done, whole, cut, end, epochs):
    """A place in the schedule (in epochs or steps): beyond the cut, time goes faster."""
    if cut is None or epochs <= cut:
        return done
    at = cut / epochs * whole
    return done if done < at else at + (done - at) * (whole - at) / ((end - cut) / epochs * whole)


class Run:
    def __init__(self, data, recipe, weights):
        torch.manual_seed(recipe["seed"])
        self.recipe = recipe
        valid = next(name for name in ("valid", "val", "validation") if (pathlib.Path(data) / name).is_dir())
        train_list, classes = samples(data, "train")
        valid_list, _ = samples(data, valid)
        self.model = torchvision.models.resnet18(num_classes=len(classes))
        fitting = {name: value for name, value in weights.items() if value.shape == self.model.state_dict()[name].shape}
        self.model.load_state_dict(fitting, strict=False)
        self.parts = parts_of(self.model)
        short = max(round(1.7 * recipe["evaluation"]["crop"]), recipe["evaluation"]["resize"])
        self.images = load_images(train_list, short)
        self.valid_pixels = self.plain(load_images(valid_list, short))
        self.labels = torch.tensor([label for _, label in train_list])
        self.valid_labels = torch.tensor([label for _, label in valid_list])
        counts = torch.bincount(self.labels, minlength=len(classes)).float()
        balanced = recipe["classWeights"] == "balanced"
        self.class_weights = len(self.labels) / (len(classes) * counts) if balanced else None
        self.augment = train_transform(recipe["augmentation"])
        self.best = None

    def plain(self, images):
        return torch.stack([torch.from_numpy(preprocess(i, self.recipe["evaluation"]).copy()) for i in images])

    def view(self):
        """All training photos, augmented anew, as bytes."""
        loader = DataLoader(Views(self.images, self.augment), batch_size=64, num_workers=CORES)
        return torch.cat(list(loader))

    @torch.no_grad()
    def activations(self, pixels, boundary):
        """What the first stages give for photos, computed once."""
        if boundary == 0:
            return pixels
        self.model.eval()
        features = []
        for batch in pixels.split(32):
            x = normalize(batch)
            for part in self.parts[:boundary]:
                x = part(x)
            # Before the classifier a photo is its pooled features.
            features.append(self.parts[5][0](x) if boundary == 5 else x)
        return torch.cat(features)

    def logits(self, x, boundary):
        x = normalize(x) if boundary == 0 else x
        for part in self.parts[boundary:]:
            x = part(x)
        return x

    @torch.no_grad()
    def validate(self, x, boundary):
        self.model.eval()
        logits = torch.cat([self.logits(batch, boundary) for batch in x.split(32)])
        loss = cross_entropy(logits, self.valid_labels, label_smoothing=self.recipe["labelSmoothing"]).item()
        return loss, (logits.argmax(1) == self.valid_labels).sum().item() / len(self.valid_labels)

    @torch.no_grad()
    def mirrored_accuracy(self):
        """Of the best weights, where a photo's probabilities are the mean of its own and its mirror image's."""
        self.model.load_state_dict(self.best["state"])
        self.model.eval()
        correct = 0
        for pixels, labels in zip(self.valid_pixels.split(32), self.valid_labels.split(32)):
            x = normalize(pixels)
            mean = (self.model(x).softmax(1) + self.model(x.flip(3)).softmax(1)) / 2
            correct += (mean.argmax(1) == labels).sum().item()
        return correct / len(self.valid_labels)

    def stage(self, name):
        plan, batch = self.recipe["stages"][name], self.recipe["batch"]
        if self.best:
            self.model.load_state_dict(self.best["state"])
        began = time.perf_counter()
        resting = next((i for i, layer in enumerate(LAYERS) if layer not in plan["locked"]), len(LAYERS))
        boundary = resting if plan["cachedViews"] is not None else 0
        valid = self.activations(self.valid_pixels, boundary)
        views, logs, smoothing = {}, [], plan["labelSmoothing"]
        set_modes(self.model, plan["locked"])
        optimizer = make_optimizer(plan["optimizer"], self.model)
        per_epoch = math.ceil(len(self.labels) / batch)
        steps = per_epoch * plan["epochs"]
        while len(logs) < stage_end(plan, logs)[0]:
            end, cut = stage_end(plan, logs)
            epoch = len(logs)
            if boundary == 0:
                x = self.view()
            else:
                index = epoch % plan["cachedViews"]
                if index not in views:
                    is_plain = index == 0 and plan["plainView"]
                    pixels = self.plain(self.images) if is_plain else self.view()
                    views[index] = self.activations(pixels, boundary)
                x = views[index]
            set_modes(self.model, plan["locked"])
            order = torch.randperm(len(x)) if self.recipe["shuffle"] else torch.arange(len(x))
            for number, chosen in enumerate(order.split(batch)):
                rate = rate_at(
                    plan["schedule"],
                    plan["optimizer"]["learningRate"],
                    position(epoch, plan["epochs"], cut, end, plan["epochs"]),
                    plan["epochs"],
                    position(epoch * per_epoch + number, steps, cut, end, plan["epochs"]),
                    steps,
                )
                for group in optimizer.param_groups:
                    group["lr"] = rate * group["scale"]
                logits = self.logits(x[chosen], boundary)
                loss = cross_entropy(
                    logits,
                    self.labels[chosen],
                    weight=self.class_weights,
                    label_smoothing=self.recipe["labelSmoothing"] if smoothing is None else smoothing,
                )
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss, accuracy = self.validate(valid, boundary)
            logs.append({"epoch": epoch + 1, "loss": loss, "accuracy": accuracy})
            print(f"{name} {epoch + 1} loss {loss:.4f} accuracy {accuracy:.4f}", flush=True)
            if self.best is None or mark_of(logs[-1]) > mark_of(self.best["log"]):
                state = copy.deepcopy(self.model.state_dict())
                self.best = {"stage": name, "log": logs[-1], "state": state}
        return {
            "stage": name,
            "epochs": len(logs),
            "accuracy": max(log["accuracy"] for log in logs),
            "seconds": round(time.perf_counter() - began, 2),
            "bestEpoch": max(logs, key=mark_of)["epoch"],
        }


def single_precision(tensors):
    return {name: value.float() if value.is_floating_point() else value for name, value in tensors.items()}


def main(data, recipes_path, weights_path, answer_path):
    torch.set_num_threads(CORES)
    with open(recipes_path) as file:
        recipes = json.load(file)
    answer, weights = [], None
    for recipe in recipes:
        began = time.perf_counter()
        weights = weights or single_precision(load_file(weights_path))
        run = Run(data, recipe, weights)
        ready = time.perf_counter() - began
        stages = [run.stage(name) for name in ("head", "upper", "all") if recipe["stages"][name]["epochs"] > 0]
        best = run.best
        weights = best["state"]
        seconds = time.perf_counter() - began
        answer.append(
            {
                "seconds": round(seconds, 2),
                "readySeconds": round(ready, 2),
                "best": {"stage": best["stage"], "epoch": best["log"]["epoch"], "accuracy": best["log"]["accuracy"]},
                "stages": stages,
                "engine": f"torch {torch.__version__}",
                "kernels": f"{CORES} threads",
                "mirrored": run.mirrored_accuracy(),
            }
        )
    with open(answer_path, "w") as file:
        json.dump({"parts": answer, "cores": CORES}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A criterion, and ten steps, whose classes count differently in the loss: writes class-weights.json beside this file.

Usage: class_weights.py (needs what make_reference.py needs)

The network, batches and rates are those of make_reference.py's trajectories. The labels of a batch weigh 0.25 to 3, so
that a mean over photos, or over a portion of the batch, is another loss. In portions, each goes through the network by
itself, so that train-mode batch norm sees it alone, and one criterion takes the logits of all: what micro-batches and
workers that share a batch compute.
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from make_reference import FREEZE, OPTIMIZERS, batch, build, fnv1a, uniforms

HERE = pathlib.Path(__file__).parent
WEIGHTS = [0.5, 2, 1, 3, 0.25]
BATCH = 4
# Freeze setting, label smoothing, photos of a portion.
CASES = [
    ("head only", 0.0, BATCH),
    ("head only", 0.1, BATCH),
    ("from layer3 on", 0.1, BATCH),
    ("from layer3 on", 0.0, 2),
    ("from layer3 on", 0.1, 2),
]
OPTIMIZER = "sgd lr=0.01 momentum=0.9 weight_decay=1e-4"


def trajectory(frozen, smoothing, portion):
    net = build(torch.float64)
    net.train()
    for name in frozen:
        getattr(net, name).eval()
        getattr(net, name).requires_grad_(False)
    optimizer = OPTIMIZERS[OPTIMIZER]([p for p in net.parameters() if p.requires_grad])
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.1)
    criterion = torch.nn.CrossEntropyLoss(
        weight=torch.tensor(WEIGHTS, dtype=torch.float64), label_smoothing=smoothing
    )
    losses, plain, rates = [], [], []
    for step in range(10):
        x, y = batch(step % 3, torch.float64)
        optimizer.zero_grad()
        logits = torch.cat([net(photos) for photos in x.split(portion)])
        loss = criterion(logits, y)
        loss.backward()
        plain.append(float(F.cross_entropy(logits, y, label_smoothing=smoothing)))
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
        losses.append(float(loss))
    print(*(f"{a:.4f} ({b:.4f} unweighted)" for a, b in zip(losses, plain)))
    return {"losses": losses, "rates": rates}


def criterion():
    """The loss of six samples over five classes, and its gradient with respect to the logits [6, 5]."""
    values = (uniforms(fnv1a("criterion"), 30) - 0.5) * 8
    logits = torch.from_numpy(values.astype("float32").astype("float64")).reshape(6, 5).requires_grad_()
    labels = torch.tensor([0, 1, 2, 3, 4, 1])
    cases = []
    for smoothing in [0.0, 0.1]:
        weight = torch.tensor(WEIGHTS, dtype=torch.float64)
        loss = torch.nn.CrossEntropyLoss(weight=weight, label_smoothing=smoothing)(logits, labels)
        (gradient,) = torch.autograd.grad(loss, logits)
        cases.append({"label_smoothing": smoothing, "loss": float(loss), "gradient": gradient.flatten().tolist()})
    return {"logits": logits.flatten().tolist(), "labels": labels.tolist(), "cases": cases}


def main():
    trajectories = [
        {
            "freeze": freeze,
            "optimizer": OPTIMIZER,
            "label_smoothing": smoothing,
            "portion": portion,
            **trajectory(FREEZE[freeze], smoothing, portion),
        }
        for freeze, smoothing, portion in CASES
    ]
    document = {"weights": WEIGHTS, "criterion": criterion(), "trajectories": trajectories}
    (HERE / "class-weights.json").write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""Times PyTorch's ResNet-18 training step on this machine's GPU, in float32 (no TF32) and with AMP.

usage: pytorch_gpu.py STEPS CLASSES SIZExBATCH ...; prints one JSON object.

Channels last, cuDNN's own choice of kernels by timing, photos as bytes from the host in every step, Adam.
"""
import json
import sys
import time

import torch
import torchvision

WARM = 5


def time_steps(size, batch, steps, classes, amp):
    device = torch.device("cuda")
    model = torchvision.models.resnet18(num_classes=classes).to(device, memory_format=torch.channels_last).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    scaler = torch.cuda.amp.GradScaler(enabled=amp)
    pixels = torch.randint(0, 256, (batch, size, size, 3), dtype=torch.uint8).pin_memory()
    labels = (torch.arange(batch) % classes).to(device)
    mean = torch.tensor([0.485, 0.456, 0.406], device=device).reshape(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225], device=device).reshape(1, 3, 1, 1)

    def step():
        # A permuted NHWC tensor is channels last as it is.
        x = (pixels.to(device, non_blocking=True).permute(0, 3, 1, 2).float() / 255 - mean) / std
        optimizer.zero_grad()
        with torch.autocast("cuda", enabled=amp):
            loss = torch.nn.functional.cross_entropy(model(x), labels)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

    for _ in range(WARM):
        step()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    torch.cuda.synchronize()
    return 1000 * (time.perf_counter() - start) / steps


def main():
    if not torch.cuda.is_available():
        sys.exit("PyTorch finds no GPU")
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    steps, classes = int(sys.argv[1]), int(sys.argv[2])
    rows = []
    for shape in sys.argv[3:]:
        size, batch = map(int, shape.split("x"))
        times = {"float32": time_steps(size, batch, steps, classes, False), "amp": time_steps(size, batch, steps, classes, True)}
        rows.append({"size": size, "batch": batch, **times})
    print(json.dumps({"version": torch.__version__, "gpu": torch.cuda.get_device_name(), "rows": rows}))


main()

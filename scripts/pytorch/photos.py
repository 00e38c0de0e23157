"""Photos and weight files as PyTorch reads them: what the other scripts here share."""

import json
import pathlib
import struct

import numpy as np
import torch
from PIL import Image, ImageOps

MEAN = torch.tensor([0.485, 0.456, 0.406]).reshape(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).reshape(3, 1, 1)


def samples(folder, split):
    """(path, label) of one split, sorted by class, then by path (code points)."""
    root = pathlib.Path(folder)
    classes = sorted(entry.name for entry in (root / "train").iterdir() if entry.is_dir())
    return [
        (path, label)
        for label, name in enumerate(classes)
        for path in sorted((root / split / name).iterdir(), key=lambda path: path.name)
    ], classes


def open_photo(path):
    """Upright, RGB, on white where it is transparent."""
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def preprocess(image, evaluation):
    """Resize and center crop as in validation; uint8 [crop, crop, 3]."""
    resize, crop = evaluation["resize"], evaluation["crop"]
    if evaluation["mode"] == "both":
        width = height = resize
    else:
        width, height = image.size
        short = min(width, height)
        width, height = int(resize * width / short), int(resize * height / short)
    image = image.resize((width, height), Image.BILINEAR)
    left, top = int(round((width - crop) / 2.0)), int(round((height - crop) / 2.0))
    return np.asarray(image.crop((left, top, left + crop, top + crop)))


def normalize(pixels):
    """uint8 [..., height, width, 3] -> float32 [..., 3, height, width]."""
    values = torch.from_numpy(np.array(pixels)).movedim(-1, -3).float() / 255
    return (values - MEAN) / STD


def load_file(path):
    """A safetensors file's tensors: by the safetensors package, else by these few lines."""
    try:
        from safetensors.torch import load_file as load
    except ImportError:
        return own_load_file(path)
    return load(path)


def own_load_file(path):
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    kinds = {"F16": np.float16, "F32": np.float32, "I64": np.int64}
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = np.frombuffer(data[begin:end], kinds[entry["dtype"]]).copy()
        tensors[name] = torch.from_numpy(values).reshape(entry["shape"])
    return tensors

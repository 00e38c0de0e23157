/** How PyTorch loads `best.safetensors` and prepares a photo as in validation. */
import type { WeightFileInfo } from '../../training/trainer-api.ts'

/** Runs as it stands where torchvision and safetensors are installed; the class names are read from the file. */
export function pytorchCode({ classes, evaluation }: Pick<WeightFileInfo, 'classes' | 'evaluation'>): string {
  const { mode, resize, crop } = evaluation
  const size = mode === 'both' ? `(${resize}, ${resize})` : String(resize)
  return `import json
import torch, torchvision
from PIL import Image, ImageOps
from safetensors import safe_open
from safetensors.torch import load_file
from torchvision import transforms

file = "best.safetensors"
model = torchvision.models.resnet18(num_classes=${classes.length})
model.load_state_dict(load_file(file))
model.eval()
classes = json.loads(safe_open(file, "pt").metadata()["classes"])

prepare = transforms.Compose([
    transforms.Resize(${size}),
    transforms.CenterCrop(${crop}),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])
photo = ImageOps.exif_transpose(Image.open("photo.jpg")).convert("RGB")
with torch.no_grad():
    probabilities = model(prepare(photo)[None]).softmax(1)[0]
print(classes[probabilities.argmax()], probabilities.max().item())`
}

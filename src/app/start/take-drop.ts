/** What a drop anywhere on the window means. */
import { isPhoto } from '../../dataset/index.ts'
import {
  addDrop,
  giveWeightFile,
  loadToClassify,
  nameClasses,
  openDrop,
  showTab,
  tryPhotos,
  useApp,
} from '../../store/index.ts'

/** Must be called within the drop event: handles and entries are gone after it. */
export function takeDrop(transfer: DataTransfer): void {
  const { data, classifier, collect } = useApp.getState()
  if (collect) {
    void addDrop(collect.selected, transfer)
    return
  }
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry())
  const files = entries.some((entry) => entry?.isDirectory) ? [] : [...transfer.files]
  const [first] = files
  const weights = files.length === 1 && /\.(safetensors|pth|pt)$/i.test(first.name)
  if (weights) void (data.dataset ? giveWeightFile(first) : loadToClassify(first))
  else if (files.length === 1 && data.dataset && /\.json$/i.test(first.name)) void nameClasses(first)
  else if (
    files.length > 0 &&
    classifier &&
    files.every((file) => file.type.startsWith('image/') || isPhoto(file.name))
  ) {
    showTab('try')
    void tryPhotos(files)
  } else void openDrop(transfer)
}

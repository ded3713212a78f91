/** Files of a folder that was chosen or dropped, with their paths. */
import type { FoundFile } from './packing'

// Never taken, and often most of the files.
const SKIPPED = /(^|\/)(thumbnails|node_modules|\.git|_cache|vectors)\//

export function gatherChosen(list: FileList): FoundFile[] {
  return [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file })).filter(({ path }) => !SKIPPED.test(path))
}

export async function gatherDropped(items: DataTransferItemList): Promise<FoundFile[]> {
  // The list is empty after the first wait: all entries are taken out before.
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const found: FoundFile[] = []
  for (const entry of entries) await walk(entry, '', found)
  return found
}

async function walk(entry: FileSystemEntry, folder: string, found: FoundFile[]): Promise<void> {
  const path = folder + entry.name
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    if (!SKIPPED.test(path)) found.push({ path, file })
    return
  }
  if (SKIPPED.test(`${path}/`)) return
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // A browser hands out a hundred at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (!some.length) return
    for (const one of some) await walk(one, `${path}/`, found)
  }
}

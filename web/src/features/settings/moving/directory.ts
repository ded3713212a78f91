/** The names inside a zip, read from its end: the rest of the file is not touched. */
import { AppProblem } from '@/api/http'

export interface Listed {
  path: string
  size: number
}

const END_BYTES = 70_000
const DIRECTORY_BYTES_MOST = 100_000_000
const HUGE = 0xffffffff

/** Raises AppProblem (`not_an_archive`) where there is no directory. */
export async function listArchive(file: Blob): Promise<Listed[]> {
  const start = Math.max(0, file.size - END_BYTES)
  const end = await view(file.slice(start))
  const at = findLast(end, 0x06054b50)
  if (at < 0 || at + 20 > end.byteLength) throw notAnArchive()
  let size = end.getUint32(at + 12, true)
  let offset = end.getUint32(at + 16, true)
  const large = findLast(end, 0x06064b50)
  if (large >= 0 && large + 56 <= end.byteLength && (offset === HUGE || size === HUGE || end.getUint16(at + 10, true) === 0xffff)) {
    size = Number(end.getBigUint64(large + 40, true))
    offset = Number(end.getBigUint64(large + 48, true))
  }
  if (size > DIRECTORY_BYTES_MOST || offset + size > file.size) throw notAnArchive()
  return entries(await view(file.slice(offset, offset + size)))
}

function entries(directory: DataView): Listed[] {
  const found: Listed[] = []
  let at = 0
  while (at + 46 <= directory.byteLength && directory.getUint32(at, true) === 0x02014b50) {
    const length = directory.getUint16(at + 28, true)
    const name = new Uint8Array(directory.buffer, directory.byteOffset + at + 46, Math.min(length, directory.byteLength - at - 46))
    // A name that is not UTF-8 is only counted here: the server reads it with more care.
    const path = new TextDecoder().decode(name)
    if (!path.endsWith('/')) found.push({ path, size: directory.getUint32(at + 24, true) })
    at += 46 + length + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true)
  }
  return found
}

async function view(part: Blob): Promise<DataView> {
  return new DataView(await part.arrayBuffer())
}

function findLast(bytes: DataView, sign: number): number {
  for (let at = bytes.byteLength - 4; at >= 0; at -= 1) if (bytes.getUint32(at, true) === sign) return at
  return -1
}

function notAnArchive(): AppProblem {
  return new AppProblem('not_an_archive', '', { status: 0 })
}

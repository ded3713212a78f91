/**
 * Files as one archive that is never held in memory: a Blob of headers and of the files themselves, nothing compressed.
 * The same files give the same bytes, so that an upload that broke off goes on with them another day.
 */
export interface FoundFile {
  path: string
  file: File
}

const HUGE = 0xffffffff
const UNICODE = 0x0800
const FIRST_DAY = 0x0021 // 1980-01-01: times would make other bytes of the same files
const TABLE = Uint32Array.from({ length: 256 }, (_, start) => {
  let value = start
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** The archive; `told` hears how many bytes were looked at. */
export async function pack(files: readonly FoundFile[], told: (bytes: number) => void, signal?: AbortSignal): Promise<Blob> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const parts: BlobPart[] = []
  const directory: Uint8Array<ArrayBuffer>[] = []
  let offset = 0
  let seen = 0
  for (const { path, file } of sorted) {
    signal?.throwIfAborted()
    const sum = await checksum(file, (bytes) => told((seen += bytes)))
    const name = new TextEncoder().encode(path)
    const head = header(name, sum, file.size)
    parts.push(head, file)
    directory.push(listed(name, sum, file.size, offset))
    offset += head.length + file.size
  }
  const size = directory.reduce((sum, one) => sum + one.length, 0)
  return new Blob([...parts, ...directory, ending(directory.length, size, offset)])
}

export function crc(bytes: Uint8Array, before = 0): number {
  let value = ~before
  for (const byte of bytes) value = (value >>> 8) ^ TABLE[(value ^ byte) & 0xff]!
  return ~value >>> 0
}

async function checksum(file: Blob, told: (bytes: number) => void): Promise<number> {
  const step = 4 * 1024 * 1024
  let sum = 0
  for (let at = 0; at < file.size; at += step) {
    const bytes = new Uint8Array(await file.slice(at, at + step).arrayBuffer())
    sum = crc(bytes, sum)
    told(bytes.length)
  }
  return sum
}

class Writer {
  readonly bytes: Uint8Array<ArrayBuffer>
  private readonly view: DataView
  private at = 0

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
  }

  put(...fields: [2 | 4 | 8, number][]): this {
    for (const [size, value] of fields) {
      if (size === 2) this.view.setUint16(this.at, value, true)
      else if (size === 4) this.view.setUint32(this.at, value, true)
      else this.view.setBigUint64(this.at, BigInt(value), true)
      this.at += size
    }
    return this
  }

  name(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
    return this
  }
}

function header(name: Uint8Array, sum: number, size: number): Uint8Array<ArrayBuffer> {
  return new Writer(30 + name.length)
    .put([4, 0x04034b50], [2, 20], [2, UNICODE], [2, 0], [2, 0], [2, FIRST_DAY], [4, sum], [4, size], [4, size])
    .put([2, name.length], [2, 0])
    .name(name).bytes
}

function listed(name: Uint8Array, sum: number, size: number, offset: number): Uint8Array<ArrayBuffer> {
  const far = offset >= HUGE
  const writer = new Writer(46 + name.length + (far ? 12 : 0))
    .put([4, 0x02014b50], [2, 45], [2, far ? 45 : 20], [2, UNICODE], [2, 0], [2, 0], [2, FIRST_DAY], [4, sum], [4, size], [4, size])
    .put([2, name.length], [2, far ? 12 : 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, far ? HUGE : offset])
    .name(name)
  return (far ? writer.put([2, 1], [2, 8], [8, offset]) : writer).bytes
}

function ending(count: number, size: number, offset: number): Uint8Array<ArrayBuffer> {
  const many = count >= 0xffff || offset >= HUGE || size >= HUGE
  const writer = new Writer(22 + (many ? 76 : 0))
  if (many) {
    writer
      .put([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, size], [8, offset])
      .put([4, 0x07064b50], [4, 0], [8, offset + size], [4, 1])
  }
  const short = Math.min(count, 0xffff)
  return writer
    .put([4, 0x06054b50], [2, 0], [2, 0], [2, short], [2, short], [4, Math.min(size, HUGE)], [4, Math.min(offset, HUGE)], [2, 0])
    .bytes
}

/** JSON files between this machine and the page. */

export interface JsonFile {
  /** Without its ending. */
  name: string
  json: unknown
}

/** Asks for files. One that holds no JSON has `undefined` in place of it. */
export function pickJson(): Promise<JsonFile[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = '.json,application/json'
    input.multiple = true
    input.addEventListener('cancel', () => resolve([]))
    input.addEventListener('change', () => resolve(readJson([...(input.files ?? [])])))
    input.click()
  })
}

/** What was dropped, read as what is chosen is. */
export const readJson = (files: readonly File[]): Promise<JsonFile[]> => Promise.all(files.map(read))

export function saveJson(filename: string, json: unknown): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(json, null, 4)], { type: 'application/json' }))
  const link = Object.assign(document.createElement('a'), { href: address, download: filename })
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

async function read(file: File): Promise<JsonFile> {
  const name = file.name.replace(/\.json$/i, '')
  try {
    return { name, json: JSON.parse((await file.text()).replace(/^\uFEFF/, '')) as unknown }
  } catch {
    return { name, json: undefined }
  }
}

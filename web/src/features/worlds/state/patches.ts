/** Changes of many entries at once, as few requests as possible, and the way back from them. */
import { changesInFile, type FileEntry } from '@/lore/fileEntry'
import { runsOf, type Standing } from './arranging'
import type { Entry } from './listing'

/** What shall be written into which entry, in the file's words. */
export type Patches = ReadonlyMap<string, FileEntry>

export type Request =
  | { action: 'set'; ids: string[]; entry: FileEntry }
  | { action: 'number'; ids: string[]; field: Numbered; first: number; step: number }

const NUMBERED = ['displayIndex', 'order'] as const
type Numbered = (typeof NUMBERED)[number]

/** Ours besides the fields of an entry: where it lies. */
export function filePatch(before: Entry, after: Entry): FileEntry {
  const changes = changesInFile(before, after)
  if (before.folder !== after.folder) changes.folder = after.folder
  if (before.rank !== after.rank) changes.displayIndex = after.rank
  return changes
}

/** The same as requests, as few as it takes: entries that get the same together, rising numbers as runs. None names more than `most`. */
export function requestsOf(patches: Patches, most: number): Request[] {
  const whole = together(patches, most)
  if (whole.length <= Math.ceil(patches.size / most)) return whole
  // Where many entries get each something else (the way back from a change of several fields), fields are alike sooner than entries.
  const fields = [...new Set([...patches.values()].flatMap((patch) => Object.keys(patch)))]
  const apart = fields.flatMap((field) => together(only(patches, field), most))
  return apart.length < whole.length ? apart : whole
}

function only(patches: Patches, field: string): Patches {
  return new Map([...patches].filter(([, patch]) => field in patch).map(([id, patch]) => [id, { [field]: patch[field] }]))
}

function together(patches: Patches, most: number): Request[] {
  const numbers = new Map<Numbered, Standing[]>(NUMBERED.map((field) => [field, []]))
  const alike = new Map<string, string[]>()
  for (const [id, patch] of patches) {
    const keys = Object.keys(patch)
    const field = NUMBERED.find((one) => keys.length === 1 && keys[0] === one && Number.isInteger(patch[one]))
    if (field) numbers.get(field)!.push({ id, at: patch[field] as number })
    else if (keys.length) {
      const said = JSON.stringify(patch)
      const there = alike.get(said)
      if (there) there.push(id)
      else alike.set(said, [id])
    }
  }
  const sets = [...alike].flatMap(([said, ids]) =>
    chunks(ids, most).map((some): Request => ({ action: 'set', ids: some, entry: JSON.parse(said) as FileEntry })),
  )
  const runs = NUMBERED.flatMap((field) => numberings(field, numbers.get(field)!, most))
  return [...sets, ...runs]
}

/** Those that get one and the same number together; the others as runs. */
function numberings(field: Numbered, standings: Standing[], most: number): Request[] {
  const distinct = new Set(standings.map((one) => one.at)).size
  if (standings.length > 1 && distinct === 1) {
    const entry = { [field]: standings[0]!.at }
    return chunks(standings.map((one) => one.id), most).map((ids): Request => ({ action: 'set', ids, entry }))
  }
  return runsOf(standings, most).map((run): Request => ({ action: 'number', field, ...run }))
}

export function chunks<T>(list: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, index) => list.slice(index * most, (index + 1) * most))
}

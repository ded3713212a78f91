/** Moving entries among others: which numbers have to change so that they stand where they were put. As few as possible. */

export interface Standing {
  id: string
  /** The number the list is sorted by, rising. */
  at: number
}

/**
 * `list` is sorted; those in `moving` go before the one that stands at `to` (`list.length`: behind all).
 * Numbers stay whole, for files of the field hold whole ones; where there is no room, the shorter side gives way.
 */
export function moved(list: readonly Standing[], moving: ReadonlySet<string>, to: number): Standing[] {
  const carried = list.filter((one) => moving.has(one.id))
  if (!carried.length) return []
  const before = list.slice(0, to).filter((one) => !moving.has(one.id))
  const after = list.slice(to).filter((one) => !moving.has(one.id))
  const next = [...before, ...carried, ...after]
  const first = before.length
  const low = before.at(-1)?.at
  const high = after[0]?.at
  if (stands(next, first, carried.length)) return []
  if (low !== undefined && high !== undefined && high - low > carried.length) {
    const step = Math.floor((high - low) / (carried.length + 1))
    return changed(next, (at) => carried.forEach((_, index) => (at[first + index] = low + step * (index + 1))))
  }
  const ways: Standing[][] = []
  if (low !== undefined || high === undefined) ways.push(changed(next, (at) => upwards(at, first, carried.length, low ?? 0)))
  if (high !== undefined) ways.push(changed(next, (at) => downwards(at, first, carried.length, high)))
  return ways.sort((a, b) => a.length - b.length)[0]!
}

function stands(next: readonly Standing[], first: number, count: number): boolean {
  const from = Math.max(first, 1)
  return next.slice(from, first + count + 1).every((one, index) => one.at > next[from + index - 1]!.at)
}

function upwards(at: number[], first: number, count: number, low: number): void {
  for (let index = 0; index < count; index += 1) at[first + index] = low + 1 + index
  for (let index = first + count; index < at.length && at[index]! <= at[index - 1]!; index += 1) at[index] = at[index - 1]! + 1
}

function downwards(at: number[], first: number, count: number, high: number): void {
  for (let index = 0; index < count; index += 1) at[first + index] = high - count + index
  for (let index = first - 1; index >= 0 && at[index]! >= at[index + 1]!; index -= 1) at[index] = at[index + 1]! - 1
}

function changed(next: readonly Standing[], renumber: (at: number[]) => void): Standing[] {
  const at = next.map((one) => one.at)
  renumber(at)
  return next.map((one, index) => ({ id: one.id, at: at[index]! })).filter((one, index) => one.at !== next[index]!.at)
}

export interface Run {
  ids: string[]
  first: number
  step: number
}

/** The same changes as runs of evenly rising numbers, none longer than `most`. */
export function runsOf(changes: readonly Standing[], most: number): Run[] {
  const runs: Run[] = []
  for (const { id, at } of [...changes].sort((a, b) => a.at - b.at)) {
    const run = runs.at(-1)
    const last = run && run.first + run.step * (run.ids.length - 1)
    if (run && run.ids.length < most && (run.ids.length === 1 || at - last! === run.step)) {
      if (run.ids.length === 1) run.step = at - run.first
      run.ids.push(id)
    } else runs.push({ ids: [id], first: at, step: 1 })
  }
  return runs
}

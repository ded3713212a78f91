/**
 * One world in the hand: its entries, light at first and whole where they are looked at. What is done to many is shown at
 * once and told to the server in as few requests as it takes; each such deed can be taken back.
 */
import { computed, ref, shallowRef, triggerRef, type InjectionKey } from 'vue'
import type { BulkChanged, StoredEntry, WorldSummary } from '@/api/schema'
import { worldsApi } from '@/api/worlds'
import { readEntry, readLight, type FileEntry } from '@/lore/fileEntry'
import { useBulk } from './bulk'
import { useHistory, type Step } from './history'
import type { Entry } from './listing'
import { chunks, filePatch, requestsOf } from './patches'

/** How many entries one request changes. */
const AT_ONCE = 500

/** What shall be said of which entry. */
export type Wishes = Map<string, Partial<Entry>>

export type World = ReturnType<typeof useWorld>
export const WORLD: InjectionKey<World> = Symbol('world')

export function useWorld(worldId: string) {
  const summary = shallowRef<WorldSummary | null>(null)
  const byId = shallowRef(new Map<string, Entry>())
  const all = computed(() => [...byId.value.values()])
  const problem = shallowRef<unknown>(null)
  const loaded = ref(false)
  /** Whether more of the entries are still on their way: what is here can be looked at meanwhile. */
  const arriving = ref(false)
  /** How many writes are on their way, and when the last one arrived. */
  const writing = ref(0)
  const savedAt = ref<number | null>(null)
  /** Whether the contents are here whole, so that a search reads them to the end. */
  const whole = ref(false)
  /** How many contents are here whole, while they are read. */
  const wholeCount = ref(0)
  const history = useHistory()
  const bulk = useBulk(worldId, revise)
  /** Deleted here, and still there to be brought back. */
  const away = new Map<string, Entry>()
  /** Whether they are being read. */
  const reading = ref(false)
  let wholly: Promise<void> | null = null
  const waiting: (() => void)[] = []

  async function load(): Promise<void> {
    problem.value = null
    try {
      summary.value = await worldsApi.get(worldId)
      arriving.value = true
      await read(true)
    } catch (error) {
      problem.value = error
    } finally {
      arriving.value = false
    }
  }

  /** All contents, for a search; once. */
  function readWhole(): Promise<void> {
    reading.value = true
    wholly ??= read(false)
      .then(() => void (whole.value = true))
      .catch((error: unknown) => {
        wholly = null
        problem.value = error
      })
      .finally(() => (reading.value = false))
    return wholly
  }

  async function read(light: boolean): Promise<void> {
    let cursor: string | null = null
    wholeCount.value = 0
    do {
      const page: { items: StoredEntry[]; next: string | null } = await worldsApi.entries(worldId, cursor, light)
      for (const stored of page.items) keep(stored, light)
      if (!light) wholeCount.value += page.items.length
      triggerRef(byId)
      loaded.value = true
      cursor = page.next
    } while (cursor)
  }

  /** An entry as the server told it; an older one than is here already is passed over. */
  function keep(stored: StoredEntry, light = false): Entry {
    const id = String(stored.uid)
    const here = byId.value.get(id)
    if (here && (here.revision > stored.revision || (light && here.revision === stored.revision))) return here
    const entry = entryOf(stored, light)
    byId.value.set(id, entry)
    return entry
  }

  function put(stored: StoredEntry): Entry {
    const entry = keep(stored)
    triggerRef(byId)
    return entry
  }

  async function fetch(id: string): Promise<Entry> {
    return put(await worldsApi.entry(worldId, Number(id)))
  }

  async function written<T>(work: () => Promise<T>): Promise<T> {
    writing.value += 1
    try {
      const done = await work()
      savedAt.value = Date.now()
      return done
    } finally {
      writing.value -= 1
      if (!writing.value) for (const go of waiting.splice(0)) go()
    }
  }

  /** When nothing is on its way any more. */
  async function settled(): Promise<void> {
    if (writing.value) await new Promise<void>((go) => waiting.push(go))
  }

  async function add(fields: FileEntry): Promise<Entry> {
    const entry = await written(async () => put(await worldsApi.addEntry(worldId, fields)))
    count(1)
    return entry
  }

  /** One entry, on the revision that was seen. Raises Conflict. */
  async function change(before: Entry, patch: FileEntry): Promise<Entry> {
    return written(async () => put(await worldsApi.changeEntry(worldId, before.uid, before.revision, patch)))
  }

  /** Fields of many entries; `label` names it for the way back. */
  async function changeMany(ids: readonly string[], fields: (entry: Entry) => Partial<Entry>, label: string): Promise<Step | null> {
    const forth: Wishes = new Map()
    const back: Wishes = new Map()
    for (const id of ids) {
      const before = byId.value.get(id)
      if (!before) continue
      const wish = fields(before)
      if (!Object.keys(filePatch(before, { ...before, ...wish })).length) continue
      forth.set(id, wish)
      back.set(id, picked(before, wish))
    }
    if (!forth.size) return null
    await apply(forth)
    return history.add({ label, back: () => apply(back), again: () => apply(forth) })
  }

  async function apply(wishes: Wishes): Promise<void> {
    const before: Entry[] = []
    const patches = new Map<string, FileEntry>()
    for (const [id, wish] of wishes) {
      const entry = byId.value.get(id)
      if (!entry) continue
      const after = { ...entry, ...wish }
      before.push(entry)
      patches.set(id, filePatch(entry, after))
      byId.value.set(id, after)
    }
    triggerRef(byId)
    try {
      await written(() => bulk.send(requestsOf(patches, AT_ONCE).map(({ ids, ...rest }) => ({ uids: ids.map(Number), ...rest }))))
      // One of them may have been written by hand meanwhile, and told without this.
      for (const [id, wish] of wishes) {
        const here = byId.value.get(id)
        if (here) byId.value.set(id, { ...here, ...wish })
      }
    } catch (error) {
      for (const entry of before) byId.value.set(entry.id, entry)
      triggerRef(byId)
      // Some may have been written: what is there now is asked for.
      void read(true).catch(() => {})
      throw error
    }
    triggerRef(byId)
  }

  function revise({ changed, world }: BulkChanged): void {
    summary.value = world
    for (const { uid, revision } of changed) {
      const here = byId.value.get(String(uid)) ?? away.get(String(uid))
      if (here) (byId.value.has(here.id) ? byId.value : away).set(here.id, { ...here, revision })
    }
  }

  /** For ten seconds by a note, and as long as the page is open by the way back. */
  async function remove(ids: readonly string[], label: string): Promise<Step> {
    const gone = ids.filter((id) => byId.value.has(id))
    await taken(gone)
    return history.add({ label, back: () => returned(gone), again: () => taken(gone) })
  }

  async function taken(ids: readonly string[]): Promise<void> {
    swap(ids, byId.value, away)
    try {
      await written(() => each(ids, 'delete'))
    } catch (error) {
      swap(ids, away, byId.value)
      throw error
    }
  }

  async function returned(ids: readonly string[]): Promise<void> {
    swap(ids, away, byId.value)
    try {
      await written(() => each(ids, 'restore'))
    } catch (error) {
      swap(ids, byId.value, away)
      throw error
    }
  }

  function swap(ids: readonly string[], from: Map<string, Entry>, to: Map<string, Entry>): void {
    for (const id of ids) {
      const entry = from.get(id)
      if (!entry) continue
      from.delete(id)
      to.set(id, entry)
    }
    triggerRef(byId)
  }

  async function each(ids: readonly string[], action: 'delete' | 'restore'): Promise<void> {
    await bulk.send(chunks(ids, AT_ONCE).map((some) => ({ uids: some.map(Number), action })))
  }

  function count(by: number): void {
    if (summary.value) summary.value = { ...summary.value, entry_count: summary.value.entry_count + by }
  }

  async function rename(name: string): Promise<void> {
    summary.value = await written(() => worldsApi.rename(worldId, name))
  }

  return {
    worldId,
    summary,
    byId,
    all,
    problem,
    loaded,
    arriving,
    writing,
    savedAt,
    whole,
    wholeCount,
    reading,
    settled,
    progress: bulk.progress,
    history,
    load,
    readWhole,
    put,
    fetch,
    add,
    change,
    changeMany,
    apply,
    remove,
    rename,
  }
}

export function entryOf(stored: StoredEntry, light = false): Entry {
  const { entry, uid, revision, content_length: length } = stored
  const { folder, displayIndex } = entry
  return {
    ...(light ? readLight(entry) : readEntry(entry)),
    id: String(uid),
    uid,
    revision,
    length,
    folder: typeof folder === 'string' ? folder : '',
    rank: typeof displayIndex === 'number' ? displayIndex : uid,
  }
}

function picked(entry: Entry, wish: Partial<Entry>): Partial<Entry> {
  return Object.fromEntries(Object.keys(wish).map((name) => [name, entry[name as keyof Entry]])) as Partial<Entry>
}

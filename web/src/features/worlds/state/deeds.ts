/** What a person can do to the entries of a world. All of it can be taken back; what removes is offered back for ten seconds. */
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useToasts } from '@/state/toasts'
import { changesInFile } from '@/lore/fileEntry'
import { FRESH } from '@/lore/entry'
import { number } from '@/words/figures'
import { moved } from './arranging'
import type { useChoosing } from './choosing'
import type { useEntryEditing } from './editing'
import { nameOf, type Entry, type Row, type Sort } from './listing'
import type { World } from './world'

interface Around {
  world: World
  editing: ReturnType<typeof useEntryEditing>
  choosing: ReturnType<typeof useChoosing>
  rows: Ref<readonly Row[]>
  shown: Ref<readonly Entry[]>
  sort: Ref<Sort>
  open: (id: string) => Promise<void>
}

export function useDeeds({ world, editing, choosing, rows, shown, sort, open }: Around) {
  const { t } = useI18n()
  const toasts = useToasts()
  /** The chosen that are shown, else the one the keys are at. Folders' headings stand for nobody. */
  const meant = computed(() => {
    const ids = new Set(shown.value.map((one) => one.id))
    if (choosing.chosen.size) return [...choosing.chosen].filter((id) => ids.has(id))
    return choosing.at.value !== null && ids.has(choosing.at.value) ? [choosing.at.value] : []
  })

  /** What is under way: who takes back or does again waits for it, or would take back the deed before. */
  let pending: Promise<unknown> = Promise.resolve()

  async function told<T>(work: () => Promise<T>): Promise<T | null> {
    const run = work()
    pending = Promise.allSettled([pending, run])
    try {
      return await run
    } catch (problem) {
      toasts.problem(problem)
      return null
    }
  }

  /** A new one comes last, in the folder one is in. */
  async function add(): Promise<void> {
    const here = choosing.at.value === null ? undefined : world.byId.value.get(choosing.at.value)
    const rank = Math.max(-1, ...world.all.value.map((one) => one.rank)) + 1
    const made = await told(() => world.add({ displayIndex: rank, ...(here?.folder ? { folder: here.folder } : {}) }))
    if (made) await open(made.id)
  }

  async function copy(entry: Entry): Promise<void> {
    await editing.leave()
    const whole = await told(() => world.fetch(entry.id))
    if (!whole) return
    const fields = changesInFile(FRESH, { ...whole, title: t('worlds.copy_of', { name: nameOf(whole) }) })
    const made = await told(() => world.add({ ...fields, displayIndex: whole.rank + 1, ...(whole.folder ? { folder: whole.folder } : {}) }))
    if (made) await open(made.id)
  }

  async function remove(ids = meant.value): Promise<void> {
    if (!ids.length) return
    const index = rows.value.findIndex((row) => row.id === ids[0])
    const one = ids.length === 1 ? world.byId.value.get(ids[0]!) : undefined
    const text = one
      ? t('worlds.removed_one', { name: nameOf(one) || t('worlds.unnamed') })
      : t('worlds.removed', { count: number(ids.length) }, ids.length)
    if (editing.draft.value && ids.includes(editing.draft.value.id)) {
      await editing.leave()
      editing.close()
    }
    choosing.none()
    await told(async () => {
      const step = await world.remove(ids, text)
      const next = rows.value[Math.min(index, rows.value.length - 1)]
      if (next) choosing.go(next.id)
      toasts.undoable(text, async () => void (await world.history.undo(step)))
    })
  }

  async function power(id: string): Promise<void> {
    await told(() => world.changeMany([id], (entry) => ({ disabled: !entry.disabled }), t('worlds.did_power')))
  }

  /** Turns those that are meant on, or off when all of them are on. */
  async function powerMeant(): Promise<void> {
    const some = meant.value.flatMap((id) => world.byId.value.get(id) ?? [])
    const disabled = some.every((one) => !one.disabled)
    await setMany({ disabled })
  }

  async function setMany(fields: Partial<Entry>): Promise<void> {
    const ids = meant.value
    await editing.leave()
    await told(async () => {
      const text = t('worlds.did_many', { count: number(ids.length) }, ids.length)
      const step = await world.changeMany(ids, () => fields, text)
      if (step && ids.length > 1) toasts.undoable(text, async () => void (await world.history.undo(step)))
    })
  }

  /** These go before the row of this index, and into the folder that is there. */
  async function drop(ids: readonly string[], to: number): Promise<void> {
    const entries = rows.value.flatMap((row) => (row.kind === 'entry' ? [row.entry] : []))
    const next = rows.value.slice(to).find((row) => row.kind === 'entry')
    const before = rows.value[to - 1]
    const moving = new Set(ids)
    const label = t('worlds.did_move')
    await told(async () => {
      const folder = before?.kind === 'folder' ? before.folder : (before?.entry.folder ?? '')
      const headed = rows.value.some((row) => row.kind === 'folder')
      if (headed) await world.changeMany(ids, () => ({ folder }), label)
      const all = sort.value === 'prompt' ? [...world.all.value].sort((a, b) => a.order - b.order || a.rank - b.rank) : byRank(world.all.value)
      const last = entries.at(-1)
      const anchor = next?.kind === 'entry' ? all.findIndex((one) => one.id === next.id) : last ? all.findIndex((one) => one.id === last.id) + 1 : all.length
      const field = sort.value === 'prompt' ? 'order' : 'rank'
      const changes = moved(all.map((one) => ({ id: one.id, at: one[field] })), moving, anchor)
      const at = new Map(changes.map((one) => [one.id, one.at]))
      await world.changeMany([...at.keys()], (entry) => ({ [field]: at.get(entry.id)! }), label)
    })
  }

  /** One place up or down by the keys. */
  async function step(by: 1 | -1): Promise<void> {
    const ids = meant.value
    if (!ids.length) return
    const places = ids.map((id) => rows.value.findIndex((row) => row.id === id)).filter((place) => place >= 0)
    const to = by < 0 ? Math.min(...places) - 1 : Math.max(...places) + 2
    if (to >= 0 && to <= rows.value.length) await drop(ids, to)
  }

  async function undo(): Promise<void> {
    await Promise.all([editing.leave(), pending])
    const step = await told(() => world.history.undo())
    if (step) toasts.note(t('worlds.undone', { what: step.label }))
  }

  async function redo(): Promise<void> {
    await Promise.all([editing.leave(), pending])
    const step = await told(() => world.history.redo())
    if (step) toasts.note(t('worlds.redone', { what: step.label }))
  }

  function chooseAll(): void {
    for (const entry of shown.value) choosing.chosen.add(entry.id)
  }

  return { meant, add, copy, remove, power, powerMeant, setMany, drop, step, undo, redo, chooseAll }
}

function byRank(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((a, b) => a.rank - b.rank || a.uid - b.uid)
}

/** What can be done to characters from several places, each told and, where it loses something, undone for ten seconds. */
import { useI18n } from 'vue-i18n'
import { charactersApi } from '@/api/characters'
import type { CharacterChange, CharacterSummary } from '@/api/schema'
import { useToasts } from '@/state/toasts'
import { useShelf } from './shelf'

const AT_ONCE = 4

export function useDeeds() {
  const { t } = useI18n()
  const toasts = useToasts()
  const shelf = useShelf()

  async function each<T>(things: readonly T[], act: (thing: T) => Promise<unknown>): Promise<void> {
    const waiting = [...things]
    let first: unknown
    const work = async () => {
      for (let thing = waiting.shift(); thing !== undefined; thing = waiting.shift())
        await act(thing).catch((error) => (first ??= error))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    if (first) throw first
  }

  async function change(one: CharacterSummary, what: Omit<CharacterChange, 'revision'>): Promise<void> {
    shelf.show(await charactersApi.change(one.id, { revision: one.revision, ...what }))
  }

  async function tell(work: Promise<void>): Promise<boolean> {
    try {
      await work
      return true
    } catch (error) {
      toasts.problem(error)
      return false
    }
  }

  const setFavourite = (some: readonly CharacterSummary[], favourite: boolean) =>
    tell(each(some, (one) => change(one, { favourite })))

  const addTag = async (some: readonly CharacterSummary[], tag: string) => {
    const missing = some.filter((one) => !one.tags.includes(tag))
    if (await tell(each(missing, (one) => change(one, { tags: [...one.tags, tag] }))))
      toasts.note(t('library.tagged', { tag, count: some.length }, some.length), 'good')
    void shelf.loadTags()
  }

  /** Into the trash, at once, and back within ten seconds or thirty days. */
  async function trash(some: readonly CharacterSummary[]): Promise<boolean> {
    const ids = some.map((one) => one.id)
    shelf.drop(ids)
    if (!(await tell(each(ids, (id) => charactersApi.trash(id))))) {
      await shelf.reload()
      return false
    }
    const name = some[0]?.name ?? ''
    toasts.undoable(t('library.trashed', { name, count: some.length }, some.length), async () => {
      await each(ids, (id) => charactersApi.restore(id))
      await shelf.reload()
    })
    void shelf.loadTags()
    return true
  }

  async function restore(some: readonly CharacterSummary[]): Promise<boolean> {
    const done = await tell(each(some, (one) => charactersApi.restore(one.id)))
    if (done) toasts.note(t('library.restored', { count: some.length }, some.length), 'good')
    await shelf.reload()
    void shelf.loadTags()
    return done
  }

  async function deleteForever(some: readonly CharacterSummary[]): Promise<boolean> {
    const done = await tell(each(some, (one) => charactersApi.deleteForever(one.id)))
    await shelf.reload()
    return done
  }

  return { setFavourite, addTag, trash, restore, deleteForever }
}

/** What is done with worlds as wholes. */
import { useI18n } from 'vue-i18n'
import type { WorldSummary } from '@/api/schema'
import { worldsApi } from '@/api/worlds'
import { useToasts } from '@/state/toasts'
import { useWorlds } from '@/state/worlds'

export function useWorldDeeds() {
  const { t } = useI18n()
  const toasts = useToasts()
  const worlds = useWorlds()

  async function told<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work()
    } catch (problem) {
      toasts.problem(problem)
      return null
    }
  }

  function create(): Promise<WorldSummary | null> {
    return told(async () => {
      const made = await worldsApi.create(t('worlds.new_name'))
      worlds.keep(made)
      return made
    })
  }

  function copy(world: WorldSummary): Promise<WorldSummary | null> {
    return told(async () => {
      const made = await worldsApi.copy(world.id, t('worlds.copy_of', { name: world.name }))
      worlds.keep(made)
      return made
    })
  }

  function download(world: WorldSummary): Promise<unknown> {
    return told(async () => {
      const file = await worldsApi.export(world.id)
      const link = document.createElement('a')
      link.href = file.url
      link.download = file.filename
      link.click()
    })
  }

  /** Into the trash at once, and out of it again for ten seconds. */
  function remove(world: WorldSummary): Promise<unknown> {
    return told(async () => {
      await worldsApi.trash(world.id)
      worlds.drop(world.id)
      toasts.undoable(t('worlds.gone', { name: world.name }), async () => worlds.keep(await worldsApi.restore(world.id)))
    })
  }

  return { told, create, copy, download, remove }
}

/** A script in the hand, wherever it is kept. */
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { NewScript, RegexScript } from '@/api/schema'
import { useKeptEditing, type Doors, type Kept } from '@/state/keptEditing'
import { pairsOf, plain } from '@/state/pairs'
import { written } from './fields'

export type OpenScript = RegexScript & Kept
export type Fields = Omit<NewScript, 'name'> & { name: string | undefined }

export function useScriptEditing<T extends OpenScript>(doors: Omit<Doors<T, Fields>, 'name' | 'fields'>) {
  const { t } = useI18n()
  const open = ref(false)
  const editing = useKeptEditing<T, Fields>({
    name: 'script',
    fields: (mine) => ({ ...written(mine), name: mine.name.trim() || undefined }),
    ...doors,
  })
  const pairs = computed(() => {
    const mine = editing.draft.value
    const theirs = editing.theirs.value
    if (!mine || !theirs) return []
    const labels: Partial<Record<keyof RegexScript, string>> = {
      name: t('presets.name'),
      find: t('scripts.find'),
      replace: t('scripts.replace'),
      trim: t('scripts.trim'),
      places: t('scripts.places'),
      display_only: t('scripts.display_only'),
      prompt_only: t('scripts.prompt_only'),
      depth_least: t('scripts.depth_least'),
      depth_most: t('scripts.depth_most'),
      macros: t('scripts.macros'),
    }
    return pairsOf<RegexScript>(mine, theirs, labels, (name, value) => {
      if (name === 'places') return (value as RegexScript['places'])?.map((place) => t(`scripts.place_${place}`)).join(', ') ?? ''
      return name === 'macros' ? t(`scripts.macros_${String(value)}`) : plain(value)
    })
  })

  async function edit(script: T): Promise<void> {
    await editing.take(script)
    open.value = true
  }

  return { ...editing, open, pairs, edit }
}

export type ScriptEditing = Pick<ReturnType<typeof useScriptEditing>, 'draft' | 'state' | 'problem' | 'open' | 'pairs' | 'save' | 'settle'>

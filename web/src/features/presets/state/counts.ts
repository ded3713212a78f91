/** How many tokens each text takes, counted by the server a moment after the last key. Counts are kept by their text. */
import { onBeforeUnmount, ref, watch } from 'vue'
import { presetsApi } from '@/api/presets'
import { useModels } from '@/state/models'

const QUIET_MS = 500
const CHARACTERS_MOST = 200_000
const TEXTS_MOST = 200

export function useCounts(texts: () => Map<string, string>) {
  const models = useModels()
  const counts = ref(new Map<string, number>())
  const known = new Map<string, number>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function show(): void {
    counts.value = new Map([...texts()].flatMap(([id, text]) => (known.has(text) ? [[id, known.get(text)!]] : [])))
  }

  async function count(): Promise<void> {
    const missing = [...new Set(texts().values())].filter((text) => !known.has(text) && text.length <= CHARACTERS_MOST)
    const some = missing.slice(0, TEXTS_MOST)
    if (!some.length) return show()
    const { tokenizer } = models.connection ?? {}
    const answer = await presetsApi.tokens({ texts: some, tokenizer }).catch(() => null)
    if (!answer) return
    some.forEach((text, place) => known.set(text, answer.tokens[place]!))
    show()
    if (missing.length > some.length) await count()
  }

  known.set('', 0)
  watch(
    texts,
    () => {
      show()
      clearTimeout(timer)
      timer = setTimeout(() => void count(), QUIET_MS)
    },
    { immediate: true },
  )
  onBeforeUnmount(() => clearTimeout(timer))
  return counts
}

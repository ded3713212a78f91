/** The words in the composer, kept on this device while they are written. */
import { getCurrentScope, onScopeDispose, reactive, watch } from 'vue'
import { outbox } from './outbox'

const PAUSE_MS = 250

export interface DraftText {
  value: string
  /** Writes down now what is waiting to be written. */
  flush: () => void
}

export function useDraft(chatId: string): DraftText {
  let timer: ReturnType<typeof setTimeout> | undefined
  let touched = false
  const draft = reactive({ value: '', flush })

  function flush(): void {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    void save()
  }

  async function save(): Promise<void> {
    await (await outbox())?.saveDraft(chatId, draft.value)
  }

  watch(
    () => draft.value,
    () => {
      touched = true
      // Not put off by the next key: who writes without a pause loses no more than the last moment.
      timer ??= setTimeout(flush, PAUSE_MS)
    },
    { flush: 'sync' },
  )
  void outbox()
    .then((box) => box?.draft(chatId))
    .then((kept) => {
      if (kept && !touched) draft.value = kept
    })
  window.addEventListener('pagehide', flush)
  document.addEventListener('visibilitychange', flush)
  if (getCurrentScope())
    onScopeDispose(() => {
      window.removeEventListener('pagehide', flush)
      document.removeEventListener('visibilitychange', flush)
      flush()
    })
  return draft
}

/** The tab's title: the page's own words, and a mark for replies that wait to be read. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'

const NAME = 'TavernAI Plus'

export const useTitle = defineStore('title', () => {
  const words = ref('')
  const waiting = ref(0)

  function page(title: string): void {
    words.value = title
  }

  watch(
    [words, waiting],
    () => {
      const mark = waiting.value ? `(${waiting.value}) ` : ''
      document.title = mark + (words.value ? `${words.value} · ${NAME}` : NAME)
    },
    { immediate: true },
  )

  return { page, waiting }
})

/** Short notes at the edge of the page. What can be undone is done at once and undone for ten seconds. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { sentenceOf } from '@/words/problems'

export const UNDO_SECONDS = 10
const NOTE_SECONDS = 5

export interface Toast {
  id: number
  text: string
  tone: 'plain' | 'good' | 'loss'
  seconds: number
  undo?: () => Promise<void> | void
}

export const useToasts = defineStore('toasts', () => {
  const toasts = ref<Toast[]>([])
  let last = 0

  function push(toast: Omit<Toast, 'id'>): number {
    last += 1
    // Three notes are read; more are noise.
    toasts.value = [...toasts.value.slice(-2), { ...toast, id: last }]
    return last
  }

  function note(text: string, tone: Toast['tone'] = 'plain'): void {
    push({ text, tone, seconds: NOTE_SECONDS })
  }

  /** Its number, for who must take the offer back. */
  function undoable(text: string, undo: () => Promise<void> | void): number {
    return push({ text, tone: 'plain', seconds: UNDO_SECONDS, undo })
  }

  function problem(error: unknown): void {
    push({ text: sentenceOf(error), tone: 'loss', seconds: 8 })
  }

  function dismiss(id: number): void {
    toasts.value = toasts.value.filter((toast) => toast.id !== id)
  }

  async function undo(id: number): Promise<void> {
    const toast = toasts.value.find((one) => one.id === id)
    dismiss(id)
    try {
      await toast?.undo?.()
    } catch (error) {
      problem(error)
    }
  }

  return { toasts, note, undoable, problem, dismiss, undo }
})

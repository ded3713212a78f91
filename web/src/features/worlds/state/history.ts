/** The way back, step by step, as long as the page is open. */
import { computed, ref, shallowRef } from 'vue'

export interface Step {
  /** What was done, for the tooltip. */
  label: string
  back: () => Promise<unknown>
  again: () => Promise<unknown>
  /** Steps of one kind that follow each other closely become one: typing into a text. */
  joins?: string
}

const STEPS_MOST = 200
const JOIN_MS = 20_000

export function useHistory(now: () => number = Date.now) {
  const done = shallowRef<(Step & { at: number })[]>([])
  const undone = shallowRef<Step[]>([])
  const busy = ref(false)
  const last = computed(() => done.value.at(-1) ?? null)
  const next = computed(() => undone.value.at(-1) ?? null)

  function add(step: Step): Step {
    undone.value = []
    const before = done.value.at(-1)
    const joined = step.joins !== undefined && before?.joins === step.joins && now() - before.at < JOIN_MS
    const fresh = { ...step, back: joined ? before.back : step.back, at: now() }
    done.value = [...done.value.slice(0, joined ? -1 : undefined), fresh].slice(-STEPS_MOST)
    return fresh
  }

  /** The last step, or the one that is named: what a note offers to take back may no longer be the last. */
  async function undo(named?: Step): Promise<Step | null> {
    const step = named ?? done.value.at(-1)
    if (!step || busy.value || !(done.value as Step[]).includes(step)) return null
    await running(step.back)
    done.value = done.value.filter((one) => one !== step)
    undone.value = [...undone.value, step]
    return step
  }

  async function redo(): Promise<Step | null> {
    const step = undone.value.at(-1)
    if (!step || busy.value) return null
    await running(step.again)
    undone.value = undone.value.slice(0, -1)
    done.value = [...done.value, { ...step, at: 0 }]
    return step
  }

  async function running(work: () => Promise<unknown>): Promise<void> {
    busy.value = true
    try {
      await work()
    } finally {
      busy.value = false
    }
  }

  return { last, next, busy, add, undo, redo }
}

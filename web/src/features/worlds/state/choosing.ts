/** Which rows are chosen, and which one the keys are at: the ways of lists on every desk. */
import { computed, reactive, ref, type Ref } from 'vue'

export function useChoosing(ids: Ref<readonly string[]>) {
  const chosen = reactive(new Set<string>())
  const at = ref<string | null>(null)
  /** Where a range begins. */
  let anchor: string | null = null
  const index = computed(() => (at.value === null ? -1 : ids.value.indexOf(at.value)))

  function toggle(id: string): void {
    if (!chosen.delete(id)) chosen.add(id)
    at.value = anchor = id
  }

  /** From where the range began to here, and nothing else. */
  function through(id: string): void {
    const from = anchor === null ? -1 : ids.value.indexOf(anchor)
    const to = ids.value.indexOf(id)
    if (to < 0) return
    at.value = id
    if (from < 0) return toggle(id)
    chosen.clear()
    for (const one of ids.value.slice(Math.min(from, to), Math.max(from, to) + 1)) chosen.add(one)
  }

  function go(id: string): void {
    at.value = anchor = id
  }

  /** Some rows up or down; `wide` takes them along. */
  function step(by: number, wide = false): void {
    const count = ids.value.length
    if (!count) return
    // From nowhere one comes in at the end one does not walk to.
    const from = index.value >= 0 ? index.value : by > 0 ? -1 : count
    const to = Math.min(count - 1, Math.max(0, from + by))
    const id = ids.value[to]!
    if (wide) {
      anchor ??= at.value ?? id
      through(id)
    } else go(id)
  }

  function all(): void {
    for (const id of ids.value) chosen.add(id)
  }

  function none(): void {
    chosen.clear()
  }

  /** What a deed is meant for: the chosen, else the one the keys are at. */
  function meant(): string[] {
    return chosen.size ? ids.value.filter((id) => chosen.has(id)) : at.value === null ? [] : [at.value]
  }

  return { chosen, at, index, toggle, through, go, step, all, none, meant }
}

/** A form whose fields save themselves: what each shows, what it writes, and where the two versions of a conflict differ. */
import { computed, type WritableComputedRef } from 'vue'
import { pairsOf, plain } from './pairs'
import { useSaving, type Saving } from './saving'

export interface Form<T, C> extends Saving<T, C> {
  /** The fields that are worth showing in a conflict, as they are called in the form; asked anew when one is shown. */
  labels: () => Partial<Record<keyof T & string, string>>
  /** A value in words, where its plain text is not enough; undefined where it is. */
  say?: (name: keyof T & string, value: unknown) => string | undefined
  /** What is shown before anything came. */
  blank?: Partial<T>
}

export function useSavedForm<T extends { revision: number }, C extends object>(form: Form<T, C>) {
  const saving = useSaving<T, C>(form)
  const shown = computed(() => ({ ...form.blank, ...form.held(), ...saving.pending.value }) as T)
  const pairs = computed(() => {
    const there = saving.theirs.value
    if (!there) return []
    const mine = { ...there, ...saving.pending.value } as T
    return pairsOf<T>(mine, there, form.labels(), (name, value) => form.say?.(name, value) ?? plain(value))
  })

  function field<K extends keyof T & keyof C & string>(name: K): WritableComputedRef<T[K]> {
    return computed({
      get: () => shown.value[name],
      set: (value) => {
        if (value !== shown.value[name]) saving.change({ [name]: value } as unknown as C)
      },
    })
  }

  /** A number whose field may be empty for a moment: that is not written. */
  function number<K extends keyof T & keyof C & string>(name: K): WritableComputedRef<number | null> {
    const found = field(name)
    return computed({
      get: () => found.value as number | null,
      set: (value) => {
        if (value !== null) found.value = value as T[K]
      },
    })
  }

  return { ...saving, shown, pairs, field, number }
}

/**
 * An order in which things are put by hand: by dragging a row's grip, also with a finger, or with the arrow keys while
 * the grip has the focus. Whoever listens instead of looking is told where a thing has come to.
 */
import { computed, nextTick, onBeforeUnmount, ref, type ComputedRef, type Ref } from 'vue'

const EDGE_PX = 64
const SCROLL_PX = 10

export interface Row<T> {
  item: T
  /** Where it stands in the order that is kept; a row in the hand is shown elsewhere. */
  at: number
}

export interface Ordering<T> {
  /** As they would stand if the hand let go now. */
  rows: ComputedRef<Row<T>[]>
  /** Where the row in the hand came from; null while none is. */
  held: ComputedRef<number | null>
  /** The last sentence for those who listen. */
  said: Ref<string>
  press: (event: KeyboardEvent, at: number) => void
  grab: (event: PointerEvent, at: number) => void
}

export function useOrdering<T>(doors: {
  /** The element whose children are the rows. */
  list: Ref<HTMLElement | null>
  items: () => readonly T[]
  move: (from: number, to: number) => void
  /** What is heard of one that stood at `at` and is now at this place of so many, counted from 1. */
  say: (item: T, at: number, place: number, count: number) => string
}): Ordering<T> {
  const { list } = doors
  const said = ref('')
  const drag = ref<{ from: number; to: number } | null>(null)
  const rows = computed(() => {
    const shown = doors.items().map((item, at) => ({ item, at }))
    return drag.value ? moved(shown, drag.value.from, drag.value.to) : shown
  })
  const held = computed(() => drag.value?.from ?? null)
  let pointer = 0
  let height = 0
  let frame = 0

  function move(from: number, to: number): void {
    if (to >= 0 && to < doors.items().length && to !== from) doors.move(from, to)
  }

  async function press(event: KeyboardEvent, at: number): Promise<void> {
    const last = doors.items().length - 1
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last }[event.key]
    if (to === undefined) return
    event.preventDefault()
    if (to < 0 || to > last || to === at) return
    const item = doors.items()[at]!
    move(at, to)
    await nextTick()
    list.value?.querySelectorAll<HTMLElement>('.order-grip')[to]?.focus()
    said.value = doors.say(item, at, to + 1, last + 1)
  }

  function grab(event: PointerEvent, at: number): void {
    if (event.button !== 0) return
    pointer = event.pointerId
    height = event.clientY
    drag.value = { from: at, to: at }
    // On the window: a row that is put elsewhere in the page loses what it had captured.
    window.addEventListener('pointermove', pull)
    window.addEventListener('pointerup', drop)
    window.addEventListener('pointercancel', drop)
    window.addEventListener('keydown', giveUp, true)
    frame = requestAnimationFrame(scroll)
  }

  function pull(event: PointerEvent): void {
    if (event.pointerId !== pointer) return
    height = event.clientY
    settle()
  }

  function settle(): void {
    if (!drag.value || !list.value) return
    const { to } = drag.value
    // The rows stand as they would after letting go: between whose middles is the pointer?
    const above = [...list.value.children].filter((row, place) => {
      const box = row.getBoundingClientRect()
      return place !== to && box.top + box.height / 2 < height
    }).length
    if (above !== to) drag.value = { ...drag.value, to: above }
  }

  /** Near the edge of what scrolls, a row in the hand takes the page along. */
  function scroll(): void {
    const by = height < EDGE_PX ? -SCROLL_PX : height > window.innerHeight - EDGE_PX ? SCROLL_PX : 0
    if (by && list.value) {
      scrollerOf(list.value).scrollBy(0, by)
      settle()
    }
    frame = requestAnimationFrame(scroll)
  }

  function drop(event: PointerEvent): void {
    if (event.pointerId !== pointer) return
    const done = drag.value
    letGo()
    if (done && event.type === 'pointerup') move(done.from, done.to)
  }

  function giveUp(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return
    // It is for the row in the hand alone: the sheet beneath stays open.
    event.stopPropagation()
    event.preventDefault()
    letGo()
  }

  function letGo(): void {
    drag.value = null
    cancelAnimationFrame(frame)
    window.removeEventListener('pointermove', pull)
    window.removeEventListener('pointerup', drop)
    window.removeEventListener('pointercancel', drop)
    window.removeEventListener('keydown', giveUp, true)
  }

  onBeforeUnmount(letGo)
  return { rows, held, said, press: (event, at) => void press(event, at), grab }
}

export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  if (from === to || from < 0 || from >= list.length) return [...list]
  const rest = list.filter((_, place) => place !== from)
  const at = Math.min(Math.max(to, 0), rest.length)
  return [...rest.slice(0, at), list[from]!, ...rest.slice(at)]
}

function scrollerOf(node: HTMLElement): Element {
  for (let one: HTMLElement | null = node; one; one = one.parentElement) {
    if (one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY)) return one
  }
  return document.scrollingElement ?? document.documentElement
}

/** Which rows of the wall are worth drawing. Rows are alike in height, so that ten thousand need no measuring. */
import { computed, onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

const LEAST_WIDTH = { narrow: 140, wide: 164 }
const GAP = { narrow: 14, wide: 20 }
const PHONE = 560
const SPARE_ROWS = 2

export function useWall(element: Ref<HTMLElement | null>, count: Ref<number>, captionHeight: number) {
  const width = ref(0)
  const above = ref(0)
  const seen = ref(typeof window === 'undefined' ? 0 : window.innerHeight)

  const kind = computed(() => (width.value < PHONE ? 'narrow' : 'wide'))
  const gap = computed(() => GAP[kind.value])
  const columns = computed(() => Math.max(2, Math.floor((width.value + gap.value) / (LEAST_WIDTH[kind.value] + gap.value))))
  const columnWidth = computed(() => (width.value - gap.value * (columns.value - 1)) / columns.value)
  const rowHeight = computed(() => Math.round(columnWidth.value * 1.5) + captionHeight + gap.value)
  const rows = computed(() => Math.ceil(count.value / columns.value))
  const height = computed(() => Math.max(0, rows.value * rowHeight.value - gap.value))
  const firstRow = computed(() => Math.max(0, Math.floor(above.value / rowHeight.value) - SPARE_ROWS))
  const lastRow = computed(() =>
    Math.min(rows.value - 1, Math.floor((above.value + seen.value) / rowHeight.value) + SPARE_ROWS),
  )
  const first = computed(() => firstRow.value * columns.value)
  const end = computed(() => Math.min(count.value, (lastRow.value + 1) * columns.value))
  const top = computed(() => firstRow.value * rowHeight.value)

  function look(): void {
    if (!element.value) return
    above.value = Math.max(0, -element.value.getBoundingClientRect().top)
    seen.value = window.innerHeight
  }

  /** Brings an item into view before it is given the focus. */
  function reveal(index: number): void {
    if (!element.value) return
    const rowTop = Math.floor(index / columns.value) * rowHeight.value
    const box = element.value.getBoundingClientRect()
    const y = box.top + rowTop
    const head = 96
    if (y < head) window.scrollBy({ top: y - head })
    else if (y + rowHeight.value > window.innerHeight - 72) window.scrollBy({ top: y + rowHeight.value - window.innerHeight + 72 })
    look()
  }

  let observer: ResizeObserver | undefined
  onMounted(() => {
    width.value = element.value?.clientWidth ?? 0
    observer = new ResizeObserver(([entry]) => {
      width.value = entry?.contentRect.width ?? 0
      look()
    })
    if (element.value) observer.observe(element.value)
    window.addEventListener('scroll', look, { passive: true })
    window.addEventListener('resize', look)
    look()
  })
  onBeforeUnmount(() => {
    observer?.disconnect()
    window.removeEventListener('scroll', look)
    window.removeEventListener('resize', look)
  })

  return { columns, gap, height, top, first, end, rowHeight, reveal }
}

/** The keys of the list: arrows walk, Shift takes along, Space chooses, Enter or F2 opens, Alt with arrows moves. */
import type { Ref } from 'vue'
import type { useChoosing } from './choosing'
import type { useDeeds } from './deeds'
import type { Row } from './listing'

interface Around {
  choosing: ReturnType<typeof useChoosing>
  deeds: ReturnType<typeof useDeeds>
  rows: Ref<readonly Row[]>
  movable: Ref<boolean>
  shut: Set<string>
  open: (id: string) => Promise<void>
  list: Ref<{ reveal: (id: string) => void; page: () => number } | null>
  search: () => void
  /** To the first field of what was opened. */
  write: () => void
}

export function useListKeys({ choosing, deeds, rows, movable, shut, open, list, search, write }: Around) {
  const here = () => rows.value.find((row) => row.id === choosing.at.value)

  function walk(by: number, event: KeyboardEvent): void {
    choosing.step(by, event.shiftKey)
    for (const id of choosing.chosen) if (id.startsWith('folder:')) choosing.chosen.delete(id)
    if (choosing.at.value) list.value?.reveal(choosing.at.value)
  }

  async function move(by: 1 | -1): Promise<void> {
    if (!movable.value) return
    await deeds.step(by)
    if (choosing.at.value) list.value?.reveal(choosing.at.value)
  }

  function enter(): void {
    const row = here()
    if (row?.kind === 'entry') void open(row.id).then(write)
    else if (row) fold(row.folder, !row.shut)
  }

  function fold(folder: string, to: boolean): void {
    if (to) shut.add(folder)
    else shut.delete(folder)
  }

  function sideways(to: boolean): void {
    const row = here()
    if (row?.kind === 'folder') fold(row.folder, to)
  }

  function space(): void {
    const row = here()
    if (row?.kind === 'entry') choosing.toggle(row.id)
    else if (row) fold(row.folder, !row.shut)
  }

  const KEYS: Record<string, (event: KeyboardEvent) => unknown> = {
    ArrowDown: (event) => (event.altKey ? move(1) : walk(1, event)),
    ArrowUp: (event) => (event.altKey ? move(-1) : walk(-1, event)),
    ArrowLeft: () => sideways(true),
    ArrowRight: () => sideways(false),
    PageDown: (event) => walk(list.value?.page() ?? 10, event),
    PageUp: (event) => walk(-(list.value?.page() ?? 10), event),
    Home: (event) => walk(-rows.value.length, event),
    End: (event) => walk(rows.value.length, event),
    Enter: enter,
    F2: enter,
    Backspace: () => deeds.remove(),
    ' ': space,
    Delete: () => deeds.remove(),
    '.': () => deeds.powerMeant(),
  }

  /** In the list itself. */
  function onList(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget) return
    const command = event.ctrlKey || event.metaKey
    if (command && event.key.toLowerCase() === 'a') {
      event.preventDefault()
      deeds.chooseAll()
    } else if (event.key === 'Escape' && choosing.chosen.size) {
      event.preventDefault()
      choosing.none()
    } else if (!command && KEYS[event.key]) {
      event.preventDefault()
      KEYS[event.key]!(event)
    }
  }

  /** Anywhere on the page, unless somebody is typing. */
  function onPage(event: KeyboardEvent): void {
    if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [role=dialog], [role=menu]')) return
    const command = event.ctrlKey || event.metaKey
    const key = event.key.toLowerCase()
    if (command && key === 'z') {
      event.preventDefault()
      void (event.shiftKey ? deeds.redo() : deeds.undo())
    } else if (command && key === 'y') {
      event.preventDefault()
      void deeds.redo()
    } else if (!command && !event.altKey && event.key === '/') {
      event.preventDefault()
      search()
    } else if (!command && !event.altKey && key === 'n') {
      event.preventDefault()
      void deeds.add()
    }
  }

  return { list: onList, page: onPage }
}

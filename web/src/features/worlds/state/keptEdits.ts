/** Edits of entries that the server does not have yet, kept on this device: a crash or a dead network loses nothing. */
import type { Entry } from './listing'

export interface KeptEdit {
  /** The entry as it was when the edit began. */
  base: Entry
  draft: Entry
  at: string
}

const prefix = (userId: string, worldId: string) => `tavern.entry-edit.${userId}.${worldId}.`

/** False where nothing can be kept: a private window, a full device. */
export function keepEdit(userId: string, worldId: string, edit: KeptEdit): boolean {
  try {
    localStorage.setItem(prefix(userId, worldId) + edit.base.id, JSON.stringify(edit))
    return true
  } catch {
    return false
  }
}

export function keptEdit(userId: string, worldId: string, id: string): KeptEdit | null {
  try {
    const kept = JSON.parse(localStorage.getItem(prefix(userId, worldId) + id) ?? 'null') as KeptEdit | null
    return typeof kept?.base?.revision === 'number' && kept.draft ? kept : null
  } catch {
    return null
  }
}

/** Ids of the entries of this world with an edit that waits. */
export function keptIds(userId: string, worldId: string): string[] {
  try {
    const start = prefix(userId, worldId)
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(start))
      .map((key) => key.slice(start.length))
  } catch {
    return []
  }
}

export function dropEdit(userId: string, worldId: string, id: string): void {
  try {
    localStorage.removeItem(prefix(userId, worldId) + id)
  } catch {
    // Nothing was kept then.
  }
}

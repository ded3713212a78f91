/** A card's unsaved draft, kept on this device until the server has it: a crash or a dead network loses nothing. */
import type { Draft } from './editing'

export interface KeptDraft {
  /** The revision of the character that it was written on. */
  revision: number
  at: string
  draft: Draft
}

const key = (userId: string, characterId: string) => `tavern.card-draft.${userId}.${characterId}`

/** False where nothing can be kept: a private window, a full device, a card of millions of characters. */
export function keepDraft(userId: string, characterId: string, kept: KeptDraft): boolean {
  try {
    localStorage.setItem(key(userId, characterId), JSON.stringify(kept))
    return true
  } catch {
    return false
  }
}

export function keptDraft(userId: string, characterId: string): KeptDraft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key(userId, characterId)) ?? 'null') as KeptDraft | null
    return typeof kept?.revision === 'number' && kept.draft?.data ? kept : null
  } catch {
    return null
  }
}

export function dropDraft(userId: string, characterId: string): void {
  try {
    localStorage.removeItem(key(userId, characterId))
  } catch {
    // Nothing was kept then.
  }
}

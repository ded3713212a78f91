/** What of a preset the server does not have yet, kept on this device: a dead network or a closed tab loses nothing. */
import type { PresetChange } from '@/api/schema'

export type Change = Omit<PresetChange, 'revision' | 'kind'>

export interface KeptChange {
  /** The revision it was made on. */
  revision: number
  change: Change
}

const key = (userId: string, presetId: string) => `tavern.preset-draft.${userId}.${presetId}`

export function keepChange(userId: string, presetId: string, kept: KeptChange): void {
  try {
    localStorage.setItem(key(userId, presetId), JSON.stringify(kept))
  } catch {
    // A private window or a full device: the server has it in a moment.
  }
}

export function keptChange(userId: string, presetId: string): KeptChange | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key(userId, presetId)) ?? 'null') as KeptChange | null
    return typeof kept?.revision === 'number' && kept.change ? kept : null
  } catch {
    return null
  }
}

export function dropChange(userId: string, presetId: string): void {
  try {
    localStorage.removeItem(key(userId, presetId))
  } catch {
    // Nothing was kept then.
  }
}

/** What the server does not have yet lies on this device: a crash, a closed tab or a dead network loses nothing. */

const BEFORE = 'tavern.unsaved.'

export function keptHere<T>(name: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(BEFORE + name) ?? 'null') as T | null
  } catch {
    return null
  }
}

export function keepHere(name: string, value: object): void {
  try {
    localStorage.setItem(BEFORE + name, JSON.stringify(value))
  } catch {
    // A private window or a full device still saves when the hand rests.
  }
}

export function dropHere(name: string): void {
  try {
    localStorage.removeItem(BEFORE + name)
  } catch {
    // Nothing was kept then.
  }
}

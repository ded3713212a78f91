/** Locks between the tabs of one browser. A tab that dies lets go of all of its own at once. */

/** Takes a lock if nobody has it; null if somebody does. What it gives back lets go of it. */
export type TryLock = (name: string) => Promise<(() => void) | null>

/** Web Locks, which only pages over HTTPS or of this machine have; null elsewhere. */
export function webLocks(): TryLock | null {
  const locks = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks
  if (!locks) return null
  return (name) =>
    new Promise((resolve, reject) => {
      const held = (lock: Lock | null): void | Promise<void> => {
        if (lock) return new Promise((letGo) => resolve(letGo))
        resolve(null)
      }
      locks.request(name, { ifAvailable: true }, held).catch(reject)
    })
}

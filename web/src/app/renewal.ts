/**
 * A page that is open while a new version is put in place asks for parts that are no longer there. It is fetched anew,
 * once, where it was going to; what was typed is kept on the device by those who hold it.
 */
import type { Router } from 'vue-router'

const KEY = 'tavern.renewed-at'
/** Within this time a second failure is not cured by a second try. */
const ONCE_MS = 60_000

export function renewWhenReplaced(router: Router): void {
  let heading: string | null = null
  router.beforeEach((to) => void (heading = to.fullPath))
  router.afterEach(() => void (heading = null))
  window.addEventListener('vite:preloadError', () => void renew(heading))
}

async function renew(heading: string | null): Promise<void> {
  if (Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) < ONCE_MS) return
  const there = await fetch('/index.html', { method: 'HEAD', cache: 'no-store' }).then(
    (answer) => answer.ok,
    () => false,
  )
  // Without a network the part is missing as well; then the page that is here is better than none.
  if (!there) return
  sessionStorage.setItem(KEY, String(Date.now()))
  if (heading) location.assign(heading)
  else location.reload()
}

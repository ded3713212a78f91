/** Whether an error, by where Vue says it happened, leaves the page undrawn. */

// In a build Vue gives a link that ends in a code instead of words: 0 setup, 1 render, 2 watcher getter, 14 scheduler,
// bm, m, bu, u the hooks around drawing (runtime-core/src/errorHandling.ts).
const CODES = new Set(['0', '1', '2', '14', 'bm', 'm', 'bu', 'u'])
const WORDS = /^(setup function|render function|watcher getter|scheduler flush|(before)?(mount|update)(ed|d)? hook|beforeMount hook|beforeUpdate hook)$/

export function breaksPage(info: string): boolean {
  const code = info.split('#runtime-')[1]
  return code === undefined ? WORDS.test(info) : CODES.has(code)
}

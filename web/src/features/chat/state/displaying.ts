/** What scripts for the display make of a text. Their order is that of the list; what is stored stays as it is. */
import type { RegexScript } from '@/api/schema'

export type DisplayScript = Pick<
  RegexScript,
  'find' | 'replace' | 'trim' | 'places' | 'macros' | 'depth_least' | 'depth_most'
>

export interface Showing {
  text: string
  place: 'user_input' | 'reply' | 'reasoning'
  /** How many messages from the end; 0 is the newest. */
  depth: number
  scripts: readonly DisplayScript[]
  /** What {{user}} and {{char}} stand for. Other macros stay as they are. */
  names: { user: string; char: string }
}

const TEXT_MOST = 1_000_000
const SLASHED = /^\/(.+)\/([dgimsuvy]*)$/s
const MATCH = /\{\{\s*match\s*\}\}/gi
const GROUP = /\$(?:(\d+)|<([^>]+)>)/g

export function displayed({ text, place, depth, scripts, names }: Showing): string {
  for (const script of scripts) {
    if (!script.places.includes(place) || !within(script, depth)) continue
    const pattern = compiled(script, names)
    if (!pattern) continue
    const changed = text.replace(pattern, (...found: unknown[]) => replacement(script, found, names))
    if (changed.length <= TEXT_MOST) text = changed
  }
  return text
}

export function within(script: Pick<DisplayScript, 'depth_least' | 'depth_most'>, depth: number): boolean {
  const { depth_least: least, depth_most: most } = script
  return (least === null || least < -1 || depth >= least) && (most === null || most < 0 || depth <= most)
}

function compiled(script: DisplayScript, names: Showing['names']): RegExp | null {
  const find = script.macros === 'none' ? script.find : named(script.find, names, script.macros === 'escaped')
  const slashed = SLASHED.exec(find)
  try {
    return slashed ? new RegExp(slashed[1]!, slashed[2]) : new RegExp(find)
  } catch {
    return null
  }
}

function replacement(script: DisplayScript, found: unknown[], names: Showing['names']): string {
  const last = found.at(-1)
  const groups = typeof last === 'object' && last !== null ? (last as Record<string, string | undefined>) : {}
  const count = found.findIndex((one) => typeof one === 'number')
  const filled = script.replace.replace(MATCH, '$0').replace(GROUP, (_, number?: string, name?: string) => {
    const value = name !== undefined ? groups[name] : Number(number) < count ? (found[Number(number)] as string | undefined) : ''
    return script.trim.reduce((left, trim) => (trim ? left.replaceAll(named(trim, names), '') : left), value ?? '')
  })
  return named(filled, names)
}

function named(text: string, names: Showing['names'], escaped = false): string {
  return text.replace(/\{\{(user|char)\}\}/gi, (_, which: string) => {
    const name = which.toLowerCase() === 'user' ? names.user : names.char
    return escaped ? name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&') : name
  })
}

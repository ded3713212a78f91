/** What a prompt's manifest says, in a reader's words: kinds of sources, their share, titles and reasons. */
import type { Block, Explanation, LeftOut, PromptMessage } from '@/api/schema'

export const KINDS = ['preset', 'card', 'persona', 'worlds', 'note', 'examples', 'history', 'action'] as const
export type Kind = (typeof KINDS)[number]

type Translate = (key: string, values?: Record<string, unknown>) => string

const OF_SOURCE: Record<string, Kind> = {
  description: 'card',
  personality: 'card',
  scenario: 'card',
  card_note: 'card',
  card: 'card',
  persona: 'persona',
  world: 'worlds',
  world_before: 'worlds',
  world_after: 'worlds',
  note: 'note',
  inject: 'action',
  example: 'examples',
  example_mark: 'examples',
  history: 'history',
  continue: 'history',
  picture: 'history',
  story_mark: 'history',
  impersonate: 'action',
  quiet: 'action',
  continue_nudge: 'action',
  group_nudge: 'action',
  send_if_empty: 'action',
  bias: 'action',
}

/** Prompts of a preset by the names its file gives them, and what the manifest calls their texts. */
const OF_PART: Record<string, string> = {
  worldInfoBefore: 'world_before',
  worldInfoAfter: 'world_after',
  charDescription: 'description',
  charPersonality: 'personality',
  personaDescription: 'persona',
  dialogueExamples: 'example',
  chatHistory: 'history',
  jailbreak: 'post_history',
  nsfw: 'auxiliary',
  enhanceDefinitions: 'enhance',
}

const MARKERS = new Set(Object.keys(OF_PART).filter((id) => !['jailbreak', 'nsfw', 'enhanceDefinitions'].includes(id)).concat('scenario'))

const NAMED = new Set([
  'main', 'post_history', 'auxiliary', 'enhance', 'description', 'personality', 'scenario', 'persona', 'world_before',
  'world_after', 'note', 'card_note', 'example_mark', 'story_mark', 'impersonate', 'quiet', 'continue_nudge', 'group_nudge',
  'send_if_empty', 'bias', 'story', 'picture',
])

export interface Share {
  kind: Kind
  tokens: number
}

export function kindOf(source: string): Kind {
  return OF_SOURCE[source.split(':')[0]!] ?? 'preset'
}

/** Tokens by kind, in the order they are shown; kinds without any are left out. */
export function sharesOf(blocks: readonly Block[]): Share[] {
  const sums = new Map<Kind, number>()
  for (const block of blocks) sums.set(kindOf(block.source), (sums.get(kindOf(block.source)) ?? 0) + block.tokens)
  return KINDS.filter((kind) => (sums.get(kind) ?? 0) > 0).map((kind) => ({ kind, tokens: sums.get(kind)! }))
}

/** What a stretch of a prompt, or something left out, is called. */
export function titleOf(one: { source: string; title: string }, t: Translate): string {
  const [kind = '', ...rest] = one.source.split(':')
  const id = rest.join(':')
  if (kind === 'world') return one.title || t('chat.why.source.entry', { uid: rest.at(-1) })
  if (kind === 'history' || kind === 'continue') return id ? one.title || t('chat.why.source.message') : t('chat.why.kind.history')
  if (kind === 'example') return id ? t('chat.why.source.example', { number: Number(id) + 1 }) : t('chat.why.kind.examples')
  if (kind === 'inject') return t('chat.why.source.inject', { id })
  if (kind === 'card') return t('chat.why.source.of_card', { name: t(`chat.why.source.${NAMED.has(id) ? id : 'main'}`) })
  const plain = kind === 'part' ? (OF_PART[id] ?? id) : kind
  // What only marks a place bears a name in the reader's language, whatever its file calls it.
  if (kind === 'part' && one.title && one.title !== id && !MARKERS.has(id)) return one.title
  if (plain === 'example') return t('chat.why.kind.examples')
  if (plain === 'history') return t('chat.why.kind.history')
  return NAMED.has(plain) ? t(`chat.why.source.${plain}`) : one.title || plain
}

/** The world an entry is of; "" for all else. */
export function worldOf(source: string): string {
  const parts = source.split(':')
  return parts[0] === 'world' && parts.length > 2 ? parts.slice(1, -1).join(':') : ''
}

const WHY_IN = new Set(['order', 'history', 'example', 'card', 'persona', 'note', 'inject', 'action', 'constant', 'key', 'sticky', 'decorator'])
const WHY_OUT = new Set([
  'budget', 'switched_off', 'trigger', 'empty', 'place', 'replaced', 'kept', 'interval', 'note', 'outlet', 'no_key', 'no_keys',
  'secondary', 'disabled', 'character', 'tag', 'delay', 'cooldown', 'recursion_only', 'not_by_recursion', 'suppressed', 'group',
  'group_score', 'chance',
])

export function whyIn(block: Block, t: Translate): string {
  return WHY_IN.has(block.reason) ? t(`chat.why.in.${block.reason}`, { detail: block.detail }) : block.reason
}

export function whyOut(one: LeftOut, t: Translate): string {
  if (!WHY_OUT.has(one.reason)) return one.reason
  if (one.reason === 'budget') {
    // The server tells of a world's budget how far an entry was above it.
    const numbers = one.detail.match(/[\d,]+/g)
    if (one.source.startsWith('world:') && numbers?.length === 2) return t('chat.why.out.world_budget', { needed: numbers[0], most: numbers[1] })
    if (one.source.startsWith('world:') && one.detail) return t('chat.why.out.world_full')
  }
  if (one.reason === 'secondary') return t(`chat.why.out.secondary_${one.detail.includes('not') || one.detail.includes('exclude') ? 'not' : 'and'}`)
  if (one.reason === 'delay' || one.reason === 'cooldown' || one.reason === 'recursion_only')
    return t(`chat.why.out.${one.reason}`, { detail: one.detail.match(/\d+/)?.[0] ?? one.detail })
  return t(`chat.why.out.${one.reason}`, { detail: one.detail })
}

/** The text of a block. The server counts characters, JavaScript halves of pairs. */
export class Texts {
  private readonly letters = new Map<number, string | string[]>()

  constructor(private readonly messages: readonly PromptMessage[]) {}

  of(block: Block): string {
    const letters = this.lettersOf(block.place)
    const cut = letters.slice(block.start, block.start + block.length)
    return typeof cut === 'string' ? cut : cut.join('')
  }

  private lettersOf(place: number): string | string[] {
    let found = this.letters.get(place)
    if (found === undefined) {
      const text = this.messages[place]?.content ?? ''
      found = /[\ud800-\udfff]/.test(text) ? Array.from(text) : text
      this.letters.set(place, found)
    }
    return found
  }
}

const LATE: Record<string, number> = { disabled: 1, no_key: 1, no_keys: 1, empty: 2 }

/** What is out, the telling ones first; then who only was not spoken of, and last what has nothing to say. */
export function inOrder(left: readonly LeftOut[]): LeftOut[] {
  return [...left].sort((one, other) => (LATE[one.reason] ?? 0) - (LATE[other.reason] ?? 0))
}

export function roomLeft({ manifest }: Explanation): number {
  return Math.max(0, manifest.budget - manifest.tokens)
}

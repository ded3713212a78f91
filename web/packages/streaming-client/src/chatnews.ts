/**
 * News of chats without a socket: asks for a chat's revision and what runs in it, often after something happened, then
 * ever more seldom. So a reply that another device started is found, and its edits are.
 */

import type { Clock } from './clock'
import type { GenerationFacts } from './frames'
import { Loops, pause, within } from './loops'

export interface ChatState {
  revision: number
  /** What runs or waits in it. */
  generations: GenerationFacts[]
}

export interface ChatRequests {
  fetchChat: (chatId: string, signal: AbortSignal) => Promise<ChatState>
}

export interface ChatNewsEvents {
  onChat(chatId: string, state: ChatState): void
  /** A request was answered, or was not. */
  onAnswer(came: boolean): void
}

export const NEWS_LEAST_MS = 2_000
export const NEWS_MOST_MS = 15_000
const NEWS_GROWTH = 1.5
const ANSWER_MOST_MS = 10_000

export class ChatNews {
  private readonly loops = new Loops((id, signal) => this.ask(id, signal))

  constructor(
    private readonly requests: ChatRequests,
    private readonly clock: Clock,
    private readonly events: ChatNewsEvents,
  ) {}

  /** Asks for exactly these chats. */
  keep(chatIds: readonly string[]): void {
    this.loops.keep(chatIds)
  }

  private async ask(chatId: string, signal: AbortSignal): Promise<void> {
    let wait = NEWS_LEAST_MS
    let known = ''
    while (!signal.aborted) {
      try {
        const state = await within(this.clock, ANSWER_MOST_MS, signal, (own) => this.requests.fetchChat(chatId, own))
        if (signal.aborted) return
        const said = `${state.revision} ${state.generations.map((one) => one.generation_id).join(' ')}`
        wait = said === known ? Math.min(NEWS_MOST_MS, wait * NEWS_GROWTH) : NEWS_LEAST_MS
        known = said
        this.events.onAnswer(true)
        this.events.onChat(chatId, state)
      } catch {
        if (signal.aborted) return
        this.events.onAnswer(false)
        // What could not be read now is read the next time.
        wait = Math.min(NEWS_MOST_MS, wait * NEWS_GROWTH)
      }
      await pause(this.clock, wait, signal)
    }
  }
}

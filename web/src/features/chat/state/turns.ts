/** Setting turns going, and stopping them. What the user says goes through the outbox: it is sent once, whatever happens. */
import { randomKey, type Delivery, type UnsentTurn } from '@tavern/streaming-client'
import { AppProblem } from '@/api/http'
import type { NewTurn, TurnStarted } from '@/api/schema'
import { turnsApi } from '@/api/turns'
import { liveConnection } from './live'
import { outbox } from './outbox'
import type { Story } from './story'

const RETRY_MS = [400, 1500]
const RESEND_FIRST_MS = 3_000
const RESEND_MOST_MS = 60_000
const CLAIM_SLACK_MS = 50

export interface TurnTrouble {
  /** The server will not take it: the words go back to the composer. */
  onRefused: (text: string, problem: AppProblem) => void
}

export class Turns {
  private resendTimer: ReturnType<typeof setTimeout> | undefined
  private resendWait = RESEND_FIRST_MS
  private closed = false

  constructor(
    private readonly story: Story,
    private readonly trouble: TurnTrouble,
  ) {}

  /** Says something. Resolves when it is written down on this device. */
  async say(text: string): Promise<void> {
    const { chatId } = this.story
    const body: NewTurn = { kind: 'reply', text, branch_id: this.story.branch.value?.id ?? null }
    const box = await outbox()
    const turn: UnsentTurn<NewTurn> = (await box?.add(chatId, body)) ?? unkept(chatId, body)
    this.story.unsent.value = [...this.story.unsent.value, turn]
    const deliver = (one: UnsentTurn<NewTurn>) => this.deliver(one)
    if (box) void box.deliver(turn, deliver).then((outcome) => outcome === 'later' && this.resendLater())
    else void this.insist(turn)
  }

  close(): void {
    this.closed = true
    clearTimeout(this.resendTimer)
  }

  /** Shows and sends what an earlier visit, or a lost network, left behind. */
  async resend(): Promise<void> {
    clearTimeout(this.resendTimer)
    const box = await outbox()
    if (!box || this.closed) return
    this.story.unsent.value = await box.unsent(this.story.chatId)
    if (this.story.unsent.value.length === 0) this.resendWait = RESEND_FIRST_MS
    await box.flush((turn) => this.deliver(turn))
    this.story.unsent.value = await box.unsent(this.story.chatId)
    if (this.story.unsent.value.length > 0) this.resendLater()
  }

  /** The network may be there and the server not, or a tab that died may still hold the turn: it is tried again. */
  private resendLater(): void {
    if (this.closed) return
    clearTimeout(this.resendTimer)
    const freed = Math.min(...this.story.unsent.value.map((one) => one.claimedUntil)) - Date.now() + CLAIM_SLACK_MS
    this.resendTimer = setTimeout(() => void this.resend(), freed > 0 ? Math.min(freed, this.resendWait) : this.resendWait)
    this.resendWait = Math.min(this.resendWait * 2, RESEND_MOST_MS)
  }

  /** Takes back what was not sent yet. */
  async takeBack(key: string): Promise<void> {
    await (await outbox())?.drop(key)
    this.forget(key)
  }

  /** A turn without words of the user. Raises AppProblem. */
  async ask(body: Omit<NewTurn, 'branch_id'>): Promise<void> {
    const whole = { ...body, branch_id: this.story.branch.value?.id ?? null }
    const key = randomKey()
    for (const wait of [...RETRY_MS, null]) {
      try {
        this.took(await turnsApi.start(this.story.chatId, whole, key))
        return
      } catch (problem) {
        if (wait === null || !(problem instanceof AppProblem) || !problem.passing) {
          this.meet(problem)
          throw problem
        }
        await new Promise((resolve) => setTimeout(resolve, wait))
      }
    }
  }

  async stop(): Promise<void> {
    const reply = this.story.running.value ?? this.story.pausing.value
    if (!reply || reply.state.phase === 'stopping') return
    const before = reply.state.phase
    reply.state.phase = 'stopping'
    if (liveConnection().stop(reply.turnId)) return
    try {
      await turnsApi.stop(reply.turnId)
    } catch (problem) {
      if (reply.state.phase === 'stopping') reply.state.phase = before
      throw problem
    }
  }

  private async deliver(turn: UnsentTurn<NewTurn>): Promise<Delivery> {
    try {
      const started = await turnsApi.start(turn.chatId, turn.body, turn.key)
      if (turn.chatId === this.story.chatId) {
        this.forget(turn.key)
        this.took(started)
      }
      return 'sent'
    } catch (problem) {
      if (!(problem instanceof AppProblem) || problem.passing || problem.status === 401) return 'later'
      if (turn.chatId === this.story.chatId) {
        this.forget(turn.key)
        this.meet(problem)
        this.trouble.onRefused(turn.body.text ?? '', problem)
      }
      return 'refused'
    }
  }

  /** Without a database to keep it, the page itself tries until it is sent. */
  private async insist(turn: UnsentTurn<NewTurn>): Promise<void> {
    for (let wait = 1000; !this.closed && (await this.deliver(turn)) === 'later'; wait = Math.min(wait * 2, 30_000))
      await new Promise((resolve) => setTimeout(resolve, wait))
  }

  private took({ message, generations, turn }: TurnStarted): void {
    if (turn.branch_id !== this.story.branch.value?.id) return
    if (message) this.story.put(message)
    for (const generation of generations) this.story.expect(generation)
  }

  /** A reply is running already: shows it, another device may have started it. */
  private meet(problem: unknown): void {
    // Whoever was to answer may have been deleted on another page.
    if (problem instanceof AppProblem && problem.code === 'not_found') void this.story.loadPartner()
    if (!(problem instanceof AppProblem) || problem.code !== 'reply_in_progress') return
    const id = problem.details.generation_id
    if (typeof id === 'string') void turnsApi.generation(id).then((one) => one.status !== 'done' && this.story.expect(one), () => {})
  }

  private forget(key: string): void {
    this.story.unsent.value = this.story.unsent.value.filter((one) => one.key !== key)
  }
}

function unkept(chatId: string, body: NewTurn): UnsentTurn<NewTurn> {
  return { key: randomKey(), chatId, body, createdAt: Date.now(), claimedUntil: 0, attempts: 0 }
}

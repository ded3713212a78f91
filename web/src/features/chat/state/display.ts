/**
 * Texts as scripts show them. The patterns are strangers': they run in a worker, and one that takes too long is stopped with
 * it. Its text is then shown as it is stored, and after three such texts the chat is shown without scripts.
 */
import { computed, inject, onScopeDispose, readonly, ref, shallowRef, watch, type InjectionKey, type Ref } from 'vue'
import { scriptsApi } from '@/api/scripts'
import type { Message, RegexScript, ScriptsOf } from '@/api/schema'
import { useSession } from '@/state/session'
import { withoutBeginning } from './beginning'
import type { Showing } from './displaying'
import type { Cast } from './speaker'

export const TIME_MS = 400
const STOPS_MOST = 3
const KEPT_MOST = 500

export const DISPLAY: InjectionKey<Display> = Symbol('display')

export class Display {
  readonly asks: Ref<readonly ScriptsOf[]> = shallowRef([])
  /** Whether scripts took too long and the chat is shown without them. */
  readonly slow = ref(false)
  /** How many messages from the end one stands; set by who knows the messages. */
  depthOf: (messageId: string) => number = () => 0
  private readonly scripts = shallowRef<readonly RegexScript[]>([])
  private readonly shown = new Map<string, string>()
  private worker: Worker | null = null
  private queue: { what: Omit<Showing, 'scripts'>; done: (text: string) => void }[] = []
  private running = false
  private stops = 0
  /** Whether it matters to any script how far from the end a message is. */
  private deep = false

  constructor(
    private readonly chatId: string,
    private readonly open: () => Worker = () => new Worker(new URL('./display.worker.ts', import.meta.url), { type: 'module' }),
    private readonly timeMs = TIME_MS,
  ) {}

  /** Which scripts there are. Without an answer the chat is shown as it is stored. */
  async load(): Promise<void> {
    const { display, asks } = await scriptsApi.inChat(this.chatId)
    this.asks.value = asks
    this.use(display)
  }

  use(scripts: readonly RegexScript[]): void {
    this.shown.clear()
    this.stops = 0
    this.slow.value = false
    this.scripts.value = scripts
    this.deep = scripts.some((one) => one.depth_least !== null || one.depth_most !== null)
  }

  async answer(of: ScriptsOf, allowed: boolean): Promise<void> {
    await scriptsApi.answer(of, allowed)
    await this.load()
  }

  get active(): boolean {
    return this.scripts.value.length > 0 && !this.slow.value
  }

  /** What was made of it already; undefined when it has yet to be made. */
  known(what: Omit<Showing, 'scripts'>): string | undefined {
    return this.active ? this.shown.get(this.keyOf(what)) : what.text
  }

  async show(what: Omit<Showing, 'scripts'>): Promise<string> {
    const known = this.known(what)
    if (known !== undefined || !what.text) return known ?? what.text
    const text = await new Promise<string>((done) => {
      this.queue.push({ what, done })
      void this.run()
    })
    this.shown.set(this.keyOf(what), text)
    if (this.shown.size > KEPT_MOST) this.shown.delete(this.shown.keys().next().value!)
    return text
  }

  close(): void {
    this.worker?.terminate()
    this.worker = null
    for (const { what, done } of this.queue.splice(0)) done(what.text)
  }

  private keyOf({ place, depth, names, text }: Omit<Showing, 'scripts'>): string {
    return `${place}\n${this.deep ? depth : ''}\n${names.user}\n${names.char}\n${text}`
  }

  private async run(): Promise<void> {
    if (this.running) return
    this.running = true
    for (let next = this.queue.shift(); next; next = this.queue.shift()) next.done(this.active ? await this.one(next.what) : next.what.text)
    this.running = false
  }

  private one(what: Omit<Showing, 'scripts'>): Promise<string> {
    return new Promise((resolve) => {
      const worker = (this.worker ??= this.open())
      const stop = () => {
        worker.terminate()
        this.worker = null
        this.stops += 1
        if (this.stops >= STOPS_MOST) this.slow.value = true
        resolve(what.text)
      }
      const timer = setTimeout(stop, this.timeMs)
      worker.onerror = () => {
        clearTimeout(timer)
        stop()
      }
      worker.onmessage = (event: MessageEvent<{ text: string }>) => {
        clearTimeout(timer)
        resolve(event.data.text)
      }
      worker.postMessage({ ...what, scripts: JSON.parse(JSON.stringify(this.scripts.value)) as RegexScript[] })
    })
  }
}

/** A text as it is to be shown; the stored text until that is known. */
export function useShown(what: () => Omit<Showing, 'scripts'>): Readonly<Ref<string>> {
  const display = inject(DISPLAY, null)
  const text = ref(what().text)
  if (!display) {
    watch(what, (now) => (text.value = now.text))
    return readonly(text)
  }
  let last = 0
  let stored = ''
  const stop = watch(
    [what, () => display.active, display.asks],
    async ([now]) => {
      const mine = ++last
      const known = display.known(now)
      // What is shown stays until there is something else to show for the same text.
      if (known !== undefined || now.text !== stored) text.value = known ?? now.text
      stored = now.text
      if (known === undefined) {
        const made = await display.show(now)
        if (mine === last) text.value = made
      }
    },
    { immediate: true },
  )
  onScopeDispose(stop)
  return readonly(text)
}


/** The text of a turn as it is to be shown. */
export function useShownTurn(message: Readonly<Ref<Message | null>>, cast: Cast): Readonly<Ref<string>> {
  const display = inject(DISPLAY, null)
  const session = useSession()
  const beginning = computed(() => ({ words: session.choices?.start_reply_with ?? '', shown: session.choices?.show_reply_start ?? true }))
  const text = computed(() => {
    const whole = message.value?.text ?? ''
    if (message.value?.role !== 'assistant' || beginning.value.shown) return whole
    return withoutBeginning(whole, beginning.value, { user: cast.user.value.name, char: message.value.name })
  })
  return useShown(() => ({
    text: text.value,
    place: message.value?.role === 'user' ? 'user_input' : 'reply',
    depth: display?.active && message.value ? display.depthOf(message.value.id) : 0,
    names: display?.active ? { user: cast.user.value.name, char: cast.character.value.name } : { user: '', char: '' },
  }))
}

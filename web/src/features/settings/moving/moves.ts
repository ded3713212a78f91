/** Moves: what is on its way here, and what became of it. Lives as long as the page, so that one may look elsewhere. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { movesApi } from '@/api/moves'
import type { Move, MoveKind, MoveLook } from '@/api/schema'
import { listArchive } from './directory'
import { pack, type FoundFile } from './packing'
import { send } from './sending'

const POLL_MS = [700, 1000, 1500, 2000]
const OFF_AT_FIRST: MoveKind[] = ['secrets']
const LOOKED_MOST = 60_000
const PATH_MOST = 1_000

export interface Choice {
  name: string
  /** The files themselves; null when an archive was chosen. */
  files: FoundFile[] | null
  archive: File | null
  look: MoveLook
}

export const useMoves = defineStore('moves', () => {
  const moves = shallowRef<Move[] | null>(null)
  const choice = shallowRef<Choice | null>(null)
  const wanted = ref<Partial<Record<MoveKind, boolean>>>({})
  const step = ref<'idle' | 'looking' | 'packing' | 'sending'>('idle')
  const share = ref<number | null>(null)
  const problem = shallowRef<unknown>(null)
  /** The move that is being sent: it stands where it was chosen, not in the list. */
  const sending = ref<string | null>(null)
  const listed = computed(() => moves.value?.filter(({ id }) => id !== sending.value) ?? null)
  const busy = computed(() => step.value === 'packing' || step.value === 'sending')
  let polling = 0
  let stopper = new AbortController()

  async function load(): Promise<void> {
    moves.value = await movesApi.list()
    follow()
  }

  /** Looks at what was chosen: a single zip as it is, everything else packed later. */
  async function choose(files: FoundFile[]): Promise<void> {
    if (!files.length) return
    problem.value = null
    step.value = 'looking'
    try {
      const archive = files.length === 1 && /\.zip$/i.test(files[0]!.file.name) ? files[0]!.file : null
      const listed = archive ? await listArchive(archive) : files.map(({ path, file }) => ({ path, size: file.size }))
      const look = await movesApi.look({ files: lookable(listed) })
      const first = files[0]!.path.split('/')
      const name = archive?.name ?? (first.length > 1 ? first[0]! : files.length === 1 ? files[0]!.file.name : '')
      choice.value = { name: name || `${files.length}`, files: archive ? null : files, archive, look }
      wanted.value = Object.fromEntries(look.kinds.map(({ kind }) => [kind, !OFF_AT_FIRST.includes(kind)]))
    } catch (error) {
      problem.value = error
    } finally {
      step.value = 'idle'
    }
  }

  function forget(): void {
    stopper.abort()
    choice.value = null
    problem.value = null
    step.value = 'idle'
  }

  /** Sends what is wanted, and goes on with an upload of the same that broke off. */
  async function start(): Promise<void> {
    const chosen = choice.value
    if (!chosen) return
    problem.value = null
    stopper = new AbortController()
    const { signal } = stopper
    try {
      const archive = chosen.archive ?? (await packed(chosen, signal))
      step.value = 'sending'
      share.value = 0
      const kinds = chosen.look.kinds.map(({ kind }) => kind).filter((kind) => wanted.value[kind])
      const move = same(chosen.name, archive.size, kinds) ?? (await movesApi.start({ name: chosen.name, size: archive.size, kinds }))
      sending.value = move.id
      put(move)
      await send(move.id, archive, (now) => (share.value = now), signal)
      put(await movesApi.begin(move.id))
      choice.value = null
      follow()
    } catch (error) {
      if (!signal.aborted) problem.value = error
    } finally {
      step.value = 'idle'
      sending.value = null
    }
  }

  async function packed(chosen: Choice, signal: AbortSignal): Promise<Blob> {
    step.value = 'packing'
    share.value = 0
    const { look } = chosen
    const files = chosen.files!.filter((_, place) => {
      // What was not looked at goes along: the server looks at everything it gets.
      if (place >= look.files.length) return true
      const kind = look.kinds[look.files[place] ?? -1]?.kind
      // What stands in the settings is wanted as soon as one of its kinds is.
      return kind !== undefined && (wanted.value[kind] || (kind === 'preferences' && (wanted.value.tags || wanted.value.scripts || wanted.value.personas)))
    })
    const total = files.reduce((sum, { file }) => sum + file.size, 0)
    return pack(files, (bytes) => (share.value = total ? bytes / total : null), signal)
  }

  function same(name: string, size: number, kinds: MoveKind[]): Move | undefined {
    const key = [...kinds].sort().join()
    return moves.value?.find(
      (move) => move.status === 'uploading' && move.name === name && move.size === size && [...move.kinds].sort().join() === key,
    )
  }

  async function begin(move: Move): Promise<void> {
    put(await movesApi.begin(move.id))
    follow()
  }

  async function stop(move: Move): Promise<void> {
    put(await movesApi.stop(move.id))
  }

  async function take(move: Move, positions: number[]): Promise<void> {
    put(await movesApi.take(move.id, positions))
    follow()
  }

  function drop(move: Move): void {
    moves.value = moves.value?.filter((one) => one.id !== move.id) ?? null
  }

  function put(move: Move): void {
    const others = moves.value?.filter((one) => one.id !== move.id) ?? []
    moves.value = [move, ...others].sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
  }

  /** Asks after running moves until none runs. */
  function follow(): void {
    polling += 1
    const mine = polling
    const again = async (round: number): Promise<void> => {
      const running = moves.value?.filter((move) => move.status === 'running') ?? []
      if (!running.length || mine !== polling) return
      await new Promise((resolve) => setTimeout(resolve, POLL_MS[Math.min(round, POLL_MS.length - 1)]))
      if (mine !== polling) return
      for (const move of running) {
        try {
          put(await movesApi.get(move.id))
        } catch {
          // The next round asks again; a page without a network says so by itself.
        }
      }
      await again(round + 1)
    }
    void again(0)
  }

  function rest(): void {
    polling += 1
  }

  return { moves, listed, choice, wanted, step, share, problem, busy, load, choose, forget, start, begin, stop, take, drop, put, rest }
})

/** The answer names files by their places: one that cannot be asked about keeps its place without its name. */
export function lookable(listed: readonly { path: string; size: number }[]): { path: string; size: number }[] {
  return listed.slice(0, LOOKED_MOST).map(({ path, size }) => ({ path: path.length <= PATH_MOST ? path : '', size }))
}

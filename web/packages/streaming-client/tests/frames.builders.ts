/** Frames with everything that does not matter filled in. */
import { sha256 } from '../src/digest'
import type { EndFrame, GenerationFacts, GenerationState, PieceFrame, SnapshotFrame, StartFrame } from '../src/frames'

export function facts(changes: Partial<GenerationFacts> = {}): GenerationFacts {
  return {
    generation_id: 'gen1',
    turn_id: 'turn1',
    epoch: 1,
    chat_id: 'chat1',
    branch_id: 'main',
    message_id: 's.1',
    kind: 'reply',
    character_id: 'char1',
    ...changes,
  }
}

export function start(changes: Partial<StartFrame> = {}): StartFrame {
  return { ...facts(), type: 'start', g: 'a', place: null, ...changes }
}

export function piece(from: number, to: number, x: string, changes: Partial<PieceFrame> = {}): PieceFrame {
  return { type: 'd', g: 'a', n: [from, to], x, r: '', ...changes }
}

export function snapshot(upto: number, text: string, changes: Partial<SnapshotFrame> = {}): SnapshotFrame {
  return {
    ...facts(),
    type: 'snapshot',
    g: 'a',
    status: 'running',
    upto,
    part: 1,
    parts: 1,
    text,
    reasoning: '',
    ...changes,
  }
}

export function state(changes: Partial<GenerationState> = {}): GenerationState {
  const { generation_id, ...rest } = facts()
  return {
    ...rest,
    id: generation_id,
    status: 'running',
    seq: 0,
    text: '',
    reasoning: '',
    finish_reason: null,
    error_code: null,
    error_message: null,
    usage: null,
    ...changes,
  }
}

export function end(seq: number, text: string, changes: Partial<EndFrame> = {}): EndFrame {
  return {
    type: 'end',
    generation_id: 'gen1',
    turn_id: 'turn1',
    chat_id: 'chat1',
    epoch: 1,
    seq,
    finish_reason: 'stop',
    error: null,
    message_id: 's.1',
    revision: 2,
    length: [...text].length,
    sha256: sha256(text),
    changed: false,
    usage: null,
    chat_revision: 3,
    next: null,
    ...changes,
  }
}

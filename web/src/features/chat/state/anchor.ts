/**
 * Where a reader is in a growing story, and what follows from it. Pure: offsets in, decisions out.
 *
 * Who is at the end stays at the end while text comes; who has scrolled up is never dragged down, but told of new text.
 * Older pages are asked for before the reader gets to the top.
 */

/** So near to the end counts as being there. */
const END_SLACK_PX = 48
/** Older pages are asked for this many heights of the window before the top. */
const AHEAD = 4

export interface Place {
  offset: number
  height: number
  total: number
}

export class Anchor {
  /** The reader follows the end. */
  following = true
  /** Text came while the reader was elsewhere. */
  newText = false
  private letGo = false
  private lastOffset = 0
  private lastTotal = 0

  /** The place after a scroll. `byReader`: wheel, keys, touch or scrollbar, not a growing text. */
  moved(place: Place, byReader: boolean): void {
    const atEnd = this.isAtEnd(place)
    // A text that shrinks or grows moves the offset by itself; only a reader's upward move lets go of the end.
    if (atEnd && !this.letGo) this.following = true
    else if (byReader && place.offset < this.lastOffset && place.total >= this.lastTotal) this.following = false
    if (this.following) this.newText = false
    this.lastOffset = place.offset
    this.lastTotal = place.total
  }

  /** The reader begins to move up: known before the offset changes, which a growing text would change back. */
  release(): void {
    this.following = false
    this.letGo = true
  }

  /**
   * The reader begins to move down, and may come back to the end. Said by the reader's hand alone, never by a place: the
   * page and its list scroll, too, when a text has grown, and that may be told of after the reader has let go.
   */
  headsDown(): void {
    this.letGo = false
  }

  /** Text came. True: scroll to the end. */
  grew(): boolean {
    if (!this.following) this.newText = true
    return this.following
  }

  /** The reader asked to go to the end, or sent something. */
  toEnd(): void {
    this.following = true
    this.letGo = this.newText = false
  }

  wantsOlder(place: Place): boolean {
    return place.offset < place.height * AHEAD
  }

  private isAtEnd({ offset, height, total }: Place): boolean {
    return total - height - offset <= END_SLACK_PX
  }
}

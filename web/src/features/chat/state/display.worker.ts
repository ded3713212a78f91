/** Runs display scripts away from the page. Patterns are strangers': whoever asks stops this worker when it takes too long. */
import { displayed, type Showing } from './displaying'

addEventListener('message', (event: MessageEvent<Showing & { id: number }>) => {
  postMessage({ id: event.data.id, text: displayed(event.data) })
})

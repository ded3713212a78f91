/** A file let go beside its place would be opened by the browser, and with it the page would be gone. */
export function guardDrops(): void {
  for (const kind of ['dragover', 'drop'] as const) window.addEventListener(kind, refuse)
}

function refuse(event: DragEvent): void {
  // Whoever takes files has said so already, or says so after this.
  if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return
  event.preventDefault()
  event.dataTransfer.dropEffect = 'none'
}

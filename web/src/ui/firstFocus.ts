/** Where the focus goes when a dialog opens: what asks for it, else the first field, else the dialog itself. */
export function focusFirstField(event: Event): void {
  const dialog = event.target as HTMLElement
  // On touch screens a focused field would raise the keyboard over what was just opened.
  const touch = window.matchMedia('(pointer: coarse)').matches
  const field = touch
    ? null
    : (dialog.querySelector<HTMLElement>('[autofocus]') ??
      dialog.querySelector<HTMLElement>('.dialog-body :is(input, textarea, select):not([tabindex="-1"])'))
  // Never the first of its buttons: who was typing would choose it with the next space.
  event.preventDefault()
  ;(field ?? dialog).focus()
}

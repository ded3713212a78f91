/** Where the focus goes when a dialog opens: what asks for it, else the first field, else the dialog's own choice. */
export function focusFirstField(event: Event): void {
  // On touch screens a focused field would raise the keyboard over what was just opened.
  if (window.matchMedia('(pointer: coarse)').matches) return
  const dialog = event.target as HTMLElement
  const field =
    dialog.querySelector<HTMLElement>('[autofocus]') ??
    dialog.querySelector<HTMLElement>('.dialog-body :is(input, textarea, select):not([tabindex="-1"])')
  if (!field) return
  event.preventDefault()
  field.focus()
}

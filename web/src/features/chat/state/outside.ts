/**
 * Pictures of other hosts are held back twice: by the sanitizer, and by the page's Content-Security-Policy. The policy
 * comes with the page and cannot be loosened later, so a reader who allowed a character's pictures gets the page anew,
 * once, with `?outside=1`. Drafts are kept on the device and replies go on meanwhile.
 */
import { onBeforeUnmount, onMounted } from 'vue'

export function useOutsidePictures(allowed: () => boolean): void {
  function refused(event: SecurityPolicyViolationEvent): void {
    const address = new URL(location.href)
    if (event.effectiveDirective !== 'img-src' || !allowed() || address.searchParams.has('outside')) return
    address.searchParams.set('outside', '1')
    location.replace(address)
  }

  onMounted(() => document.addEventListener('securitypolicyviolation', refused))
  onBeforeUnmount(() => document.removeEventListener('securitypolicyviolation', refused))
}

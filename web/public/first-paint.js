// Sets theme, type size and language before the first paint. A file of its own, because the
// Content-Security-Policy allows no inline script.
;(function () {
  var root = document.documentElement
  try {
    var look = JSON.parse(localStorage.getItem('tavern.look') || '{}')
    if (look.theme === 'light' || look.theme === 'dark') root.dataset.theme = look.theme
    if (look.font_px) root.style.setProperty('--story-size', look.font_px / 16 + 'rem')
    var locale = look.locale || ((navigator.language || 'en').toLowerCase().indexOf('zh') === 0 ? 'zh-CN' : 'en')
    root.lang = locale
  } catch {
    root.lang = 'en'
  }
})()

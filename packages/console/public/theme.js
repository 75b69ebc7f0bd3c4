// Before the first paint, so that nobody sees the other theme for a moment. A file of its own: the content policy allows no inline script.
try {
  const theme = localStorage.getItem('codelab.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {}

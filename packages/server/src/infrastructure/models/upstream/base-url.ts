/** An address below a base URL that is given with its version (`/v1`) or without. */
export function versionedUrl(baseUrl: string, path: string): URL {
  const url = new URL(baseUrl)
  const base = url.pathname.replace(/\/+$/, '')
  const versioned = /\/v\d/.test(base) ? base : `${base}/v1`
  url.pathname = path === '' ? versioned : `${versioned}/${path}`
  return url
}

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/** Below that a file is as well sent as it is. */
const leastCompressed = 1024

/** The server sends a file's twin to who takes it compressed, and compresses nothing itself. */
const compressedTwins: Plugin = {
  name: 'compressed-twins',
  apply: 'build',
  writeBundle({ dir = '' }, bundle) {
    for (const [name, file] of Object.entries(bundle)) {
      const bytes = Buffer.from(file.type === 'chunk' ? file.code : file.source)
      if (bytes.length >= leastCompressed) writeFileSync(join(dir, `${name}.gz`), gzipSync(bytes, { level: 9 }))
    }
  },
}

// A test that builds says that it is one; what is built is for people all the same.
if (process.argv.includes('build')) process.env['NODE_ENV'] = 'production'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [compressedTwins],
  resolve: { conditions: ['codelab-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // A strict content policy allows no data: addresses for scripts and styles.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '^/(agents|approvals|auth|agent|api|context|events|grants|health|keys|models|overview|rules|sessions|maintenance|metrics|usage|openapi)':
        'http://127.0.0.1:8001',
    },
  },
})

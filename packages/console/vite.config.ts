import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
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
      '^/(agents|auth|agent|api|context|events|grants|health|keys|models|rules|sessions|maintenance|metrics|usage|openapi)':
        'http://127.0.0.1:8001',
    },
  },
})

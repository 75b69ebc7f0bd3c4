import { defineConfig } from 'rolldown'

/** What is shipped: the build with the packages that it uses, in a few files. A start that looks for 1,400 files of 60 packages spends most of
 *  its time on that, and keeps a record of each. What is loaded only when it is asked for stays a file of its own. */
export default defineConfig({
  input: 'dist/main.js',
  platform: 'node',
  // Whoever counts what is said to PostgreSQL wraps the package itself.
  external: ['pg'],
  // Some packages have a `main` that only `require` understands.
  resolve: { mainFields: ['module', 'main'] },
  output: { dir: 'dist/bundle', format: 'esm', chunkFileNames: '[name].js', comments: false, charset: 'ascii' },
})

/** `npm start`: builds the page where needed and serves it on one fixed port (a browser's storage belongs to its port). */
import { ensureBuilt } from './build.mjs'
import { serve } from './serve.mjs'

/** The page tests name one of their own. */
const PORT = Number(process.argv[2] ?? 4317)

try {
  const { address } = await serve(await ensureBuilt(), PORT)
  console.log(`Tabtune is at ${address}\nStop with Ctrl-C.`)
} catch (error) {
  if (error.code !== 'EADDRINUSE') throw error
  console.error(
    `Port ${PORT} is taken: Tabtune may already be running at http://localhost:${PORT}/; else stop what uses the port and try again.`,
  )
  process.exitCode = 1
}

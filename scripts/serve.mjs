/** A static server for `dist/`: what `npm start`, the command line and the page tests serve the page with. */
import { createServer } from 'node:http'
import sirv from 'sirv'

/** Vite names these by their content; everything else is asked for again each time. */
const HASHED = /\/assets\/[^/]+-[\w-]{8}\.\w+$/

/** Reads files at each request, so a new build is seen at once. */
export function staticHandler(folder) {
  return sirv(folder, {
    dev: true,
    etag: true,
    setHeaders(response, path) {
      if (HASHED.test(path)) response.setHeader('Cache-Control', 'public, max-age=31536000, immutable')
      if (path.endsWith('.safetensors')) response.setHeader('Content-Type', 'application/octet-stream')
      response.setHeader('X-Content-Type-Options', 'nosniff')
    },
  })
}

/**
 * Serves a folder on this machine only; port 0 takes a free one. `handle` may answer a request first (it returns
 * true when it does). Resolves to the server and its address. @throws EADDRINUSE where the port is taken.
 *
 * @param {string} folder
 * @param {number} port
 * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => boolean} handle
 */
export async function serve(folder, port, handle = () => false) {
  const files = staticHandler(folder)
  const server = createServer((request, response) => {
    if (!handle(request, response)) files(request, response)
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return { server, address: `http://localhost:${server.address().port}/` }
}

/** Speaks HTTP to a daemon's socket as any program could: with whatever token, and around every verb. */
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'

export interface Answered {
  readonly status: number
  /** Of the error; undefined when there was none. */
  readonly code: string | undefined
  readonly text: string
}

export interface SocketCall {
  readonly method: string
  readonly path: string
  readonly token: string | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** It goes on until nobody listens: its beginning is the answer. */
  readonly isStream?: boolean | undefined
}

export function callSocket(
  socketPath: string,
  { method, path, token, body, headers, isStream }: SocketCall,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ socketPath, method, path },
        headers: {
          ...(isStream ? { accept: 'application/x-ndjson' } : {}),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      },
      response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          if (isStream) end()
        })
        response.once('end', () => end())
        const end = () => {
          if (isStream) response.destroy()
          const text = Buffer.concat(chunks).toString('utf8')
          const code = /"code":"([A-Z_]+)"/.exec(text)?.[1]
          resolve({ status: response.statusCode ?? 0, code: response.statusCode === 200 ? undefined : code, text })
        }
      },
    )
    sent.once('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

export async function readToken(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim()
}

/** Starts the directory on PORT, or 3000. */
import { createApp } from './app.js'
import { createDirectory } from './directory.js'

const port = Number(process.env.PORT ?? 3000)
createApp(createDirectory()).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`))

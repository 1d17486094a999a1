/** Makes one note from the command line and prints it. */
import minimist from 'minimist'
import { note } from './notes.js'

console.log(JSON.stringify(note(minimist(process.argv.slice(2)))))

/** The version of the package: written in by the build, and read from the manifest when run from the sources. */
declare const __VERSION__: string | undefined

export const version: string = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source'

import { lifeVerb } from '../life.ts'

export const verb = lifeVerb('restart', ['agency restart CodeAgency/python-agent'])

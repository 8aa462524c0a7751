/** What the two commands share. */

import { realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIAGRAMS = fileURLToPath(new URL('../../bpmn/', import.meta.url));

/**
 * Return whether the module at `url` was started as a command rather than imported.
 *
 * Node gives the module's real path but the argument as typed: through a linked folder they differ.
 */
export const isStarted = (url) => Boolean(process.argv[1]) && realpathSync(process.argv[1]) === fileURLToPath(url);

/**
 * Return the files named on the command line, or else every diagram of the project.
 *
 * @param {string[]} named
 */
export async function diagramFiles(named) {
  if (named.length > 0) {
    return named;
  }
  const names = await readdir(DIAGRAMS).catch((error) => {
    if (error.code === 'ENOENT') {
      return [];
    }
    throw error;
  });
  return names.filter((name) => name.endsWith('.bpmn')).sort().map((name) => join(DIAGRAMS, name));
}

/**
 * Keeps a second process out of a data directory. Whoever holds it listens on a Unix socket in the directory: a socket
 * whose process is gone, however it ended, refuses connections, so that nothing left behind blocks a restart; one whose
 * process lives accepts them, also across containers that share the directory, where process ids mean nothing (R32).
 *
 * Every contender makes a socket under a random name of its own, and only then looks at the others. Of two at the same
 * time at least one sees the other, so that never both hold the directory; both may step back, and try again. Names are
 * never used twice, so that a dead one can be removed without a race.
 */

import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DirectoryLockedError } from '../errors.ts';

const PREFIX = 'lock.';
/** Bound, and perhaps not listening yet: looked at by nobody. */
const UNFINISHED_PREFIX = 'unfinished-lock.';
/** The system allows 104 to 108 bytes for the path of a socket. */
const SOCKET_PATH_BYTES_MAX = 100;
const NAME_BYTES_MAX = 40;
const ATTEMPTS = 5;
const BACK_OFF_MS = 50;
const ANSWER_MS = 1000;

/** What a holder says to whoever connects, and a contender does not. */
const HELD = 'held';

/** @throws {DirectoryLockedError} if a living process holds the directory. */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  for (let attempt = 1; ; attempt += 1) {
    const contender = await Contender.enter(directory);
    const rival = await contender.strongestRival();
    if (rival === 'none') return contender.hold();
    await contender.leave();
    if (rival === 'holder' || attempt === ATTEMPTS) throw new DirectoryLockedError(directory);
    // Another is trying too. Chance decides who comes back first.
    await delay(randomInt(1, BACK_OFF_MS * attempt));
  }
}

type Rival = 'none' | 'contender' | 'holder';

class Contender {
  private readonly directory: string;
  private readonly name: string;
  private readonly server: Server;
  private isHolder = false;

  private constructor(directory: string, name: string) {
    this.directory = directory;
    this.name = name;
    this.server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(this.isHolder ? HELD : '');
    });
    // The lock must not keep a process alive that has nothing else to do.
    this.server.unref();
  }

  /** From here on others see this one. */
  static async enter(directory: string): Promise<Contender> {
    const contender = new Contender(directory, randomBytes(8).toString('hex'));
    const unfinished = UNFINISHED_PREFIX + contender.name;
    await throughShortPath(directory, (short) => listen(contender.server, join(short, unfinished)));
    // Whoever sees a socket under the final name can connect to it: it listens already.
    await rename(join(directory, unfinished), join(directory, PREFIX + contender.name));
    return contender;
  }

  hold(): () => Promise<void> {
    this.isHolder = true;
    return () => this.leave();
  }

  async strongestRival(): Promise<Rival> {
    const names = (await readdir(this.directory)).filter(
      (name) => name.startsWith(PREFIX) && name !== PREFIX + this.name,
    );
    let strongest: Rival = 'none';
    for (const name of names) {
      const rival = await throughShortPath(this.directory, (short) => ask(join(short, name)));
      if (rival === 'none') await rm(join(this.directory, name), { force: true });
      else if (rival === 'holder') return rival;
      else strongest = rival;
    }
    return strongest;
  }

  async leave(): Promise<void> {
    await rm(join(this.directory, PREFIX + this.name), { force: true });
    await new Promise<void>((done) => {
      this.server.close(() => done());
    });
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((done, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      done();
    });
  });
}

/** Who answers at this socket. Only a refusal shows that nobody does: a process that is stopped still holds. */
function ask(path: string): Promise<Rival> {
  return new Promise((done) => {
    let said = '';
    const socket = connect(path);
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWER_MS, () => settle('holder'));
    socket.on('data', (text) => {
      said += String(text);
    });
    socket.on('end', () => settle(said === HELD ? 'holder' : 'contender'));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      settle(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'none' : 'holder');
    });
    function settle(rival: Rival): void {
      socket.destroy();
      done(rival);
    }
  });
}

/** Paths of sockets are short; where the directory's is not, a link in the system's temporary directory stands for it. */
async function throughShortPath<Result>(
  directory: string,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = resolve(directory);
  if (Buffer.byteLength(path) + NAME_BYTES_MAX <= SOCKET_PATH_BYTES_MAX) return use(path);
  const links = await mkdtemp(join(tmpdir(), 'raftkv-'));
  try {
    const link = join(links, 'd');
    await symlink(path, link);
    return await use(link);
  } finally {
    await rm(links, { recursive: true, force: true });
  }
}

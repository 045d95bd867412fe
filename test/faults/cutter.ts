/** Stands between a room and its database, and cuts connections at the worst moments: above all when the answer to a COMMIT is due. */
import { connect, createServer, type Socket } from 'node:net';

export interface Cutter {
  readonly port: number;
  /** From now on every so many exchanges (0 to 1) are cut; 0 lets all pass. */
  cutting(share: number): void;
  /** Cuts so far: the question was lost on its way, the connection was lost at work, or the answer was lost. */
  readonly cuts: Readonly<Record<Cut, number>>;
  close(): void;
}

type Cut = 'question' | 'work' | 'answer';

export async function openCutter(target: number): Promise<Cutter> {
  const cuts = { question: 0, work: 0, answer: 0 };
  const sockets = new Set<Socket>();
  let share = 0;
  const strikes = (cut: Cut, part: number) => {
    if (Math.random() >= share * part) return false;
    cuts[cut] += 1;
    return true;
  };

  const server = createServer((client) => {
    const database = connect(target, '127.0.0.1');
    const end = () => {
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (chunk) => {
      if (strikes('question', 0.25)) return end();
      database.write(chunk);
      if (strikes('work', 0.25)) database.end(() => client.destroy());
    });
    database.on('data', (chunk) => {
      if (strikes('answer', 1)) end();
      else client.write(chunk);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as { port: number }).port,
    cutting: (wanted) => (share = wanted),
    cuts,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

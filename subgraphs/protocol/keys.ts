/** `npm run keys`: prints new keys and a secret, as lines for an `.env` file. Nothing is written to disk. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const line = (name: string, pem: string | Buffer) => `${name}=${Buffer.from(pem).toString('base64')}\n`;
process.stdout.write(line('SLUSE_VIEWER_KEY', privateKey.export({ type: 'pkcs8', format: 'pem' })));
process.stdout.write(line('SLUSE_VIEWER_PUBLIC_KEY', publicKey.export({ type: 'spki', format: 'pem' })));
const log = generateKeyPairSync('ed25519');
process.stdout.write(line('SLUSE_LOG_KEY', log.privateKey.export({ type: 'pkcs8', format: 'pem' })));
process.stdout.write(`SLUSE_SECRET=${randomBytes(32).toString('base64url')}\n`);

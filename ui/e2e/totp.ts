import { createHmac } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const step = 30_000;

function bytesOf(secret: string): Buffer {
  const bits = [...secret.replace(/[=\s]/g, '').toUpperCase()]
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

/** An authenticator (RFC 6238): six digits that change every half minute, each used once. */
export class Authenticator {
  #used = 0;

  constructor(private readonly secret: string) {}

  /** The code of now, or the next one where this one has been used; the server allows for that. */
  code(): string {
    this.#used = Math.max(this.#used + 1, Math.floor(Date.now() / step));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.#used));
    const mac = createHmac('sha1', bytesOf(this.secret)).update(counter).digest();
    const offset = (mac.at(-1) ?? 0) & 15;
    const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
    return String(number).padStart(6, '0');
  }
}

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Mail } from './portal';

/** A mail server on this machine that takes every mail and keeps it. */
export class MailServer {
  readonly mails: Mail[] = [];
  #server: Server | undefined;
  #open = new Set<Socket>();

  constructor(readonly port: number) {}

  async start(): Promise<void> {
    const server = createServer((socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
      // A client that hangs up in the middle is no fault of the server.
      socket.on('error', () => socket.destroy());
      this.#serve(socket);
    });
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.close();
    for (const socket of this.#open) socket.destroy();
    await once(server, 'close');
  }

  read = async (): Promise<readonly Mail[]> => this.mails;

  #serve(socket: Socket): void {
    let buffer = '';
    let to = '';
    let data = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 mail.test ESMTP');
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      buffer += chunk;
      for (;;) {
        const end = data ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n');
        if (end < 0) return;
        const part = buffer.slice(0, end);
        buffer = buffer.slice(end + (data ? 5 : 2));
        if (data) {
          data = false;
          this.mails.push(readMail(to, part, String(this.mails.length)));
          say('250 2.0.0 kept');
          continue;
        }
        const verb = part.slice(0, 4).toUpperCase();
        if (verb === 'RCPT') to = /<([^>]*)>/.exec(part)?.[1] ?? '';
        if (verb === 'DATA') data = true;
        if (verb === 'QUIT') {
          socket.end('221 2.0.0 bye\r\n');
          return;
        }
        say(verb === 'DATA' ? '354 go on' : verb === 'EHLO' ? '250 mail.test' : '250 2.0.0 ok');
      }
    });
  }
}

/** The subject and the plain text of a message as it went over the wire. */
function readMail(to: string, raw: string, id: string): Mail {
  const { headers, body } = split(raw.replace(/^\.\./gm, '.'));
  const boundary = /boundary="?([^";\r\n]+)/i.exec(headers)?.[1];
  const parts = boundary ? body.split(`--${boundary}`).slice(1, -1) : [raw];
  const plain = parts.map(split).find((part) => /content-type: text\/plain/i.test(part.headers));
  const subject = /^subject: (.*(?:\r?\n[ \t].*)*)/im.exec(headers)?.[1] ?? '';
  return { id, to, subject: words(subject), text: plain ? decode(plain) : body };
}

interface Part {
  headers: string;
  body: string;
}

function split(message: string): Part {
  const text = message.replace(/^\r?\n/, '');
  const end = text.search(/\r?\n\r?\n/);
  return { headers: text.slice(0, end), body: text.slice(end).trimStart() };
}

function decode({ headers, body }: Part): string {
  const encoding = /^content-transfer-encoding: (\S+)/im.exec(headers)?.[1]?.toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  const text = encoding === 'quoted-printable' ? quoted(body.replace(/=\r?\n/g, '')) : body;
  return text.replaceAll('\r\n', '\n');
}

/** RFC 2045 §6.7: =C3=B8 and the like. */
function quoted(text: string): string {
  return text.replace(/(?:=[0-9A-F]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll('=', ''), 'hex').toString('utf8'),
  );
}

/** RFC 2047: =?utf-8?q?…?= in a header. */
function words(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(text, 'base64').toString('utf8')
        : quoted(text.replaceAll('_', ' ')),
    );
}

import { Duplex } from 'node:stream';

/** Two ends of a byte stream in memory, with back-pressure. */
export function duplexPair(): [Duplex, Duplex] {
  const left = end(() => right);
  const right = end(() => left);
  return [left, right];
}

interface End extends Duplex {
  /** The write of the other end that waits until this one is read. */
  taken?: () => void;
}

function end(other: () => End): End {
  const self: End = new Duplex({
    read() {
      const taken = self.taken;
      self.taken = undefined;
      taken?.();
    },
    write(chunk: Buffer, _encoding, done) {
      if (other().destroyed) return done();
      if (other().push(chunk)) done();
      else other().taken = done;
    },
    final(done) {
      if (!other().destroyed) other().push(null);
      done();
    },
    destroy(error, done) {
      setImmediate(() => other().destroyed || other().push(null));
      done(error);
    },
  });
  return self;
}

/**
 * The Huffman code of HPACK (RFC 7541 appendix B). It is canonical: within a length the codes ascend with the symbol,
 * so the 257 lengths are all that has to be known. One base-36 digit for each symbol, the last being EOS.
 */
const LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq' +
  'u';
const EOS = 256;
const LONGEST = 30;

const { symbols, firstCode, firstIndex } = canonicalTables();

function canonicalTables() {
  const lengths = Array.from(LENGTHS, (digit) => Number.parseInt(digit, 36));
  const symbols = lengths.map((_, symbol) => symbol).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const firstCode = new Uint32Array(LONGEST + 2);
  const firstIndex = new Uint16Array(LONGEST + 2);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= LONGEST; length++) {
    firstCode[length] = code;
    firstIndex[length] = index;
    while (index < symbols.length && lengths[symbols[index]!] === length) {
      index++;
      code++;
    }
    code *= 2;
  }
  firstIndex[LONGEST + 1] = index;
  return { symbols, firstCode, firstIndex };
}

/** @throws Error when the bits are no code, contain EOS, or are padded with anything but a few ones */
export function decodeHuffman(bytes: Uint8Array): Buffer {
  // The shortest code has five bits.
  const out = Buffer.allocUnsafe(Math.ceil((bytes.length * 8) / 5));
  let written = 0;
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      length++;
      if (length > LONGEST) throw new Error('invalid Huffman code');
      const offset = code - firstCode[length]!;
      const index = firstIndex[length]! + offset;
      if (offset < 0 || index >= firstIndex[length + 1]!) continue;
      const symbol = symbols[index]!;
      if (symbol === EOS) throw new Error('EOS in a Huffman string');
      out[written++] = symbol;
      code = 0;
      length = 0;
    }
  }
  if (length > 7 || code !== 2 ** length - 1) throw new Error('invalid Huffman padding');
  return out.subarray(0, written);
}

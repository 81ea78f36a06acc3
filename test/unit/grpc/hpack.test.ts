import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HeaderField, headerDecoder, headerEncoder } from '../../../src/grpc/hpack.ts';
import { decodeHuffman } from '../../../src/grpc/huffman.ts';

const LIMIT = 1 << 20;
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

const request = (path: string, scheme: string, authority: string): HeaderField[] => [
  [':method', 'GET'],
  [':scheme', scheme],
  [':path', path],
  [':authority', authority],
];
const requests: HeaderField[][] = [
  request('/', 'http', 'www.example.com'),
  [...request('/', 'http', 'www.example.com'), ['cache-control', 'no-cache']],
  [...request('/index.html', 'https', 'www.example.com'), ['custom-key', 'custom-value']],
];
const response = (status: string, date: string): HeaderField[] => [
  [':status', status],
  ['cache-control', 'private'],
  ['date', date],
  ['location', 'https://www.example.com'],
];
const responses: HeaderField[][] = [
  response('302', 'Mon, 21 Oct 2013 20:13:21 GMT'),
  response('307', 'Mon, 21 Oct 2013 20:13:21 GMT'),
  [
    ...response('200', 'Mon, 21 Oct 2013 20:13:22 GMT'),
    ['content-encoding', 'gzip'],
    ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
  ],
];

/** RFC 7541 appendix C: blocks that one decoder gets one after the other. */
const vectors: { name: string; tableSize?: number; blocks: string[]; fields: HeaderField[][] }[] = [
  {
    name: 'C.2.1 literal with indexing',
    blocks: ['400a637573746f6d2d6b65790d637573746f6d2d686561646572'],
    fields: [[['custom-key', 'custom-header']]],
  },
  {
    name: 'C.2.2 literal without indexing',
    blocks: ['040c2f73616d706c652f70617468'],
    fields: [[[':path', '/sample/path']]],
  },
  {
    name: 'C.2.3 literal never indexed',
    blocks: ['100870617373776f726406736563726574'],
    fields: [[['password', 'secret']]],
  },
  { name: 'C.2.4 indexed', blocks: ['82'], fields: [[[':method', 'GET']]] },
  {
    name: 'C.3 requests',
    blocks: [
      '828684410f7777772e6578616d706c652e636f6d',
      '828684be58086e6f2d6361636865',
      '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
    ],
    fields: requests,
  },
  {
    name: 'C.4 requests with Huffman',
    blocks: [
      '828684418cf1e3c2e5f23a6ba0ab90f4ff',
      '828684be5886a8eb10649cbf',
      '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
    ],
    fields: requests,
  },
  {
    name: 'C.5 responses with eviction',
    tableSize: 256,
    blocks: [
      '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d',
      '4803333037c1c0bf',
      '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
    ],
    fields: responses,
  },
  {
    name: 'C.6 responses with Huffman and eviction',
    tableSize: 256,
    blocks: [
      '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
      '4883640effc1c0bf',
      '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
    ],
    fields: responses,
  },
];

describe('hpack', () => {
  for (const { name, tableSize, blocks, fields } of vectors) {
    it(`decodes RFC 7541 ${name}`, () => {
      const decode = headerDecoder(LIMIT, tableSize);
      assert.deepEqual(
        blocks.map((block) => decode(bytes(block))),
        fields,
      );
    });
  }

  it('reads back what it encodes, block after block, repeated names in order', () => {
    const encode = headerEncoder();
    const decode = headerDecoder(LIMIT);
    const lists: HeaderField[][] = [
      [
        [':method', 'POST'],
        [':path', '/a'],
        ['x', ''],
        ['x', 'ÿ'],
        ['x-long', 'y'.repeat(70_000)],
      ],
      requests[2]!,
    ];
    for (const list of lists) assert.deepEqual(decode(encode(list)), list);
  });

  const broken = {
    'an index outside both tables': 'be',
    'index 0': '80',
    'a string longer than the block': '0005',
    'an endless integer': 'ffffffffffffffffffff',
    'a table larger than allowed': '3fe2ff03',
    'a table size after a field': '8220',
    'Huffman padding of zeros': '0081 1c 00',
  };
  for (const [name, block] of Object.entries(broken)) {
    it(`refuses ${name}`, () => assert.throws(() => headerDecoder(LIMIT)(bytes(block))));
  }

  it('refuses a header list over the limit', () => {
    const block = headerEncoder()([['a', 'b'.repeat(100)]]);
    assert.throws(() => headerDecoder(100)(block), /over 100 bytes/);
  });

  it('knows the longest Huffman codes and refuses EOS', () => {
    // 30 bits: 0x3ffffffc is a newline, 0x3fffffff is EOS.
    assert.deepEqual(decodeHuffman(bytes('fffffff3')), Buffer.from('\n'));
    assert.throws(() => decodeHuffman(bytes('ffffffff')), /EOS/);
  });
});

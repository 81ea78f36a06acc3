/** The package itself, as the independent reference: by its name, tsconfig.json leads to src/grpc/wire.ts. */
export { BinaryReader, BinaryWriter } from '../../node_modules/@bufbuild/protobuf/dist/esm/wire/index.js';

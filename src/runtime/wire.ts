/** What the generated messages use of the library; the build makes one bundle of it, for the bundles of all services. */
export { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';

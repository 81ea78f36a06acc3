import {
  CreateImageRequest,
  CreateImageResponse,
  DeleteImageRequest,
  GetImageRequest,
  GetImageResponse,
  Image,
  ListImagesRequest,
  ListImagesResponse,
  UpdateImageRequest,
  UpdateImageResponse,
} from '../gen/containerd/services/images/v1/images.ts';
import { complete } from './messages.ts';
import { Empty, type Rpc } from './rpc.ts';

export type { Image };

export type ImageInit = Partial<Image> & { name: string };

export interface Images {
  get(name: string): Promise<Image>;
  /** Filters are containerd's (`name==…`, `target.digest==…`, `labels."a"==b`); an image matches if one does. */
  list(filters?: string[]): Promise<Image[]>;
  create(image: ImageInit): Promise<Image>;
  /**
   * @param image with the target, also where that is not to change: containerd 2.1 crashes without
   * @param paths the fields to change (`target`, `labels`, `labels.a/b`); all of them when empty
   */
  update(image: ImageInit & { target: NonNullable<Image['target']> }, paths?: string[]): Promise<Image>;
  /** `sync` waits for the garbage collector to have removed what only this image held. */
  delete(name: string, options?: { sync?: boolean }): Promise<void>;
}

const SERVICE = 'containerd.services.images.v1.Images';

export function imagesService(rpc: Rpc): Images {
  return {
    async get(name) {
      return (await rpc.call(`${SERVICE}/Get`, GetImageRequest, { name }, GetImageResponse)).image!;
    },
    async list(filters = []) {
      return (await rpc.call(`${SERVICE}/List`, ListImagesRequest, { filters }, ListImagesResponse)).images;
    },
    async create(init) {
      const request = { image: complete(Image, init) };
      return (await rpc.call(`${SERVICE}/Create`, CreateImageRequest, request, CreateImageResponse)).image!;
    },
    async update(init, paths = []) {
      const request = { image: complete(Image, init), updateMask: paths.length > 0 ? paths : undefined };
      return (await rpc.call(`${SERVICE}/Update`, UpdateImageRequest, request, UpdateImageResponse)).image!;
    },
    delete: (name, { sync = false } = {}) => rpc.call(`${SERVICE}/Delete`, DeleteImageRequest, { name, sync }, Empty),
  };
}

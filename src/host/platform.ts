import { type Platform, hostPlatform as platformOf } from '../docker/platform.ts';

/** The platform whose programs run here. */
export function hostPlatform(): Platform {
  return platformOf(process.platform, process.arch);
}

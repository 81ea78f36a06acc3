declare const NERDCTL_VERSION: string | undefined;
declare const NERDCTL_REVISION: string | undefined;

/** Put in by the build; from source it is not known. */
export const version = typeof NERDCTL_VERSION === 'string' ? NERDCTL_VERSION : '0.0.0-source';
/** The commit the program was built from, or empty. */
export const revision = typeof NERDCTL_REVISION === 'string' ? NERDCTL_REVISION : '';

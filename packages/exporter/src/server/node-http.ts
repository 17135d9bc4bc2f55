/**
 * `node:http` without what Node.js keeps behind its getters: an `import` of the module reads them all, and one of them
 * loads the whole of fetch, which takes 10 MB.
 */
export const { createServer }: typeof import('node:http') = process.getBuiltinModule('node:http');

/** A file that is made from the code. `path` is relative to the repository. */
export interface GeneratedDocument {
  readonly path: string;
  readonly text: string;
}

export type Generate = () => readonly GeneratedDocument[] | Promise<readonly GeneratedDocument[]>;

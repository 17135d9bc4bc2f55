/** What a child that is driven is told: to turn its clock on, how many requests are kept from it, or to measure itself. */
export type ToChild = { readonly advance: number } | { readonly held: number } | { readonly usage: true };

/** Microseconds of the processor, and bytes. */
export interface Usage {
  readonly user: number;
  readonly system: number;
  readonly rss: number;
}

/** What it answers. */
export type FromChild = { readonly base: string } | { readonly advanced: true } | { readonly usage: Usage };

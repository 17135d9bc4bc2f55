export interface Account {
  /** 1 is the owner. */
  readonly id: number;
  readonly name: string;
  /** A token that is not the owner's. */
  readonly token?: string;
}

export interface Player {
  readonly title: string;
  readonly product: string;
  /** Some players have none. */
  readonly device?: string;
  readonly platform: string;
  /** Made from the title unless told. */
  readonly machineIdentifier?: string;
  readonly address?: string;
  readonly relayed?: boolean;
  readonly secure?: boolean;
}

/** The part of libheif-js that is used; its own declarations are of the compiled C functions. */
declare module 'libheif-js/libheif-wasm/libheif-bundle.mjs' {
  interface HeifImage {
    get_width(): number
    get_height(): number
    is_primary(): boolean
    has_alpha_channel(): boolean
    /**
     * Decodes into `into.data`, RGBA bytes [height, width, 4], upright; gives null where it cannot.
     * The answer comes in a later task.
     */
    display(into: { data: Uint8ClampedArray }, done: (decoded: object | null) => void): void
    free(): void
  }
  interface LibHeif {
    HeifDecoder: new () => {
      /** The pictures of a file, valid until the next call; empty where there is none. */
      decode(bytes: Uint8Array): HeifImage[]
    }
  }
  export default function libheif(): LibHeif
}

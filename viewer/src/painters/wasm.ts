/** The file of ONNX Runtime's WebAssembly. */
export const WASM = "ort-wasm-simd-threaded.wasm";

"""QuickJS-ng as WebAssembly: `quickjs.wasm`. README.md says where it comes from."""

"""Networks at run time: the only importer of onnxruntime. Approximate: machines may differ in the last bit."""

"""Video files to frames and back. The only importer of `av` (PyAV, the extra `video`)."""

"""`semcodec serve FOLDER`: a folder of .semc files as a gallery in a browser, and the codec as HTTP endpoints.

Strangers' bytes are read by worker processes alone (`worker.py`), each with a time and a memory limit. The process that
listens (`app.py`) says who may come in (`guard.py`), how much one client may ask for at a time (`gate.py`), and passes
bytes on. docs/service.md says what is promised. Needs the extra `serve` (starlette, uvicorn).
"""

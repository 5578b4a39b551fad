"""The file's frame: header and sections. Blind to entropy coding and to what the sections hold."""

from semcodec.container.header import check_size, working_size
from semcodec.container.sections import find_sections, num_framing_bytes, read_file, write_file

__all__ = ["check_size", "find_sections", "num_framing_bytes", "read_file", "working_size", "write_file"]

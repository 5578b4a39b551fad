from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

from semcodec.errors import WeightsError
from semcodec.nets.session import open_session


@pytest.fixture(scope="module")
def greedy() -> bytes:
    """A network that makes as many zeros as it is asked for."""
    shape = helper.make_tensor_value_info("shape", TensorProto.INT64, [1])
    zeros = helper.make_tensor_value_info("zeros", TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node("ConstantOfShape", ["shape"], ["zeros"])], "greedy", [shape], [zeros])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return bytes(model.SerializeToString())


def test_a_network_that_finds_no_memory_says_so_and_nothing_else(greedy: bytes, capfd: pytest.CaptureFixture[str]):
    session = open_session(greedy, threads=1)
    assert session.output_names == ["zeros"]
    assert session.run(None, {"shape": np.array([5])})[0].tolist() == [0] * 5
    with pytest.raises(MemoryError, match="not enough memory"):
        session.run(None, {"shape": np.array([1 << 45])})
    assert capfd.readouterr() == ("", "")


def test_other_errors_of_the_runtime_stay_what_they_are(greedy: bytes):
    with pytest.raises(Exception, match=r"(?i)invalid") as raised:
        open_session(greedy, threads=1).run(None, {"shape": np.zeros(1, np.float32)})
    assert not isinstance(raised.value, MemoryError)
    assert open_session(greedy).run(["zeros"], {"shape": np.array([1])})[0].shape == (1,)


def test_a_network_that_cannot_be_opened_is_said_once(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(WeightsError, match="cannot be opened by onnxruntime"):
        open_session(b"no network")
    assert capfd.readouterr() == ("", "")


def test_a_network_is_handed_arrays_that_its_file_lacks_and_keeps_them_for_its_forks():
    added = TensorProto(name="added", data_type=TensorProto.FLOAT, dims=[4096], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", "elsewhere"), ("offset", "0"), ("length", str(4 * 4096))):
        added.external_data.add(key=key, value=value)
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [4096]) for name in ("x", "y"))
    graph = helper.make_graph([helper.make_node("Add", ["x", "added"], ["y"])], "sum", [x], [y], [added])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    session = open_session(model.SerializeToString(), initializers={"added": np.full(4096, 3, np.float32)})
    zeros = [np.zeros(4096, np.float32) for _ in range(8)]  # (in the place of what is not kept)
    assert session.run(None, {"x": zeros[0]})[0].tolist() == [3] * 4096
    session._session.after_fork()
    assert session.run(None, {"x": zeros[0]})[0].tolist() == [3] * 4096

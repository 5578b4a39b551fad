"""Archives: the same work on many pictures, on one machine or many, each picture once.

    job = Encode(bytes=1000)
    run_job(job, "s3://photos", "s3://photos-semc", reading=Reading(suffixes=(".jpg",)), engine=Engine("ray", 64))

Where a pipeline is there already, `Encode`, `Describe` and `Decode` are functions of batches for it: Ray's and Dask's
`map_batches` and `map_partitions` call them, Spark's `mapInPandas` their `over` (docs/archives.md).
"""

from __future__ import annotations

from semcodec.jobs.columns import COLUMNS, arrow_schema, spark_schema
from semcodec.jobs.decode import Decode
from semcodec.jobs.describe import Describe
from semcodec.jobs.encode import Encode
from semcodec.jobs.index import Index, index_job
from semcodec.jobs.on_ray import Cluster
from semcodec.jobs.perform import Manner
from semcodec.jobs.run import Engine, Summary, run_job, verify_job
from semcodec.jobs.tasks import Reading

__all__ = [
    "COLUMNS",
    "Cluster",
    "Decode",
    "Describe",
    "Encode",
    "Engine",
    "Index",
    "Manner",
    "Reading",
    "Summary",
    "arrow_schema",
    "index_job",
    "run_job",
    "spark_schema",
    "verify_job",
]

"""A program with a session of Spark of its own, in a JVM beside it, that opens a lake with it; prints what it found."""

import json
import os
import sys

os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"

from pyspark.sql import SparkSession

import intercom_kit as ik

builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
for name, value in json.loads(sys.argv[2]).items():
    builder = builder.config(name, value)
session = builder.getOrCreate()
session.conf.set("spark.sql.session.timeZone", "Asia/Kathmandu")
with ik.open(sys.argv[1], engine="spark", session=session) as lake:
    answer = lake.metric("first_response_time", by="team", since="60d")
zone = session.conf.get("spark.sql.session.timeZone")
views = [each.name for each in session.catalog.listTables()]
print(json.dumps({"n": answer["n"].tolist(), "zone": zone, "views": views}))
session.stop()

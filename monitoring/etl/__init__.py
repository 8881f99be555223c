"""Runs explained: what an import did, chunk by chunk, what it said, how fast it was (docs/etl.md).

monitor      ETLMonitor: executions, chunks, numbers; what everything else here serves
recorder     its lines and metrics
logger       ETLLogger: log lines that know their execution, chunk and fixture
performance  PerformanceTracker: operations timed, counters, gauges, histograms
alerts       ETLAlertManager: thresholds, and what passes them; the alert rules read the same
place        which execution, chunk and fixture the code at hand works on, across tasks and threads
pending      what was said since the last batch
journal      batches on disk, so that they outlive this process and a database that is away
writer       two threads: from memory to the journal, from the journal to the database
histogram, values   arithmetic and plain values; pure
"""

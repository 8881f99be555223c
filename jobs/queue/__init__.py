"""The persistent queue: Procrastinate's worker, whose every word with the database goes through our SQL
(docs/jobs.md).

kinds       what a job can be: declared, with its handler, its limits and its schedule
context     what a handler is given
retrying    how an error ends an attempt: again, when, or never; pure
causes      why it failed, in words and as a fingerprint; pure
schedules   when a schedule is due next; pure
calls       the queue's SQL functions, awaited
outage      a database that is away, told once
endings     how attempts ended, kept until the database knows
attempts    one attempt: the handler in its limits, and what became of it
waking      what makes the worker look for jobs, or stop one
manager     what Procrastinate's worker asks of its database, answered by `calls`
worker      all of it, running
"""

"""Logs as tables: SQL over any number of them, in little memory, whatever form they have.

    columns   the columns that the schema of the log has in SQL
    sources   which logs and packs are meant, and what is wrong with them
    sieve     which of their lines are none; `salvage` makes copies without those
    tables    the database: relations `events` and `runs`, over logs and packs alike
    pack      logs into Parquet, every event kept; `unpack` gives their runs back
    holds     who had which lock, from when to when; `acquisitions` puts together what is known
    summary   locks  signals  threads  query    what is asked of them

DuckDB (the extra `logs`) does the work, and is imported when it is wanted. It reads a torn
line as a row of nulls, an empty one and a compressed file that is cut off as no row at all, 5.5 as
6 where a whole number is wanted, and passes over fields that it is not asked for. What a line of a
log is, is for the record to say (`emu.record.judging`): every line is shown to it, but by
`summary` and `locks`, for which that takes too long; they do so where something is odd.
"""

--- Counters since the program started: retries, and seconds of waiting for a vendor's rate. `each` reports
-- the difference over its run.

return { retries = 0, waited = 0 }

--- What has been counted since the program started: requests tried again, and seconds spent waiting for
-- a vendor's rate. `each` reports the difference over its run.

return { retries = 0, waited = 0 }

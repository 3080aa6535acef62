--- The commands that say what has changed: drift, snapshot, compare. commands.lua says of what an entry
-- consists.

return {}

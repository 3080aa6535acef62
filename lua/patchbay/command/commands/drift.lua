--- The commands that show changes: drift, snapshot, compare. commands.lua describes the members of an entry.

local shared = require "patchbay.command.commands.shared"

return {
  {
    name = "drift", module = "patchbay.command.drift",
    summary = "Show the changes of others since the last apply, or since a snapshot",
    details = "Nothing is changed. Each difference is ours, theirs or unknown, by the record of changes "
      .. "(changes_log). The exit status is 2 where there are differences that are not ours.",
    arguments = { { "file", "Desired-state file; may be left out with --since", args = "?" } },
    options = {
      { "--since", "Compare with this snapshot instead of the last apply", argument = "SNAPSHOT" },
      { "--changes-log", "Record of changes, instead of the accounts' own; may be given several times",
        argument = "FILE", many = true },
      { "--state", "State file, instead of the one beside FILE", argument = "STATE" },
      { "--not-ours", "Leave out our own changes, and do not count them as differences" },
      shared.output("text", "json"), shared.ACCOUNTS,
    },
    examples = {
      { "patchbay drift routes.lua", "the differences from the last apply of routes.lua" },
      { "patchbay drift --since evening.snapshot --not-ours", "the changes of others since last evening" },
    },
  },
  {
    name = "snapshot", module = "patchbay.command.snapshot",
    summary = "Save collections as the vendors show them now",
    details = "The file is for this user alone, has no secrets, and takes the place of an older snapshot.",
    arguments = {
      { "file", "File of the snapshot" },
      { "collections", "Collections, such as telegent.numbers, or accounts; without one, all that can be "
        .. "read", args = "*" },
    },
    options = {
      { "--secrets", "Leave secrets out, or show that there are some", argument = "HOW",
        choices = { "omit", "mask" }, default = "omit" },
      shared.ACCOUNTS,
    },
    examples = {
      { "patchbay snapshot evening.snapshot telegent.voice_routes telegent.numbers", "two collections" },
      { "patchbay snapshot evening.snapshot", "all collections of all accounts" },
    },
  },
  {
    name = "compare", module = "patchbay.command.compare",
    summary = "Compare two snapshots",
    details = "Nothing is sent, and no credentials are needed. The exit status is 2 where they differ.",
    arguments = { { "before", "The older snapshot" }, { "after", "The newer one" } },
    options = { shared.output("text", "json"), shared.ACCOUNTS },
    examples = { { "patchbay compare monday.snapshot tuesday.snapshot", "the changes of a day" } },
  },
}

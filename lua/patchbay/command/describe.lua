--- patchbay describe: accounts, vendors, collections and fields in words.

local patchbay = require "patchbay"
local failure = require "patchbay.command.failure"

-- The names of all accounts, with their vendors.
local function overview(context)
  local list = {}
  for i, name in ipairs(context.accounts:names()) do
    list[i] = { name, context.accounts:has_credentials(name) and "" or "(no credentials are known)" }
  end
  require("patchbay.command.output.table").pairs(context, list)
  return failure.DONE
end

return function(context, arguments)
  local name = arguments.name
  if not name then return overview(context) end
  local account, rest = name:match "^([^.]*)(.*)$"
  local constructor = context.accounts:constructor(account)
  local vendor = patchbay.describe(constructor).name
  local ok, description = pcall(patchbay.describe, rest == "" and constructor or vendor .. rest)
  if not ok then context.refuse(description) end
  -- Collections are called as the command line calls them: by the account.
  local by_vendor = "^(%s*)" .. vendor:gsub("%p", "%%%0") .. "%."
  for line in (tostring(description) .. "\n"):gmatch "([^\n]*)\n" do
    line = line:gsub(by_vendor, "%1" .. account .. ".")
    context.out(context.prose(line:gsub("%s+$", "") .. "\n"))
  end
  return failure.DONE
end

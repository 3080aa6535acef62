std = "min" -- what Lua 5.1 to 5.5 and LuaJIT have in common
cache = false
max_line_length = 110
exclude_files = { "build", "build-*" }
-- An unused argument documents the signature; `self` need not be used.
unused_args = false
self = false

files["spec"] = { std = "+busted" }
-- Rules of vendors' documents, as they stand in reports.
files["spec/data/openapi/broken_examples.lua"] = { max_line_length = false }
-- Describes the module for editors: what it declares is never used.
files["bin/generate/surface.meta.lua"] = { ignore = { "211", "241" }, max_line_length = false }
files[".luacheckrc"] = { std = "+luacheckrc" }
files["lua/patchbay/sandbox/server.lua"] = { globals = { "ngx" } }
files["lua/patchbay/hosts/nginx/*.lua"] = { globals = { "ngx" } }
files["lua/patchbay/shared/resty.lua"] = { read_globals = { "ngx" } }
files["examples/openresty"] = { globals = { "ngx" } }
files["examples/desired/routes.lua"] = { read_globals = { "new", "ref" } }
files["examples/how-to/*_spec.lua"] = { std = "+busted" }
files["examples/haproxy"] = { read_globals = { "core" } }
